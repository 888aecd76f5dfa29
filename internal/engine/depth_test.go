package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// drain receives and deletes until nothing is left, and returns the bodies in order.
func (h *harness) drain(q *Queue) []string {
	h.t.Helper()
	var bodies []string
	for {
		ds := h.receive(q, 10)
		if len(ds) == 0 {
			return bodies
		}
		for _, d := range ds {
			bodies = append(bodies, d.Body)
		}
		h.delete(q, ds...)
	}
}

func (h *harness) wantInOrder(got []string, n int) {
	h.t.Helper()
	if len(got) != n {
		h.t.Errorf("got %d messages, want %d", len(got), n)
	}
	for i, body := range got {
		if want := fmt.Sprintf("m%d", i); body != want {
			h.t.Errorf("message %d is %s, want %s", i, body, want)
			return
		}
	}
}

// More than the windows hold: what does not fit is read back from disk, in order, nothing twice.
func TestBacklogBeyondTheWindow(t *testing.T) {
	const n = 3*maxWindow + 77
	t.Run("standing", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, numbered(n)...)
			h.wantCounts(q, n, 0, 0)
			h.wantInOrder(h.drain(q), n)
			h.wantCounts(q, 0, 0, 0)
		})
	})
	t.Run("after a crash", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			h.send(h.create("q"), numbered(n)...)
			h.crash()
			h.wantInOrder(h.drain(h.queue("q")), n)
		})
	})
	t.Run("crashes on the way", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, numbered(n)...)
			var got []string
			for len(got) < n {
				for range 100 {
					ds := h.receive(q, 10)
					for _, d := range ds {
						got = append(got, d.Body)
					}
					h.delete(q, ds...)
				}
				h.crash()
				q = h.queue("q")
			}
			h.wantInOrder(got, n)
		})
	})
	t.Run("sent while it is drained, without room in the cache", func(t *testing.T) {
		run(t, Options{CacheBytes: 1}, func(h *harness) {
			q := h.create("q")
			bodies, got := numbered(5000), []string{}
			for i := 0; i < len(bodies); i += 20 {
				h.send(q, bodies[i:i+20]...)
				ds := h.receive(q, 10)
				for _, d := range ds {
					got = append(got, d.Body)
				}
				h.delete(q, ds...)
			}
			h.wantInOrder(append(got, h.drain(q)...), len(bodies))
		})
	})
}

func TestMoreDelayedThanTheWindow(t *testing.T) {
	const n = 3*maxDelays + 5
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash=%v", crash), func(t *testing.T) {
			run(t, Options{}, func(h *harness) {
				q := h.create("q")
				bodies := numbered(n)
				// The later half becomes visible first.
				h.sendDelayed(q, 20*time.Second, bodies[:n/2]...)
				h.sendDelayed(q, 10*time.Second, bodies[n/2:]...)
				if crash {
					h.crash()
					q = h.queue("q")
				}
				h.wantCounts(q, 0, 0, n)
				time.Sleep(10*time.Second - time.Millisecond)
				h.want(h.receive(q, 10))
				time.Sleep(2 * time.Millisecond)
				h.wantCounts(q, n-n/2, 0, n/2)
				if got := h.drain(q); len(got) != n-n/2 {
					t.Errorf("drained %d, want %d", len(got), n-n/2)
				}
				h.wantCounts(q, 0, 0, n/2)
				h.send(q, "now")
				h.want(h.receive(q, 10), "now")
				time.Sleep(10 * time.Second)
				seen := map[string]bool{}
				for _, b := range h.drain(q) {
					if seen[b] {
						t.Fatalf("%s twice", b)
					}
					seen[b] = true
				}
				if len(seen) != n/2 {
					t.Errorf("drained %d, want %d", len(seen), n/2)
				}
			})
		})
	}
}

// Only delayed messages behind the window: nothing there is fresh, and finding that out must end.
func TestDelayedBehindTheWindow(t *testing.T) {
	run(t, Options{CacheBytes: 1}, func(h *harness) {
		q := h.create("q")
		h.send(q, "first")
		h.sendDelayed(q, 20*time.Second, numbered(2*store.SegmentSize)...)
		h.crash()
		q = h.queue("q")
		h.want(h.receive(q, 10), "first")
		h.want(h.receive(q, 10))
		h.wantCounts(q, 0, 1, 2*store.SegmentSize)
		h.send(q, "last")
		h.want(h.receive(q, 10), "last")
	})
}

func TestOverLimit(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		const limit = api.MaxInFlight / slower
		h.e.maxInFlight = limit
		q := h.create("q", "VisibilityTimeout=600")
		h.send(q, numbered(limit+1)...)
		for n := 0; n < limit; {
			n += len(h.receive(q, 10))
		}
		h.wantCounts(q, 1, limit, 0)
		if _, err := q.Receive(context.Background(), ReceiveParams{Max: 1}); !errors.Is(err, ErrOverLimit) {
			t.Errorf("short poll: got %v", err)
		}
		h.want(h.receiveFor(q, 1, -1, time.Second))
		time.Sleep(600 * time.Second)
		h.wantCounts(q, limit+1, 0, 0)
		if n := len(h.receive(q, 10)); n != 10 {
			t.Errorf("after the timeouts: %d", n)
		}
		h.e.maxInFlight = 10
		h.e.Drain()
		h.want(h.receiveFor(q, 1, -1, time.Second)) // a long poll still, though it does not wait
	})
}

// stored is how many messages the store has, whatever the clock says of them.
func stored(q *Queue) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.mu.counters.Live
}

func TestRetention(t *testing.T) {
	t.Run("hides at once and deletes", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q", "MessageRetentionPeriod=60", "VisibilityTimeout=1")
			h.send(q, "a", "b")
			h.receive(q, 1)
			h.sendDelayed(q, 90*time.Second, "delayed for longer than it is kept")
			time.Sleep(30 * time.Second)
			h.send(q, "c")
			time.Sleep(30*time.Second - time.Millisecond)
			h.wantCounts(q, 3, 0, 1)
			time.Sleep(time.Millisecond)
			h.want(h.receive(q, 10), "c")
			h.wantCounts(q, 0, 1, 0)
			time.Sleep(time.Hour)
			h.wantCounts(q, 0, 0, 0)
			if n := stored(q); n != 0 {
				t.Errorf("%d messages left", n)
			}
		})
	})
	t.Run("deletes whole segments without looking and the rest one by one", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q", "MessageRetentionPeriod=60", "VisibilityTimeout=1000")
			h.send(q, numbered(9000)...)
			ds := h.receive(q, 10)
			time.Sleep(20 * time.Second)
			h.send(q, "young")
			time.Sleep(40 * time.Second)
			h.wantCounts(q, 1, 0, 0)
			h.delete(q, ds...)
			h.want(h.receive(q, 10), "young")
			h.crash()
			h.wantCounts(h.queue("q"), 0, 1, 0)
		})
	})
	t.Run("counts by the attribute of the moment", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a")
			time.Sleep(61 * time.Second)
			h.wantCounts(q, 1, 0, 0)
			q.Update(context.Background(), func(d Definition) (Definition, error) {
				d.Attributes = api.Attributes{{Name: api.MessageRetentionPeriod, Value: "60"}}
				return d, nil
			})
			h.want(h.receive(q, 1))
			h.wantCounts(q, 0, 0, 0)
		})
	})
	t.Run("keeps for an hour what had expired before the start", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q", "MessageRetentionPeriod=60")
			h.send(q, "a")
			time.Sleep(59 * time.Second)
			h.close()
			time.Sleep(time.Second)
			h.open()
			q = h.queue("q")
			h.want(h.receive(q, 1))
			if n := stored(q); n != 1 {
				t.Fatalf("%d messages stored, want 1", n)
			}
			time.Sleep(time.Hour + expiryInterval*time.Millisecond)
			h.wantCounts(q, 0, 0, 0)
			if n := stored(q); n != 0 {
				t.Errorf("%d messages left", n)
			}
		})
	})
}

func TestPeek(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		h.send(q, "deleted", "in flight", "visible")
		h.sendDelayed(q, time.Minute, "delayed")
		ds := h.receive(q, 2)
		h.delete(q, ds[0])
		got, err := q.Peek(context.Background(), 10)
		if err != nil || len(got) != 3 {
			t.Fatalf("got %v, %v", got, err)
		}
		for i, want := range []struct {
			body  string
			state PeekState
			count int
		}{{"in flight", InFlight, 1}, {"visible", Visible, 0}, {"delayed", Delayed, 0}} {
			if p := got[i]; p.Body != want.body || p.State != want.state || p.ReceiveCount != want.count {
				t.Errorf("got %s %v %d, want %v", p.Body, p.State, p.ReceiveCount, want)
			}
		}
	})
}
