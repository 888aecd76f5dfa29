package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// deadLetters makes a dead-letter queue with the bodies in it, each the dead letter of the source that is named before
// its dash. The sources are made as they come up.
func (h *harness) deadLetters(kind string, bodies ...string) *Queue {
	h.t.Helper()
	dead := h.create("dead"+kind, "FifoQueue="+fmt.Sprint(kind != ""))
	for _, b := range bodies {
		source := groupOf(b) + kind
		q, err := h.e.Queue(key(source))
		if err != nil {
			q = h.create(source, "FifoQueue="+fmt.Sprint(kind != ""), redriveTo("dead"+kind, 1))
		}
		h.sendTo(q, b)
		h.receiveFor(q, 1, 0, 0)
		h.want(h.receiveFor(q, 1, 0, 0))
	}
	return dead
}

func (h *harness) startMove(q *Queue, r MoveRequest) string {
	h.t.Helper()
	id, err := q.StartMove(context.Background(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *harness) moves(q *Queue, max int) []Move {
	h.t.Helper()
	moves, err := q.Moves(context.Background(), max)
	if err != nil {
		h.t.Fatal(err)
	}
	return moves
}

// moved waits until the latest task of q is over.
func (h *harness) moved(q *Queue) Move {
	h.t.Helper()
	for range 100_000 {
		if m := h.moves(q, 1)[0]; m.Status != MoveRunning {
			return m
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatal("the task does not end")
	return Move{}
}

func (h *harness) wantMove(m Move, status MoveStatus, moved, toMove int64, reason string) {
	h.t.Helper()
	if m.Status != status || m.Moved != moved || m.ToMove != toMove || m.FailureReason != reason {
		h.t.Errorf("got %+v, want status %d, %d of %d moved, reason %q", m, status, moved, toMove, reason)
	}
}

func destination(name string) MoveRequest {
	return MoveRequest{Destination: "arn:aws:sqs:us-east-1:000000000000:" + name}
}

func TestMove(t *testing.T) {
	for _, kind := range []string{"", ".fifo"} {
		steps := func(name string, f func(h *harness)) {
			t.Run(name+kind, func(t *testing.T) { run(t, Options{}, f) })
		}
		steps("each message goes back to its source as a new one", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "q-1", "p-2")
			was := h.receiveFor(dead, 10, 0, 0)
			time.Sleep(time.Minute)
			h.startMove(dead, MoveRequest{})
			h.wantMove(h.moved(dead), MoveCompleted, 3, 3, "")
			h.wantCounts(dead, 0, 0, 0)
			got := h.receive(h.queue("p"+kind), 10)
			h.want(got, "p-1", "p-2")
			h.want(h.receive(h.queue("q"+kind), 10), "q-1")
			d, w := got[0], was[0]
			if d.ID == w.ID || d.SentAt < w.SentAt+60_000 || d.SourceARN != "" || d.FirstReceive < w.FirstReceive+60_000 {
				h.t.Errorf("got %+v from %+v", d, w)
			}
		})
		steps("all go to the destination, in order", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "q-1", "p-2", "q-2")
			other := h.create("other"+kind, "FifoQueue="+fmt.Sprint(kind != ""))
			h.startMove(dead, destination("other"+kind))
			h.wantMove(h.moved(dead), MoveCompleted, 4, 4, "")
			want := []string{"p-1", "q-1", "p-2", "q-2"}
			if kind != "" {
				want = []string{"p-1", "p-2", "q-1", "q-2"}
			}
			h.want(h.receive(other, 10), want...)
		})
		steps("what is sent later, or in flight, stays", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "q-1", "q-2")
			h.want(h.receive(dead, 1), "p-1*2")
			h.startMove(dead, MoveRequest{PerSecond: 1})
			h.sendTo(dead, "r-1", "q-3")
			h.wantMove(h.moved(dead), MoveCompleted, 2, 2, "")
			h.wantCounts(dead, 2, 1, 0)
			h.want(h.receive(h.queue("q"+kind), 10), "q-1", "q-2")
		})
		steps("what was received before goes along, and the rest of its group", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "p-2", "p-3")
			h.want(h.receiveFor(dead, 1, 0, 0), "p-1*2")
			h.startMove(dead, MoveRequest{PerSecond: 1})
			h.wantMove(h.moved(dead), MoveCompleted, 3, 3, "")
			h.want(h.receive(h.queue("p"+kind), 10), "p-1", "p-2", "p-3")
		})
		steps("a restart does not keep it from what was received before", func(h *harness) {
			dead := h.deadLetters(kind, "o-1", "p-1", "p-2", "q-1")
			h.want(h.receiveFor(dead, 10, 0, 0), "o-1*2", "p-1*2", "p-2*2", "q-1*2")
			h.startMove(dead, MoveRequest{PerSecond: 1})
			time.Sleep(100 * time.Millisecond)
			h.wantMove(h.moves(dead, 1)[0], MoveRunning, 1, 4, "")
			h.crash()
			h.wantMove(h.moved(h.queue("dead"+kind)), MoveCompleted, 4, 4, "")
			h.want(h.receive(h.queue("p"+kind), 10), "p-1", "p-2")
		})
		steps("a rate is kept, and a crash loses and doubles nothing", func(h *harness) {
			var bodies []string
			for i := range 20 {
				bodies = append(bodies, fmt.Sprintf("p-%02d", i))
			}
			dead := h.deadLetters(kind, bodies...)
			h.startMove(dead, MoveRequest{PerSecond: 4})
			time.Sleep(1100 * time.Millisecond)
			h.wantMove(h.moves(dead, 1)[0], MoveRunning, 5, 20, "")
			h.crash()
			dead = h.queue("dead" + kind)
			time.Sleep(1100 * time.Millisecond)
			h.wantMove(h.moves(dead, 1)[0], MoveRunning, 10, 20, "")
			h.wantMove(h.moved(dead), MoveCompleted, 20, 20, "")
			h.crash()
			h.wantMove(h.moves(h.queue("dead"+kind), 1)[0], MoveCompleted, 20, 20, "")
			var got []string
			for range 2 {
				ds := h.receive(h.queue("p"+kind), 10)
				for _, d := range ds {
					got = append(got, d.Body)
				}
				h.delete(h.queue("p"+kind), ds...)
			}
			if !slices.Equal(got, bodies) {
				h.t.Errorf("got %q, want %q", got, bodies)
			}
		})
		steps("a cancelled task moves nothing more", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "p-2", "p-3")
			id := h.startMove(dead, MoveRequest{PerSecond: 1})
			time.Sleep(1100 * time.Millisecond)
			if _, err := dead.StartMove(context.Background(), MoveRequest{}); !errors.Is(err, ErrMoveRunning) {
				h.t.Errorf("second task: %v", err)
			}
			if moved, err := dead.CancelMove(context.Background(), id); moved != 2 || err != nil {
				h.t.Errorf("cancel: %d, %v", moved, err)
			}
			h.crash()
			dead = h.queue("dead" + kind)
			time.Sleep(time.Minute)
			h.wantMove(h.moves(dead, 1)[0], MoveCancelled, 2, 3, "")
			h.wantCounts(dead, 1, 0, 0)
			if _, err := dead.CancelMove(context.Background(), id); !errors.Is(err, ErrMoveOver) {
				h.t.Errorf("second cancel: %v", err)
			}
			if _, err := dead.CancelMove(context.Background(), "x"); !errors.Is(err, ErrNoMove) {
				h.t.Errorf("cancel of no task: %v", err)
			}
			h.startMove(dead, MoveRequest{})
			h.wantMove(h.moved(dead), MoveCompleted, 1, 1, "")
		})
		steps("a message that came from nowhere fails the task and stays", func(h *harness) {
			dead := h.deadLetters(kind, "p-1")
			h.sendTo(dead, "x-1")
			h.startMove(dead, MoveRequest{})
			h.wantMove(h.moved(dead), MoveFailed, 1, 2, moveSourceUnknown)
			h.wantCounts(dead, 1, 0, 0)
		})
		steps("a destination that is deleted fails the task, and one that is made anew is found", func(h *harness) {
			dead := h.deadLetters(kind, "p-1", "q-1", "p-2")
			h.e.o.RelaxedCooldowns = true
			if err := h.e.Delete(context.Background(), h.queue("q"+kind)); err != nil {
				h.t.Fatal(err)
			}
			h.startMove(dead, MoveRequest{PerSecond: 1})
			m := h.moved(dead)
			h.wantMove(m, MoveFailed, map[string]int64{"": 1, ".fifo": 2}[kind], 3, moveTargetGone)
			h.create("q"+kind, "FifoQueue="+fmt.Sprint(kind != ""))
			h.startMove(dead, MoveRequest{})
			h.wantMove(h.moved(dead), MoveCompleted, 3-m.Moved, 3-m.Moved, "")
			h.want(h.receive(h.queue("q"+kind), 10), "q-1")
		})
		steps("a queue that is its own dead-letter queue gets its messages once", func(h *harness) {
			q := h.create("q"+kind, "FifoQueue="+fmt.Sprint(kind != ""), redriveTo("q"+kind, 1))
			h.sendTo(q, "a-1", "a-2")
			h.receiveFor(q, 10, 0, 0)
			h.want(h.receiveFor(q, 10, 0, 0))
			h.startMove(q, MoveRequest{})
			h.wantMove(h.moved(q), MoveCompleted, 2, 2, "")
			h.want(h.receive(q, 10), "a-1", "a-2")
		})
	}
}

// A long poll at the destination gets what arrives, after the queue's delay.
func TestMoveWakesPollAfterDelay(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		dead := h.deadLetters("", "p-1")
		other := h.create("other", "DelaySeconds=5")
		time.AfterFunc(time.Second, func() { h.startMove(dead, destination("other")) })
		start := time.Now()
		h.want(h.receiveFor(other, 10, -1, 20*time.Second), "p-1")
		if d := time.Since(start).Round(10 * time.Millisecond); d != 6*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

// The ten latest tasks of a queue are remembered.
func TestMovesAreRemembered(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		dead := h.deadLetters("")
		var ids []string
		for range 13 {
			ids = append(ids, h.startMove(dead, MoveRequest{}))
			h.moved(dead)
		}
		slices.Reverse(ids)
		check := func() {
			t.Helper()
			var got []string
			for _, m := range h.moves(h.queue("dead"), 20) {
				got = append(got, m.ID)
			}
			if !slices.Equal(got, ids[:10]) {
				t.Errorf("got %q, want %q", got, ids[:10])
			}
		}
		check()
		h.crash()
		check()
	})
}

// More messages than memory holds, without a body in memory, are moved each once; nothing lies about in memory.
func TestMoveBeyondMemory(t *testing.T) {
	const n, groups = 3 * maxWindow, 700
	for _, kind := range []string{"", ".fifo"} {
		t.Run("q"+kind, func(t *testing.T) {
			run(t, Options{CacheBytes: 1}, func(h *harness) {
				fifo := "FifoQueue=" + fmt.Sprint(kind != "")
				dead := h.create("dead"+kind, fifo)
				h.create("other"+kind, fifo)
				var bodies []string
				for i := range n {
					bodies = append(bodies, fmt.Sprintf("g%d-%d", i%groups, i/groups))
				}
				h.sendTo(dead, bodies...)
				h.crash()
				dead = h.queue("dead" + kind)
				h.startMove(dead, destination("other"+kind))
				h.sendTo(dead, "late-0")
				h.wantMove(h.moved(dead), MoveCompleted, n, n, "")
				h.wantCounts(dead, 1, 0, 0)
				other := h.queue("other" + kind)
				if letters := other.inbox.n.Load(); letters > maxMoves {
					t.Errorf("%d letters in memory", letters)
				}
				h.wantCounts(other, n, 0, 0)
				next := map[string]int{}
				for got := 0; got < n; {
					ds := h.receive(other, 10)
					if len(ds) == 0 {
						t.Fatalf("nothing more after %d", got)
					}
					for _, d := range ds {
						if want := fmt.Sprintf("%s-%d", d.GroupID, next[d.GroupID]); d.Body != want {
							t.Fatalf("got %s, want %s", d.Body, want)
						}
						next[d.GroupID]++
						got++
					}
					h.delete(other, ds...)
				}
			})
		})
	}
}

// Who holds one inbox does not wait for another.
func TestInboxesAreNotWaitedFor(t *testing.T) {
	a, b := &Queue{}, &Queue{}
	var p, q postage
	p.to(a)
	q.to(b)
	if m, busy := p.to(b); m != nil || !busy {
		t.Errorf("got %v, %v", m, busy)
	}
	if m, busy := q.to(a); m != nil || !busy {
		t.Errorf("got %v, %v", m, busy)
	}
}

// Two dead-letter queues whose messages go to the same two queues, in opposite order, do not wait for each other.
func TestMovesCross(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		dead := h.deadLetters("", strings.Fields(strings.Repeat("p-1 q-1 ", 100))...)
		other := h.create("other")
		for _, name := range []string{"p", "q"} {
			err := h.queue(name).Update(context.Background(), func(d Definition) (Definition, error) {
				d.Attributes = slices.Clone(d.Attributes)
				for i := range d.Attributes {
					if d.Attributes[i].Name == "RedrivePolicy" {
						_, d.Attributes[i].Value, _ = strings.Cut(redriveTo("other", 1), "=")
					}
				}
				return d, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			for _, name := range []string{"q", "p"} {
				h.sendTo(h.queue(name), name+"-2")
				h.receiveFor(h.queue(name), 1, 0, 0)
				h.receiveFor(h.queue(name), 1, 0, 0)
			}
		}
		h.startMove(dead, MoveRequest{})
		h.startMove(other, MoveRequest{})
		h.wantMove(h.moved(dead), MoveCompleted, 200, 200, "")
		h.wantMove(h.moved(other), MoveCompleted, 200, 200, "")
		h.wantCounts(h.queue("p"), 200, 0, 0)
		h.wantCounts(h.queue("q"), 200, 0, 0)
	})
}
