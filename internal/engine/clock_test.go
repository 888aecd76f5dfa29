package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// drainAll receives everything that is visible.
func (h *harness) drainAll(q *Queue) (all []Delivery) {
	for {
		ds := h.receiveFor(q, 10, 3600*time.Second, 0)
		if len(ds) == 0 {
			return all
		}
		all = append(all, ds...)
	}
}

// Younger numbers are older messages where the clock was set back between two runs: what has expired is deleted, and nothing
// before it.
func TestExpiryAfterClockWasAhead(t *testing.T) {
	ahead := 100 * time.Second
	run(t, Options{ExpiryGrace: -1, Now: func() time.Time { return time.Now().Add(ahead) }}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, numbered(4095)...) // seq 1..4095: segment 0
		h.close()
		ahead = 0 // the clock is set right between two runs
		h.open()
		q = h.queue("q")
		var late []string
		for i := range 4096 {
			late = append(late, fmt.Sprint("l", i))
		}
		h.send(q, late...) // segment 1, older SentAt
		time.Sleep(75 * time.Second)
		synctest.Wait()
		// segment 1 has expired; segment 0 (sent at +100 s) has 85 s to go
		h.wantCounts(q, 4095, 0, 0)
		ds := h.drainAll(q)
		if len(ds) != 4095 {
			t.Errorf("received %d of 4095 unexpired messages", len(ds))
		}
		h.close()
		h.open()
		q = h.queue("q")
		if n := len(ds) + len(h.drainAll(q)); n != 4095 {
			t.Errorf("after a restart: %d of 4095", n)
		}
	})
}

// The same within a segment.
func TestExpiryOutOfOrder(t *testing.T) {
	ahead := 30 * time.Second
	run(t, Options{ExpiryGrace: -1, Now: func() time.Time { return time.Now().Add(ahead) }}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, "a")
		h.close()
		ahead = 0
		h.open()
		q = h.queue("q")
		h.send(q, "b")
		time.Sleep(61 * time.Second)
		h.wantCounts(q, 1, 0, 0)
	})
}

// The clock is wrong at a start, which is what the grace is for, and messages expire after the start as well.
func TestGraceOfOlderSegments(t *testing.T) {
	ahead := time.Duration(0)
	run(t, Options{Now: func() time.Time { return time.Now().Add(ahead) }}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=3600")
		h.send(q, numbered(4095)...) // segment 0
		time.Sleep(30 * time.Minute)
		var late []string
		for i := range 4096 {
			late = append(late, fmt.Sprint("l", i))
		}
		h.send(q, late...) // segment 1
		h.close()
		ahead = 40 * time.Minute // wrong clock: segment 0 looks expired, segment 1 has 20 min to go
		h.open()
		q = h.queue("q")
		q.Counts(t.Context()) // loads; no receive, so nothing is in limbo
		time.Sleep(21 * time.Minute)
		synctest.Wait()
		h.close() // well within the grace
		ahead = 0
		h.open() // 51 min after the send of segment 0, retention 60
		q = h.queue("q")
		n := 0
		for _, d := range h.drainAll(q) {
			if d.Body[0] == 'm' {
				n++
			}
		}
		if n != 4095 {
			t.Errorf("%d of the 4095 messages that had expired at the start by a wrong clock are left", n)
		}
	})
}

// A longer retention brings back what was hidden.
func TestGraceEndsWithRetention(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, "a", "b")
		h.close()
		time.Sleep(70 * time.Second)
		h.open()
		q = h.queue("q")
		h.want(h.receive(q, 10)) // hidden
		err := q.Update(context.Background(), func(d Definition) (Definition, error) {
			d.Attributes = append(d.Attributes[:0:0], d.Attributes...)
			d.Attributes[0].Value = "3600"
			return d, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.wantCounts(q, 2, 0, 0)
		h.want(h.receive(q, 10), "a", "b")
	})
}

// A receive that finds nothing but expired messages in memory looks further.
func TestReceiveBehindExpiredWindow(t *testing.T) {
	run(t, Options{ExpiryGrace: -1}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, "first")
		time.Sleep(5 * time.Second)
		h.send(q, numbered(maxWindow-1)...)
		time.Sleep(45 * time.Second)
		h.send(q, "alive")
		time.Sleep(16 * time.Second) // 66 s: the window expired at 65, the deletion ran at 60 and runs at 70
		h.want(h.receive(q, 1), "alive")
	})
}

// A long poll that waits because too many messages are in flight is woken when one is deleted.
func TestDeleteMakesRoomForPoll(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=43000")
		const limit = 120
		h.e.maxInFlight = limit
		h.send(q, numbered(limit+5)...)
		var one Delivery
		for range limit / 10 {
			ds := h.receive(q, 10)
			if len(ds) != 10 {
				t.Fatalf("got %d", len(ds))
			}
			one = ds[0]
		}
		start := time.Now()
		done := make(chan int)
		go func() {
			ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: -1, Wait: 20 * time.Second})
			if err != nil {
				t.Error(err)
			}
			done <- len(ds)
		}()
		time.Sleep(time.Second)
		h.delete(q, one)
		n := <-done
		if d := time.Since(start); n != 1 || d > 2*time.Second {
			t.Errorf("long poll got %d messages after %s, want 1 after 1 s (there was room and a visible message)", n, d)
		}
	})
}

// Times of rest that lie in the future are a wrong clock's.
func TestCooldownsOfWrongClock(t *testing.T) {
	ahead := 24 * time.Hour
	run(t, Options{Now: func() time.Time { return time.Now().Add(ahead) }}, func(h *harness) {
		q := h.create("q")
		if err := q.Purge(context.Background()); err != nil {
			t.Fatal(err)
		}
		d := h.create("d")
		h.e.Delete(context.Background(), d)
		h.send(q, "x")
		h.close()
		ahead = 0
		h.open()
		time.Sleep(2 * time.Minute)
		q = h.queue("q")
		h.want(h.receiveFor(q, 10, 0, 0), "x")
		if err := q.Purge(context.Background()); err != nil {
			t.Error("purge:", err)
		}
		if _, err := h.e.Create(context.Background(), key("d"), Definition{}, func(Definition) error { return nil }); err != nil {
			t.Error("create:", err)
		}
	})
}

// Receives that run while the engine is closed fail with ErrClosed. For the race detector.
func TestCloseBesideReceives(t *testing.T) {
	for range 60 {
		h := &harness{t: t, fs: vfs.NewMem(), o: Options{CacheBytes: 1}}
		h.open()
		q := h.create("q", "VisibilityTimeout=0")
		h.send(q, numbered(200)...)
		h.close()
		h.open()
		q = h.queue("q")
		var wg sync.WaitGroup
		for range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range 200 {
					if _, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: 30 * time.Second, Wait: 20 * time.Second}); err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Errorf("got %v, want ErrClosed", err)
						}
						return
					}
				}
			}()
		}
		h.close()
		wg.Wait()
	}
}
