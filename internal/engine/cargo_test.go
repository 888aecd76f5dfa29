package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// Whatever size messages have, one batch moves no more of them than one send could bring, but at least one.
func TestOneBatchMovesNoMoreThanOneSendBrings(t *testing.T) {
	cases := []struct {
		name       string
		size       int // of each message, as it is stored
		sent, want int
	}{
		{"so_small_that_only_the_number_counts", maxMoveBytes / maxMoves / 2, 2 * maxMoves, maxMoves},
		{"both_bounds_together", maxMoveBytes / maxMoves, maxMoves + 20, maxMoves},
		{"four_fit", maxMoveBytes / 4, 10, 4},
		{"four_do_not_fit", maxMoveBytes/4 + 1, 10, 3},
		{"one_fits", maxMoveBytes, 3, 1},
		{"one_does_not_fit", maxMoveBytes + 1, 3, 1},
	}
	for _, c := range cases {
		for _, fifo := range []bool{false, true} {
			t.Run(fmt.Sprintf("dead_letters/%s/fifo=%v", c.name, fifo), func(t *testing.T) {
				moveOnce(t, fifo, c.size, c.sent, c.want, true, func(h *harness, q *Queue) error {
					ds, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Visibility: -1})
					h.want(ds)
					return err
				})
			})
			t.Run(fmt.Sprintf("move_task/%s/fifo=%v", c.name, fifo), func(t *testing.T) {
				moveOnce(t, fifo, c.size, c.sent, c.want, false, func(h *harness, q *Queue) error {
					_, err := q.StartMove(context.Background(), MoveRequest{Destination: q.redrive.Load().target.ARN()})
					return err
				})
			})
		}
	}
}

// moveOnce sends messages, receives each of them as often as it may be if they are to be dead letters, and has move send
// them on while the disk stands still: what has arrived at the other queue then was in one batch.
func moveOnce(t *testing.T, fifo bool, size, sent, want int, received bool, move func(h *harness, q *Queue) error) {
	o := &Options{CacheBytes: 1 << 40} // a task moves what is in memory without waiting for the disk
	if received {
		o.CacheBytes = 1
	}
	stalled(t, o, func(h *harness, _ *Queue, g *gate) {
		suffix, kind := "", fmt.Sprint("FifoQueue=", fifo)
		if fifo {
			suffix = ".fifo"
		}
		dead := h.create("dead"+suffix, kind)
		q := h.create("large"+suffix, kind, redriveTo("dead"+suffix, 1))
		for i := range sent {
			m := NewMessage{GroupID: "g", DeduplicationID: fmt.Sprintf("%04d", i)}
			if !fifo {
				m = NewMessage{}
			}
			m.Body = strings.Repeat("x", size-int((&Message{GroupID: m.GroupID, DeduplicationID: m.DeduplicationID}).Size()))
			if _, err := q.Send(context.Background(), []NewMessage{m}); err != nil {
				t.Fatal(err)
			}
		}
		if received {
			h.receiveFor(q, sent, 0, 0)
		}
		before := h.e.cached.Load()
		g.shut()
		ended := make(results)
		ended.call(func() error { return move(h, q) })
		synctest.Wait()
		got := int(stored(dead))
		// What a standard queue reads ahead is about the next in its heap. When the next one is not among them the batch ends.
		fewer := received && !fifo && got > 0 && got < want
		if got != want && !fewer {
			t.Errorf("the first batch moved %d messages, want %d", got, want)
		}
		if read := int64(got*size) + h.e.cached.Load() - before; received && read > max(maxMoveBytes, int64(size)) {
			t.Errorf("%d bytes of bodies were read for it at once", read)
		}
		g.open()
		ended.want(t, 1)
		if !received {
			h.moved(q)
		}
		h.wantCounts(q, 0, 0, 0)
		h.wantCounts(dead, sent, 0, 0)
	})
}
