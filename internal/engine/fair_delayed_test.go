package engine

import (
	"context"
	"testing"
	"time"
)

// aside makes a queue with 20 messages of a noisy tenant that were delayed, have become due and were set aside, after 60 of
// its messages that were not delayed, 40 of which are in flight. A message of somebody else is in flight, too.
func (h *harness) aside(attributes ...string) *Queue {
	h.t.Helper()
	q := h.create("q", append(attributes, "VisibilityTimeout=600")...)
	h.sendNoisy(q, 60)
	ms := make([]NewMessage, 20)
	for i := range ms {
		ms[i] = NewMessage{Body: "delayed", GroupID: "noisy", Delay: 10 * time.Second}
	}
	if _, err := q.Send(context.Background(), ms); err != nil {
		h.t.Fatal(err)
	}
	for range 4 {
		h.receive(q, 10)
	}
	time.Sleep(10 * time.Second)
	h.sendTo(q, "quiet-1")
	h.want(h.receive(q, 1), "quiet-1")
	return q
}

// Messages that a noisy tenant's messages are set aside with are visible as others are, however many delayed ones are on disk.
func TestFairCountsDelayed(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.aside()
		h.wantCounts(q, 40, 41, 0)
		const more = 2*maxDelays + 10
		h.sendDelayed(q, 900*time.Second, numbered(more)...)
		h.wantCounts(q, 40, 41, more)
		h.crash()
		h.wantCounts(h.queue("q"), 40, 41, more)
	})
}

// They expire once.
func TestFairExpiresDelayed(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.aside("MessageRetentionPeriod=60")
		time.Sleep(time.Minute)
		h.wantCounts(q, 0, 0, 0)
		h.want(h.receive(q, 10))
		h.send(q, "after")
		h.wantCounts(q, 1, 0, 0)
		h.delete(q, h.receive(q, 1)...)
		h.wantCounts(q, 0, 0, 0)
		h.wantUsage(1, 0)
	})
}

// A purge ends with them, and with their bodies.
func TestFairPurgesDelayed(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		h.aside()
		h.crash() // they come back with their bodies
		q := h.queue("q")
		h.sendNoisy(q, 10)
		for range 4 {
			h.receive(q, 10)
		}
		h.sendTo(q, "quiet-2")
		h.want(h.receive(q, 1), "quiet-2")
		if err := q.Purge(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.wantCached(0)
		h.wantCounts(q, 0, 0, 0)
	})
}
