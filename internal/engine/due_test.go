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

	"github.com/bufeomq/bufeo/internal/store"
)

// dueAtOnce sends n messages over a minute or less, all of which become visible in the second at which it returns, and has
// the engine forget them.
func (h *harness) dueAtOnce(q *Queue, n int) *Queue { return h.dueSoon(q, n, 0) }

// dueSoon is dueAtOnce that returns so long before the end of that second.
func (h *harness) dueSoon(q *Queue, n int, before time.Duration) *Queue {
	h.t.Helper()
	due := time.Now().Truncate(time.Second).Add(2 * time.Minute)
	for i := 0; i < n; i += 10 {
		ms := make([]NewMessage, min(10, n-i))
		for j := range ms {
			ms[j] = NewMessage{Body: dueBody(i + j), Delay: time.Until(due).Truncate(time.Second)}
		}
		if _, err := q.Send(context.Background(), ms); err != nil {
			h.t.Fatal(err)
		}
		time.Sleep(time.Minute / time.Duration(n/10+1))
	}
	h.close()
	h.open()
	time.Sleep(time.Until(due) - before)
	return h.queue(q.key.Name)
}

func dueBody(i int) string { return fmt.Sprintf("m%d-%s", i, strings.Repeat("x", i%300)) }

// wantDue receives and deletes what there is, and wants n messages of dueAtOnce, each once and whole. between is called after
// each receive.
func (h *harness) wantDue(name string, n int, between func(seen int)) {
	h.t.Helper()
	seen := map[string]bool{}
	for len(seen) < n {
		q := h.queue(name)
		ds := h.receive(q, 10)
		if len(ds) == 0 {
			h.t.Fatalf("nothing more after %d of %d", len(seen), n)
		}
		for _, d := range ds {
			var i int
			if fmt.Sscanf(d.Body, "m%d-", &i); d.Body != dueBody(i) || d.ReceiveCount != 1 || seen[d.Body] {
				h.t.Fatalf("got %q as the message %d, received %d times, seen: %t", d.Body, i, d.ReceiveCount, seen[d.Body])
			}
			seen[d.Body] = true
		}
		h.delete(q, ds...)
		between(len(seen))
	}
	h.want(h.receive(h.queue(name), 10))
	h.wantCounts(h.queue(name), 0, 0, 0)
}

// Messages that are due at once cost about as much as those that are in memory: a refill reads what some fifty receives
// take, with the bodies, and no receive reads for itself.
func TestDueAtOnceCostsLittle(t *testing.T) {
	const n = 3 * maxDelays / slower
	var m meter
	runLarge(t, Options{}, func(h *harness) {
		h.observe = m.observe
		q := h.dueAtOnce(h.create("q"), n)
		h.receive(q, 10)
		m.watch(q)
		before := m.bill()
		received := 0
		for received < n-10 {
			ds := h.receive(q, 10)
			received += len(ds)
			h.delete(q, ds...)
		}
		cost := m.bill().minus(before).each(received / 10)
		t.Logf("a receive and a delete of ten: %v", cost)
		// The steps are two for each message, and those from one run of numbers to the next.
		if limit := (bill{gets: 0.1, scans: 0.1, steps: 30, sets: 80, compared: 10 * 34}); !cost.within(limit) {
			t.Errorf("a receive and a delete of ten cost %v, want no more than %v", cost, limit)
		}
	})
}

// As far as memory goes they come in the order of their sending, between what was received before and what was not delayed.
func TestDueAtOnceOldestFirst(t *testing.T) {
	const n = 3 * maxDue // the receive wants all, so all are read before one is handed out
	for _, room := range []int64{1, 64 << 20} {
		t.Run(fmt.Sprint("room ", room), func(t *testing.T) {
			run(t, Options{CacheBytes: room}, func(h *harness) {
				q := h.create("q", "VisibilityTimeout=1")
				h.send(q, "first")
				q = h.dueAtOnce(q, n)
				h.send(q, "last")
				h.want(h.receive(q, 1), "first")
				time.Sleep(time.Second)
				ds := h.receive(q, n+2)
				if len(ds) != n+2 || ds[0].Body != "first" || ds[n+1].Body != "last" {
					h.t.Fatalf("received %d, want all %d, the first first and the last last", len(ds), n+2)
				}
				for i, d := range ds[1 : n+1] {
					if d.Body != dueBody(i) {
						h.t.Fatalf("message %d is %.10s, want %.10s", i, d.Body, dueBody(i))
					}
				}
			})
		})
	}
}

// In the middle of the second exactly those come that are due by then.
func TestDueAtOnceNotEarly(t *testing.T) {
	const n = 3 * maxDue
	run(t, Options{}, func(h *harness) {
		q := h.dueSoon(h.create("q"), n, 400*time.Millisecond)
		got := h.receive(q, n)
		for _, d := range got {
			if d.VisibleAt() > time.Now().UnixMilli() {
				h.t.Fatalf("message %.10s came %d ms early", d.Body, d.VisibleAt()-time.Now().UnixMilli())
			}
		}
		if len(got) < n/2 || len(got) > n*2/3 {
			t.Errorf("received %d of %d in the middle of the second", len(got), n)
		}
		h.wantCounts(q, 0, len(got), n-len(got))
		time.Sleep(400 * time.Millisecond)
		if rest := len(h.receive(q, n)); rest != n-len(got) {
			t.Errorf("received %d and then %d of %d", len(got), rest, n)
		}
	})
}

// However little room there is for bodies, all arrive, and what is kept of them stays within it and ends with them.
func TestDueAtOnceWithinMemory(t *testing.T) {
	const n = 2*maxDelays/slower + 7
	for _, room := range []int64{1, 50_000, 1 << 20, 64 << 20} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			runLarge(t, Options{CacheBytes: room}, func(h *harness) {
				h.dueAtOnce(h.create("q"), n)
				h.wantDue("q", n, func(int) { h.wantCached(room) })
				h.wantCached(0)
			})
		})
	}
}

// wantCached wants no more than limit bytes of bodies in memory.
func (h *harness) wantCached(limit int64) {
	h.t.Helper()
	if got := h.e.cached.Load(); got < 0 || got > limit {
		h.t.Fatalf("%d bytes of bodies in memory, want at most %d", got, limit)
	}
}

func TestDueAtOnceAndCrashes(t *testing.T) {
	const n = 4 * maxDue
	run(t, Options{}, func(h *harness) {
		h.dueAtOnce(h.create("q"), n)
		h.crash()
		h.wantDue("q", n, func(seen int) {
			if seen%370 == 0 {
				h.crash()
			}
		})
	})
}

// What happens to the queue while a refill has read the index and not yet the bodies, or the bodies, too: nothing of what it
// has read comes back, and the room for it is given back.
func TestDueAtOnceBesideARefill(t *testing.T) {
	const n = 4 * maxDue
	tests := []struct {
		name string
		do   func(h *harness, q *Queue) error
		all  bool // are received
	}{
		{"purge", func(h *harness, q *Queue) error { return q.Purge(context.Background()) }, false},
		{"delete", func(h *harness, q *Queue) error { return h.e.Delete(context.Background(), q) }, false},
		{"send", func(h *harness, q *Queue) error {
			_, err := q.Send(context.Background(), []NewMessage{{Body: "later", Delay: time.Minute}})
			return err
		}, true},
	}
	for _, tt := range tests {
		for _, after := range []string{"index", "bodies"} {
			t.Run(tt.name+" after "+after, func(t *testing.T) {
				run(t, Options{}, func(h *harness) {
					var q *Queue
					var reads atomic.Int64 // since it was set to 0
					at := map[string]int64{"index": 1, "bodies": 2}[after]
					h.observe = func(c store.Cost) {
						if c.Scans > 0 && c.Steps >= maxDue && reads.Add(1) == at {
							if err := tt.do(h, q); err != nil {
								t.Error(err)
							}
						}
					}
					reads.Store(at)
					q = h.dueAtOnce(h.create("q"), n)
					got := len(h.receive(q, 10))
					synctest.Wait() // for the refill that is under way
					reads.Store(0)
					for {
						ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: -1})
						if err != nil && !errors.Is(err, ErrNoQueue) {
							h.t.Fatal(err)
						}
						if len(ds) == 0 {
							break
						}
						got += len(ds)
					}
					if reads.Load() < at || tt.all != (got == n) {
						t.Errorf("received %d of %d, with %d reads", got, n, reads.Load())
					}
					synctest.Wait()
					h.wantCached(0)
				})
			})
		}
	}
}
