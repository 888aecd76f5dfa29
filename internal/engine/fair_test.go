package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// One tenant's backlog stands before one message each of 20 quiet tenants; ten consumers receive one message at a time
// and take a minute for it. Once the tenant is noisy the quiet messages go first.
func TestFair(t *testing.T) {
	delivered := func(t *testing.T, backlog int, o Options, restart bool) (last int) {
		run(t, o, func(h *harness) {
			q := h.create("q", "VisibilityTimeout=600")
			bodies := make([]string, backlog)
			for i := range bodies {
				bodies[i] = fmt.Sprintf("noisy-%d", i)
			}
			h.sendTo(q, bodies...)
			for i := range 20 {
				h.sendTo(q, fmt.Sprintf("quiet%d-x", i))
			}
			if restart {
				h.crash()
				q = h.queue("q")
			}
			quiet := 0
			for n := 1; quiet < 20; n++ {
				if n > backlog+20 {
					t.Fatal("quiet messages are missing")
				}
				for _, d := range h.receive(q, 1) {
					if strings.HasPrefix(d.GroupID, "quiet") {
						quiet++
						last = n
					}
					if n > 40 { // the consumers are busy with that many at a time
						h.delete(q, d)
					}
				}
			}
			h.wantCounts(q, backlog+20-last, 40, 0)
		})
		return last
	}
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("quiet tenants first, restart %v", restart), func(t *testing.T) {
			if last := delivered(t, 50_000/slower, Options{}, restart); last > noisyFloor+100 {
				t.Errorf("the last quiet message was delivery %d", last)
			}
		})
	}
	t.Run("switched off", func(t *testing.T) {
		if last := delivered(t, 50_000/slower, Options{NoFairQueues: true}, false); last < 49_000/slower {
			t.Errorf("the last quiet message was delivery %d", last)
		}
	})
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
