package room

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func limits(ns ...int64) func(Rank) int64 { return func(r Rank) int64 { return ns[r] } }

func TestTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(limits(10, 8, 6))
		if !r.Take(6, 2, 0, nil) || r.Take(1, 2, 0, nil) {
			t.Error("the last rank: want room for 6, and for no more")
		}
		if !r.Take(2, 1, 0, nil) || r.Take(1, 1, 0, nil) || !r.Take(2, 0, 0, nil) || r.Take(1, 0, 0, nil) {
			t.Error("the others: want room for 2 more each")
		}
		began := time.Now()
		if r.Take(1, 0, time.Second, nil) || time.Since(began) != time.Second {
			t.Errorf("got it, or gave up after %v, want 1 s", time.Since(began))
		}
		if r.Take(11, 0, time.Second, nil) || time.Since(began) != time.Second {
			t.Error("waited for what can never be")
		}
	})
}

// Turns come by rank, and within a rank by arrival; a small share does not pass a large one.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(limits(10, 10, 10))
		r.Take(10, 0, 0, nil)
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		for _, w := range []struct {
			name string
			n    int64
			rank Rank
		}{{"large", 8, 2}, {"small", 1, 2}, {"middle", 3, 1}, {"urgent", 1, 0}} {
			all.Go(func() {
				if !r.Take(w.n, w.rank, time.Hour, nil) {
					t.Errorf("%s did not get a turn", w.name)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, w.name)
			})
			synctest.Wait()
		}
		for range 10 {
			r.Return(1)
			synctest.Wait()
		}
		if want := []string{"urgent", "middle"}; !slices.Equal(order, want) {
			t.Errorf("with room for 10: got %v, want %v: the large one is next", order, want)
		}
		r.Return(4)
		all.Wait()
		if want := []string{"urgent", "middle", "large", "small"}; !slices.Equal(order[:2], want[:2]) || len(order) != 4 {
			t.Errorf("got %v, want %v", order, want)
		}
	})
}

// Who gives up makes room for those behind.
func TestTurn_after_one_who_gave_up(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(limits(10, 10, 10))
		r.Take(5, 0, 0, nil)
		go r.Take(8, 0, time.Second, nil)
		synctest.Wait()
		began := time.Now()
		if !r.Take(2, 0, time.Hour, nil) || time.Since(began) != time.Second {
			t.Errorf("got a turn after %v, want 1 s", time.Since(began))
		}
	})
}

// A room that has become smaller is not taken from until enough was given back.
func TestLimit_changes(t *testing.T) {
	limit := int64(10)
	r := New(func(Rank) int64 { return limit })
	r.Take(6, 0, 0, nil)
	limit = 5
	if r.Take(1, 0, 0, nil) {
		t.Error("got 1 with 6 of 5 taken")
	}
	r.Return(2)
	if !r.Take(1, 0, 0, nil) || r.Take(1, 0, 0, nil) {
		t.Error("with 4 of 5 taken: want room for 1")
	}
}
