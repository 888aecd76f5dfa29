package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// One tenant's backlog stands before one message each of 20 quiet tenants. Ten consumers receive ten messages at a time
// and work on them. Once the tenant is recognised as noisy the quiet messages go first. The clock stands still.
func TestFair(t *testing.T) {
	const quiet = 20
	for _, c := range []struct {
		backlog int
		restart bool
		off     bool
	}{
		{50_000 / slower, false, false},
		{50_000 / slower, true, false},
		{50_000 / slower, false, true},
		{1_000_000 / slower, true, false},
	} {
		t.Run(fmt.Sprintf("%d restart=%v off=%v", c.backlog, c.restart, c.off), func(t *testing.T) {
			runLarge(t, Options{NoFairQueues: c.off}, func(h *harness) {
				q := h.create("q", "VisibilityTimeout=600")
				for n := 0; n < c.backlog; n += 500 {
					h.sendNoisy(q, 500)
				}
				for i := range quiet {
					h.sendTo(q, fmt.Sprintf("quiet%d-x", i))
				}
				if c.restart {
					h.close()
					h.open()
					q = h.queue("q")
				}
				got := h.consume(q, quiet, c.backlog+quiet)
				if c.off {
					if got.recognised != 0 || got.first <= c.backlog/50*49 {
						t.Errorf("%+v, want no quiet message within the first %d", got, c.backlog/50*49)
					}
					return
				}
				if got.recognised == 0 || got.last > got.recognised+100 {
					t.Errorf("%+v, want all quiet messages within 100 deliveries after the noisy tenant was recognised", got)
				}
				// What was held back is not lost: it is next.
				h.consume(q, 0, 1000/slower)
				h.wantCounts(q, c.backlog+quiet-got.all-1000/slower, 0, 0)
			})
		})
	}
}

// consumption counts deliveries, the first being 1.
type consumption struct {
	recognised  int // the last of the receive that found a tenant noisy
	first, last int // of the quiet messages
	all         int
}

// consume lets ten consumers in turn delete what they had and receive ten more, until all quiet messages were delivered, or
// that many messages in all. In the end nobody has any.
func (h *harness) consume(q *Queue, quiet, limit int) (c consumption) {
	h.t.Helper()
	const consumers = 10
	var had [consumers][]Delivery
	for n := 0; c.all < limit && (quiet > 0 || c.first == 0); n++ {
		mine := &had[n%consumers]
		h.delete(q, *mine...)
		if *mine = h.receive(q, min(10, limit-c.all)); len(*mine) == 0 {
			h.t.Fatalf("nothing to receive after %+v", c)
		}
		for _, d := range *mine {
			c.all++
			if strings.HasPrefix(d.GroupID, "quiet") {
				quiet--
				c.last = c.all
				if c.first == 0 {
					c.first = c.all
				}
			}
		}
		q.mu.Lock()
		if c.recognised == 0 && len(q.mu.tenants.noisy) > 0 {
			c.recognised = c.all
		}
		q.mu.Unlock()
	}
	for _, ds := range had {
		h.delete(q, ds...)
	}
	return c
}

// sendNoisy sends to one group, many messages at once.
func (h *harness) sendNoisy(q *Queue, n int) {
	h.t.Helper()
	ms := make([]NewMessage, n)
	for i := range ms {
		ms[i] = NewMessage{Body: "x", GroupID: "noisy", Delay: -1}
	}
	if _, err := q.Send(context.Background(), ms); err != nil {
		h.t.Fatal(err)
	}
}

func TestFairOrder(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		h.sendTo(q, "a-1", "b-1", "a-2")
		h.send(q, "x")
		h.sendTo(q, "b-2")
		h.want(h.receive(q, 10), "a-1", "b-1", "a-2", "x", "b-2")
		time.Sleep(30 * time.Second)
		h.sendTo(q, "c-1")
		h.crash()
		q = h.queue("q")
		h.want(h.receive(q, 4), "a-1*2", "b-1*2", "a-2*2", "x*2")
		h.want(h.receive(q, 10), "b-2*2", "c-1")
	})
}

// Messages of noisy tenants whose timeout is over come after all others, the oldest of any of them first, and take their
// places again when the tenants rest.
func TestFairParks(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=60")
		for i := range noisyFloor + 1 { // one of each stays: without a backlog nobody is noisy
			h.sendTo(q, fmt.Sprintf("a-%d", i), fmt.Sprintf("b-%d", i))
		}
		for range noisyFloor * 2 {
			h.receive(q, 1)
		}
		h.sendTo(q, "c-0", "a-x", "c-1")
		time.Sleep(60 * time.Second)
		h.want(h.receive(q, 5), "c-0", "c-1", "a-0*2", "b-0*2", "a-1*2")
		time.Sleep(noisyRest * time.Millisecond)
		h.sendTo(q, "c-2")
		h.want(h.receive(q, 3), "a-0*3", "b-0*3", "a-1*3")
		h.wantCounts(q, 2*noisyFloor+3, 3, 0)
	})
}

// A tenant without a backlog is quiet again.
func TestFairEndsWithTheBacklog(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=3600")
		for range 40 {
			h.sendTo(q, "a-0")
		}
		for range 40 {
			h.receive(q, 1)
		}
		h.sendTo(q, "a-1", "b-0")
		h.want(h.receive(q, 1), "a-1")
	})
}

// A tenant is noisy until its backlog is gone or it rests.
func TestFairEnds(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=3600")
		for i := range 60 {
			h.sendTo(q, fmt.Sprintf("a-%d", i))
		}
		for range noisyFloor {
			h.receive(q, 1)
		}
		h.sendTo(q, "b-0")
		h.want(h.receive(q, 1), "b-0")
		h.want(h.receive(q, 1), "a-30")
		time.Sleep(noisyRest * time.Millisecond)
		h.sendTo(q, "b-1")
		h.want(h.receive(q, 1), "a-31")
	})
}
