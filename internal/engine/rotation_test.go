package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// Groups that were served and have more wait at the end of the rotation. However many there are, none is forgotten.
func TestGroupsBeyondMemory(t *testing.T) {
	const groups, each = 5 * maxGroups / 2 / slower, 3
	for _, c := range []struct {
		queue   string
		restart bool
	}{{"q.fifo", false}, {"q.fifo", true}, {"q", true}} {
		t.Run(fmt.Sprintf("%s restart %v", c.queue, c.restart), func(t *testing.T) {
			runLarge(t, Options{}, func(h *harness) {
				q := h.createWithGroups(c.queue)
				h.sendRounds(q, groups, each)
				if c.restart {
					h.close()
					h.open()
					q = h.queue(c.queue)
				}
				h.wantRounds(q, groups, each)
			})
		})
	}
}

// However often further messages have to be read of the groups whose turn is near, no more groups than there is room for come
// into memory with them.
func TestGroupsInMemoryAreBounded(t *testing.T) {
	const groups, each = 5 * maxGroups / 2 / slower, 6
	runLarge(t, Options{}, func(h *harness) {
		q := h.createWithGroups("q.fifo")
		h.sendRounds(q, groups, each)
		for range 500 / slower {
			h.delete(q, h.receive(q, 10)...)
			q.mu.Lock()
			untouched, loaded := q.mu.groups.untouched(), q.mu.groups.loaded
			q.mu.Unlock()
			if untouched > maxGroups+minGroups || loaded > maxLoaded+maxRefillGroups*firstLoad {
				t.Fatalf("%d groups and %d of their messages in memory, want about %d and %d at most", untouched, loaded, maxGroups, maxLoaded)
			}
		}
	})
}

// Groups whose messages come irregularly leave memory in the middle of a refill's merge. Their messages, too, are all received,
// in a standard queue in the order of sending.
func TestIrregularGroupsBeyondMemory(t *testing.T) {
	const groups, rounds, near = 5 * maxGroups / 2 / slower, 5, 300
	runLarge(t, Options{}, func(h *harness) {
		q := h.create("q")
		batches := make([][]string, groups*rounds/10)
		for i := range batches {
			for n := 10 * i; n < 10*i+10; n++ {
				batches[i] = append(batches[i], fmt.Sprintf("g%d-%d", n%groups, n/groups))
			}
		}
		r := rand.New(rand.NewPCG(1, 1))
		for block := range slices.Chunk(batches, near) {
			r.Shuffle(len(block), func(i, j int) { block[i], block[j] = block[j], block[i] })
		}
		sent := slices.Concat(batches...)
		h.sendTo(q, sent...)
		for n := 0; n < len(sent); {
			ds := h.receive(q, 10)
			if len(ds) == 0 {
				t.Fatalf("nothing more after %d of %d", n, len(sent))
			}
			for _, d := range ds {
				if d.Body != sent[n] {
					t.Fatalf("message %d is %s, want %s", n, d.Body, sent[n])
				}
				n++
			}
			h.delete(q, ds...)
		}
		h.wantCounts(q, 0, 0, 0)
	})
}

// Delayed groups, more than memory has room for, do not keep those behind them from being found.
func TestDelayedGroupsBeyondMemory(t *testing.T) {
	const groups = 3*maxGroups/slower + 7
	runLarge(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo", "DelaySeconds=60")
		h.sendRounds(q, groups, 1)
		h.want(h.receiveFor(q, 10, -1, time.Second))
		h.wantCounts(q, 0, 0, groups)
		time.Sleep(59 * time.Second)
		h.wantRounds(q, groups, 1)
	})
}

func (h *harness) createWithGroups(name string) *Queue {
	if name == "q.fifo" {
		return h.createFIFO(name)
	}
	return h.create(name)
}

// sendRounds sends a message to each group, and again.
func (h *harness) sendRounds(q *Queue, groups, rounds int) {
	h.t.Helper()
	for m := range rounds {
		bodies := make([]string, groups)
		for g := range bodies {
			bodies[g] = fmt.Sprintf("g%d-%d", g, m)
		}
		h.sendTo(q, bodies...)
	}
}

// wantRounds receives and deletes all that sendRounds has sent, each group in order.
func (h *harness) wantRounds(q *Queue, groups, rounds int) {
	h.t.Helper()
	next := map[string]int{}
	for n := 0; n < groups*rounds; {
		ds := h.receive(q, 3)
		if len(ds) == 0 {
			h.t.Fatalf("nothing to receive after %d of %d", n, groups*rounds)
		}
		for _, d := range ds {
			if want := fmt.Sprintf("%s-%d", d.GroupID, next[d.GroupID]); d.Body != want {
				h.t.Fatalf("received %s, want %s", d.Body, want)
			}
			next[d.GroupID]++
		}
		n += len(ds)
		h.delete(q, ds...)
	}
	h.wantCounts(q, 0, 0, 0)
}

// Dead letters that leave the middle of a group's line do not make a receive pass over those behind them.
func TestReceivePassesOverNothingBehindDeadLetters(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		h.createFIFO("dead.fifo")
		q := h.createFIFO("q.fifo", "VisibilityTimeout=10")
		for i := range 60 {
			h.sendTo(q, fmt.Sprintf("a-%d", i))
		}
		h.delete(q, h.receive(q, 20)[1:]...)
		time.Sleep(10 * time.Second)
		h.receive(q, 21) // a-0 and a-20 to a-39
		policy := `{"deadLetterTargetArn":"` + key("dead.fifo").ARN() + `","maxReceiveCount":1}`
		h.set(q, "RedrivePolicy="+policy)
		time.Sleep(10 * time.Second)
		h.want(h.receive(q, 2), "a-40", "a-41")
		if got := h.receive(h.queue("dead.fifo"), 30); len(got) != 21 {
			t.Errorf("%d dead letters, want 21", len(got))
		}
	})
}

// Groups leave memory and come back while others are received. The messages of each stay in order and none comes twice.
func TestGroupsComeAndGo(t *testing.T) {
	const groups, rounds = 2 * maxGroups, 1 + 4/slower
	runLarge(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo")
		h.sendRounds(q, groups, rounds)
		var mu sync.Mutex
		next, left := map[string]int{}, groups*rounds
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					ds, err := q.Receive(context.Background(), ReceiveParams{Max: 4, Visibility: -1})
					if err != nil {
						t.Error(err)
					}
					handles := make([]string, len(ds))
					mu.Lock()
					for i, d := range ds {
						if want := fmt.Sprintf("%s-%d", d.GroupID, next[d.GroupID]); d.Body != want {
							t.Errorf("received %s, want %s", d.Body, want)
						}
						next[d.GroupID]++
						handles[i] = d.Handle
					}
					left -= len(ds)
					done := left <= 0 || t.Failed()
					mu.Unlock()
					if _, err := q.DeleteMessages(context.Background(), handles); err != nil {
						t.Error(err)
					}
					if done || len(ds) == 0 {
						return
					}
				}
			})
		}
		wg.Wait()
		h.wantCounts(q, 0, 0, 0)
	})
}
