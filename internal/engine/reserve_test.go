package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// memory is Reserve of a Memory for which it is not worth waiting.
type memory func(bytes int64) bool

func (m memory) Reserve(bytes int64) bool { return m(bytes) }
func (memory) Await(int64, int64) bool    { return false }
func (memory) Return()                    {}

// What there is no memory for stays where it is: receives go on with it, in order, as soon as there is some.
func TestReceive_within_memory(t *testing.T) {
	const n = 25
	kinds := map[string]struct {
		create func(h *harness) *Queue
		send   func(h *harness, q *Queue, body string)
	}{
		"standard":      {func(h *harness) *Queue { return h.create("q") }, func(h *harness, q *Queue, body string) { h.send(q, body) }},
		"delayed":       {func(h *harness) *Queue { return h.create("q") }, func(h *harness, q *Queue, body string) { h.sendDelayed(q, time.Second, body) }},
		"with_groups":   {func(h *harness) *Queue { return h.createWithGroups("q") }, sendGrouped},
		"fifo":          {func(h *harness) *Queue { return h.createFIFO("q.fifo") }, sendGrouped},
		"out_of_window": {func(h *harness) *Queue { return h.create("q") }, func(h *harness, q *Queue, body string) { h.send(q, body) }},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			o := Options{}
			if name == "out_of_window" {
				o.CacheBytes = 1
			}
			run(t, o, func(h *harness) {
				q := kind.create(h)
				for i := range n {
					kind.send(h, q, fmt.Sprintf("%02d", i)+strings.Repeat("x", 1000))
				}
				time.Sleep(2 * time.Second)
				seen := map[string]bool{}
				for round := 0; len(seen) < n && round < 100; round++ {
					room := []int64{0, 1500, 5000}[round%3]
					ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: time.Hour, Memory: memory(func(bytes int64) bool {
						if bytes > room {
							return false
						}
						room -= bytes
						return true
					})})
					switch max := []int{0, 1, 4}[round%3]; {
					case max == 0 && !errors.Is(err, ErrOverloaded):
						t.Fatalf("without memory: got %d messages, %v", len(ds), err)
					case max > 0 && (err != nil || len(ds) > max || len(ds) == 0):
						t.Fatalf("with memory for %d: got %d messages, %v", max, len(ds), err)
					}
					for _, d := range ds {
						if seen[d.Body[:2]] || d.ReceiveCount != 1 {
							t.Errorf("%s was received again, count %d", d.Body[:2], d.ReceiveCount)
						}
						seen[d.Body[:2]] = true
						h.delete(q, d)
					}
				}
				if len(seen) != n {
					t.Errorf("got %d messages, want %d", len(seen), n)
				}
				h.wantCounts(q, 0, 0, 0)
			})
		})
	}
}

func sendGrouped(h *harness, q *Queue, body string) {
	h.t.Helper()
	_, err := q.Send(context.Background(), []NewMessage{{Body: body, GroupID: "g" + body[1:2], DeduplicationID: body[:2]}})
	if err != nil {
		h.t.Fatal(err)
	}
}

// A long poll that is woken for a message that it has no memory for passes it on.
func TestReceive_without_memory_wakes_the_next(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		poll := func(enough bool) <-chan error {
			ended := make(chan error, 1)
			go func() {
				_, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Visibility: -1, Wait: 20 * time.Second,
					Memory: memory(func(int64) bool { return enough })})
				ended <- err
			}()
			time.Sleep(time.Second)
			return ended
		}
		first, second := poll(false), poll(true)
		h.send(q, "a")
		if err := <-first; !errors.Is(err, ErrOverloaded) {
			t.Errorf("the first: got %v, want %v", err, ErrOverloaded)
		}
		began := time.Now()
		if err := <-second; err != nil || time.Since(began) > 0 {
			t.Errorf("the second: got %v after %v, want the message at once", err, time.Since(began))
		}
	})
}

// lease is memory that one has to wait for, like that of package gateway. All that its receives hold is counted.
type lease struct {
	h    *harness
	held atomic.Int64
	wait time.Duration
	asks [][2]int64
}

func (l *lease) Reserve(bytes int64) bool {
	if l.held.Load() < bytes {
		return false
	}
	l.held.Add(-bytes)
	return true
}

func (l *lease) Await(least, most int64) bool {
	if n := l.held.Load(); n != 0 {
		l.h.t.Errorf("it waits for memory and holds %d", n)
	}
	l.asks = append(l.asks, [2]int64{least, most})
	time.Sleep(l.wait)
	l.held.Store(most)
	return true
}

func (l *lease) Return() { l.held.Store(0) }

// A receive waits for memory, without holding any, and then goes on as if nothing had been: also a poll whose messages have
// gone to others meanwhile, which waits for more, and no longer than it was asked to.
func TestReceive_waits_for_memory(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		receive := func(l *lease, wait time.Duration) (got []string, took time.Duration) {
			began := time.Now()
			ds, err := q.Receive(context.Background(), ReceiveParams{Max: 3, Visibility: -1, Wait: wait, Memory: l})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				got = append(got, d.Body)
			}
			return got, time.Since(began)
		}

		h.send(q, "a", "b")
		l := &lease{h: h, wait: 3 * time.Second}
		got, took := receive(l, 0)
		if fmt.Sprint(got) != "[a b]" || took != 3*time.Second {
			t.Errorf("got %v after %v, want both messages after 3 s", got, took)
		}
		if len(l.asks) != 1 || l.asks[0][0] < 1 || l.asks[0][1] != 3*l.asks[0][0] {
			t.Errorf("asked for %v, want the size of one message, or of three", l.asks)
		}

		h.send(q, "d")
		l = &lease{h: h, wait: 3 * time.Second}
		go func() {
			time.Sleep(time.Second)
			h.want(h.receive(q, 10), "d")
			time.Sleep(7 * time.Second)
			if n := l.held.Load(); n != 0 {
				t.Errorf("it waits for a message and holds %d", n)
			}
			h.send(q, "e")
		}()
		if got, took := receive(l, 10*time.Second); fmt.Sprint(got) != "[e]" || took != 11*time.Second || len(l.asks) != 2 {
			t.Errorf("got %v after %v, having asked for %v, want e after 8 and 3 s", got, took, l.asks)
		}
		l = &lease{h: h}
		if got, took := receive(l, 10*time.Second); len(got) != 0 || took != 10*time.Second || len(l.asks) != 0 {
			t.Errorf("got %v after %v, having asked for %v, want nothing after 10 s", got, took, l.asks)
		}
	})
}

// A receive that repeats another pays as that one did, for all of its messages, or gets none of them, and nothing has happened.
func TestReceive_repeated_within_memory(t *testing.T) {
	stalled(t, nil, func(h *harness, _ *Queue, g *gate) {
		q := h.createFIFO("q.fifo")
		h.sendTo(q, "a-1", "a-2", "a-3")
		ask := func(ctx context.Context, room int64) (ds []Delivery, paid int64, err error) {
			ds, err = q.Receive(ctx, ReceiveParams{Max: 10, Visibility: 30 * time.Second, AttemptID: "again", Memory: memory(func(bytes int64) bool {
				if paid+bytes > room {
					return false
				}
				paid += bytes
				return true
			})})
			return ds, paid, err
		}
		refused := func(room int64) {
			t.Helper()
			ended := make(chan error, 1)
			go func() { _, _, err := ask(context.Background(), room); ended <- err }()
			select {
			case err := <-ended:
				if !errors.Is(err, ErrOverloaded) {
					t.Errorf("with memory for less: got %v, want %v", err, ErrOverloaded)
				}
			case <-time.After(time.Millisecond):
				t.Error("with memory for less: it has got something, and waits for the disk")
			}
		}
		first, size, err := ask(context.Background(), 1<<20)
		h.want(first, "a-1", "a-2", "a-3")
		time.Sleep(29 * time.Second)
		refused(size - 1)
		again, paid, _ := ask(context.Background(), size)
		h.want(again, "a-1", "a-2", "a-3")
		if err != nil || paid != size || again[2].Handle != first[2].Handle {
			t.Errorf("got %v, %d bytes paid and handle %s, want %d and %s", err, paid, again[2].Handle, size, first[2].Handle)
		}
		time.Sleep(29 * time.Second)
		refused(size - 1)
		time.Sleep(time.Second) // the timeout that the repetition has set is over, as the one that was refused has set none

		// The client of a receive leaves before that is on disk: it is undone, since nobody else has got the messages.
		ctx, leave := context.WithCancel(context.Background())
		g.shut()
		ended := make(results)
		ended.call(func() error { _, _, err := ask(ctx, size); return err })
		synctest.Wait()
		refused(size - 1)
		leave()
		g.open()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: got %v", err)
		}
		h.want(h.receive(q, 10), "a-1*2", "a-2*2", "a-3*2")
	})
}
