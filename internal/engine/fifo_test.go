package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

func (h *harness) createFIFO(name string, attributes ...string) *Queue {
	h.t.Helper()
	return h.create(name, append([]string{"FifoQueue=true"}, attributes...)...)
}

var dedupIDs int

// sendTo sends "group-body" texts, each to the group before the dash.
func (h *harness) sendTo(q *Queue, bodies ...string) []Sent {
	h.t.Helper()
	var all []Sent
	for chunk := range slices.Chunk(bodies, 10) {
		ms := make([]NewMessage, len(chunk))
		for i, b := range chunk {
			ms[i] = NewMessage{Body: b, GroupID: groupOf(b), Delay: -1}
			if q.fifo {
				dedupIDs++
				ms[i].DeduplicationID = fmt.Sprint(dedupIDs)
			}
		}
		sent, err := q.Send(context.Background(), ms)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, sent...)
	}
	return all
}

func groupOf(body string) string {
	for i := range body {
		if body[i] == '-' {
			return body[:i]
		}
	}
	return body
}

// The rules of docs/states.md; each is as recorded from AWS.
func TestFIFO(t *testing.T) {
	steps := func(name string, f func(h *harness, q *Queue), attributes ...string) {
		t.Run(name, func(t *testing.T) {
			run(t, Options{}, func(h *harness) { f(h, h.createFIFO("q.fifo", attributes...)) })
		})
	}
	steps("a group is blocked by what is in flight", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2", "a-3", "a-4", "b-1")
		first := h.receive(q, 2)
		h.want(first, "a-1", "a-2")
		h.want(h.receive(q, 10), "b-1")
		h.wantCounts(q, 2, 3, 0)
		h.delete(q, first[0])
		h.want(h.receive(q, 10))
		h.delete(q, first[1])
		h.want(h.receive(q, 10), "a-3", "a-4")
	})
	steps("takes from each group as many as allowed", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2", "b-1", "a-3")
		h.want(h.receive(q, 10), "a-1", "a-2", "a-3", "b-1")
	})
	steps("what is before a message in flight can be received", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2", "a-3")
		ds := h.receive(q, 2)
		if err := h.change(q, ds[0], 0); err != nil {
			h.t.Fatal(err)
		}
		h.want(h.receiveFor(q, 10, time.Second, 0), "a-1*2")
		h.want(h.receive(q, 10))
	})
	steps("a message whose timeout was extended ends the prefix", func(h *harness, q *Queue) {
		h.sendTo(q, "a-foo", "a-bar", "a-baz")
		ds := h.receiveFor(q, 10, time.Second, 0)
		if err := h.change(q, ds[1], time.Minute); err != nil {
			h.t.Fatal(err)
		}
		time.Sleep(time.Second)
		h.want(h.receive(q, 10), "a-foo*2")
	})
	steps("a group that was served goes to the end", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2", "b-1", "c-1")
		h.want(h.receiveFor(q, 3, 0, 0), "a-1", "a-2", "b-1")
		h.want(h.receive(q, 10), "c-1", "a-1*2", "a-2*2", "b-1*2")
	})
	steps("deletes make the next messages available and wake a poll", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2")
		ds := h.receive(q, 1)
		got := make(chan []Delivery)
		go func() { got <- h.receiveFor(q, 10, -1, 20*time.Second) }()
		time.Sleep(time.Second)
		h.delete(q, ds...)
		h.want(<-got, "a-2")
	})
	steps("a timeout that is over wakes a poll", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		h.receiveFor(q, 1, 5*time.Second, 0)
		start := time.Now()
		h.want(h.receiveFor(q, 1, -1, 20*time.Second), "a-1*2")
		if got := time.Since(start); got != 5*time.Second {
			h.t.Errorf("woke after %v", got)
		}
	})
	steps("a send to a blocked group does not unblock it", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		h.receive(q, 1)
		h.sendTo(q, "a-2")
		h.want(h.receive(q, 10))
		h.wantCounts(q, 1, 1, 0)
	})
	steps("handles end with their timeout", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		old := h.receiveFor(q, 1, time.Second, 0)[0]
		time.Sleep(time.Second)
		for range 2 { // before and after the message is received again
			errs, err := q.DeleteMessages(context.Background(), []string{old.Handle})
			if err != nil || !errors.Is(errs[0], ErrHandleExpired) {
				h.t.Errorf("delete: %v, %v", errs, err)
			}
			if err := h.change(q, old, time.Second); !errors.Is(err, ErrHandleExpired) {
				h.t.Errorf("change: %v", err)
			}
			h.receive(q, 1)
		}
	})
	steps("deleting twice is no error", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		ds := h.receive(q, 1)
		h.delete(q, ds...)
		h.delete(q, ds...)
	})
	steps("an emptied group can be used again", func(h *harness, q *Queue) {
		for range 3 {
			h.sendTo(q, "a-1")
			h.delete(q, h.receive(q, 1)...)
			h.wantCounts(q, 0, 0, 0)
		}
	})
	steps("sequence numbers rise and have 20 digits", func(h *harness, q *Queue) {
		last := ""
		for range 3 {
			for _, s := range h.sendTo(q, "a-1", "b-1", "a-2") {
				if s.SequenceNumber <= last || len(s.SequenceNumber) != 20 {
					h.t.Errorf("%q after %q", s.SequenceNumber, last)
				}
				last = s.SequenceNumber
			}
			h.crash()
			q = h.queue("q.fifo")
		}
	})
	steps("the queue's delay holds for what was not received", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		time.Sleep(3 * time.Second)
		h.sendTo(q, "a-2", "b-1")
		h.wantCounts(q, 0, 0, 3)
		h.want(h.receive(q, 10))
		h.want(h.receiveFor(q, 10, -1, 20*time.Second), "a-1")
		h.set(q, "DelaySeconds=8")
		time.Sleep(7 * time.Second)
		h.want(h.receive(q, 10), "b-1")
	}, "DelaySeconds=10")
	steps("a longer delay holds for what was visible already", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		h.set(q, "DelaySeconds=10")
		h.want(h.receive(q, 10))
		h.wantCounts(q, 0, 0, 1)
		time.Sleep(11 * time.Second)
		h.want(h.receive(q, 10), "a-1")
	})
	steps("retention passes over the expired", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		time.Sleep(50 * time.Second)
		h.sendTo(q, "a-2")
		time.Sleep(10 * time.Second)
		h.want(h.receive(q, 10), "a-2")
		h.wantCounts(q, 0, 1, 0)
	}, "MessageRetentionPeriod=60")
	steps("an expired message in flight frees its group", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1")
		time.Sleep(50 * time.Second)
		h.receiveFor(q, 1, time.Hour, 0)
		h.sendTo(q, "a-2")
		h.want(h.receiveFor(q, 10, -1, 20*time.Second), "a-2")
	}, "MessageRetentionPeriod=60")
	steps("purge clears all", func(h *harness, q *Queue) {
		h.sendTo(q, "a-1", "a-2", "b-1")
		h.receive(q, 1)
		if err := q.Purge(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		h.wantCounts(q, 0, 0, 0)
		h.sendTo(q, "a-3")
		h.want(h.receive(q, 10), "a-3")
	})
}

func (h *harness) set(q *Queue, attribute string) {
	h.t.Helper()
	name, value, _ := strings.Cut(attribute, "=")
	err := q.Update(context.Background(), func(d Definition) (Definition, error) {
		as := slices.DeleteFunc(slices.Clone(d.Attributes), func(a api.Attribute) bool { return a.Name == name })
		d.Attributes = append(as, api.Attribute{Name: name, Value: value})
		return d, nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// What is in flight, blocked, deleted and still to come is the same after a crash.
func TestFIFOCrash(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo")
		h.sendTo(q, "a-1", "a-2", "a-3", "b-1", "b-2", "c-1", "d-1", "d-2")
		ds := h.receive(q, 5) // a-1 a-2 a-3 b-1 b-2
		h.delete(q, ds[0], ds[3], ds[4])
		h.sendTo(q, "b-3", "a-4")
		h.crash()
		q = h.queue("q.fifo")
		h.wantCounts(q, 5, 2, 0)
		h.want(h.receive(q, 10), "c-1", "d-1", "d-2", "b-3")
		h.sendTo(q, "c-2")
		h.delete(q, ds[1], ds[2])
		h.crash()
		q = h.queue("q.fifo")
		h.want(h.receive(q, 10), "a-4")
		time.Sleep(30 * time.Second)
		h.crash()
		q = h.queue("q.fifo")
		got := map[string][]string{}
		for _, d := range h.receive(q, 10) {
			got[d.GroupID] = append(got[d.GroupID], d.Body)
		}
		want := map[string][]string{"a": {"a-4"}, "b": {"b-3"}, "c": {"c-1", "c-2"}, "d": {"d-1", "d-2"}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		h.wantCounts(q, 0, 6, 0)
	})
}

// Groups and messages beyond what memory holds come in from the disk, each group in order, none twice.
func TestFIFOBeyondMemory(t *testing.T) {
	const groups, each = 2*maxGroups + maxGroups/slower, 2
	run(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo")
		var bodies []string
		for n := range each {
			for g := range groups {
				bodies = append(bodies, fmt.Sprintf("g%d-%d", g, n))
			}
		}
		for n := range maxWindow + maxWindow/2 {
			bodies = append(bodies, fmt.Sprintf("deep-%d", n))
		}
		h.sendTo(q, bodies...)
		h.crash()
		q = h.queue("q.fifo")
		h.wantCounts(q, len(bodies), 0, 0)
		next := map[string]int{}
		for n := 0; n < len(bodies); {
			ds := h.receive(q, 10)
			if len(ds) == 0 {
				t.Fatalf("nothing more after %d of %d", n, len(bodies))
			}
			for _, d := range ds {
				if want := fmt.Sprintf("%s-%d", d.GroupID, next[d.GroupID]); d.Body != want {
					t.Fatalf("got %s, want %s", d.Body, want)
				}
				next[d.GroupID]++
				n++
			}
			h.delete(q, ds...)
			if n%5000 < 10 && len(q.mu.groups.known) > 3*maxGroups {
				t.Fatalf("%d groups in memory", len(q.mu.groups.known))
			}
		}
		h.want(h.receive(q, 10))
		h.wantCounts(q, 0, 0, 0)
		if n := len(q.mu.groups.known); n != 0 {
			t.Errorf("%d groups are left in memory", n)
		}
	})
}
