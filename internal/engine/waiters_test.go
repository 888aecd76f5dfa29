package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Polls that want ten keep their places in line when others are served: nobody is woken for what somebody else will take.
func TestWake_as_many_as_it_takes(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		var got []string
		for i := range 5 {
			go func() {
				if ds := h.receiveFor(q, 10, -1, 20*time.Second); len(ds) > 0 {
					got = append(got, fmt.Sprintf("poll %d: %d", i, len(ds)))
				}
			}()
			synctest.Wait()
		}
		for _, n := range []int{10, 7, 5, 1} {
			h.send(q, slices.Repeat([]string{"x"}, n)...)
			synctest.Wait()
		}
		if want := []string{"poll 0: 10", "poll 1: 7", "poll 2: 5", "poll 3: 1"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// No message stays where it is while somebody waits for one, whatever polls want, and whenever they end or their clients
// leave. Nothing is kept for polls that are over.
func TestWake_nobody_waits_beside_a_message(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			o := Options{}
			if seed%4 > 1 {
				o.CacheBytes = 1 // so nearly all messages come from the disk, ten at a time
			}
			run(t, o, func(h *harness) {
				r := rand.New(rand.NewPCG(seed, 1))
				q, fifo := h.create("q"), seed%2 == 1
				if fifo {
					q = h.createFIFO("q.fifo")
				}
				ctx, end := context.WithCancel(context.Background())
				var received atomic.Int64
				sent := 0
				for step := range 200 {
					for range r.IntN(4) {
						ctx, leave := context.WithCancel(ctx)
						p := ReceiveParams{Max: 1 + r.IntN(10), Visibility: time.Hour, Wait: time.Duration(max(0, r.IntN(25)-5)) * time.Second}
						go func() {
							ds, err := q.Receive(ctx, p)
							if err == nil {
								received.Add(int64(len(ds)))
								h.delete(q, ds...)
							}
							leave()
						}()
						if r.IntN(4) == 0 { // at the same moment as what comes next, or later
							if r.IntN(2) == 0 {
								synctest.Wait()
							}
							go leave()
						}
					}
					ms := make([]NewMessage, r.IntN(20)/2)
					for i := range ms {
						ms[i] = NewMessage{Body: "x", Delay: time.Duration(r.IntN(2)*r.IntN(5)) * time.Second}
						if fifo {
							ms[i].Delay, ms[i].GroupID, ms[i].DeduplicationID = -1, fmt.Sprint(r.IntN(5)), fmt.Sprint(step, i)
						}
					}
					if len(ms) > 0 {
						go q.Send(context.Background(), ms)
						sent += len(ms)
					}
					if r.IntN(2) == 0 {
						time.Sleep(time.Duration(r.IntN(1500)) * time.Millisecond)
					}
					synctest.Wait()
					q.mu.Lock()
					if waiting, visible := q.mu.waiters.Len(), q.visibleLocked(); waiting > 0 && visible > 0 || q.mu.refilling.Len() > 0 || q.mu.owed != 0 {
						t.Fatalf("step %d: %d wait beside %d visible ones, of which %d are kept for somebody", step, waiting, visible, q.mu.owed)
					}
					q.mu.Unlock()
				}
				end()
				time.Sleep(time.Hour)
				for ds := h.receive(q, 10); len(ds) > 0; ds = h.receive(q, 10) {
					received.Add(int64(len(ds)))
					h.delete(q, ds...)
				}
				if got := int(received.Load()); got != sent {
					t.Errorf("received %d messages of %d", got, sent)
				}
			})
		})
	}
}

// As many receives as it takes for all messages, which are on disk: each gets ten, and none is left behind.
func TestWake_for_what_is_on_disk(t *testing.T) {
	runLarge(t, Options{}, func(h *harness) {
		q := h.create("q")
		const polls = 3 * maxWindow / 10
		for range polls {
			h.send(q, slices.Repeat([]string{"x"}, 10)...)
		}
		h.close()
		h.open()
		q = h.queue("q")
		var all sync.WaitGroup
		for i := range polls {
			all.Go(func() {
				if n := len(h.receiveFor(q, 10, time.Hour, time.Duration(i%2)*time.Second)); n != 10 {
					t.Errorf("got %d messages, want 10", n)
				}
			})
		}
		all.Wait()
		h.want(h.receive(q, 10))
	})
}
