package engine

import (
	"context"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// maxMoveTasks is how many tasks of a queue are remembered: as many as ListMessageMoveTasks can return (AWS API
// reference).
const maxMoveTasks = 10

// moveTask is a task as the queue knows it, with the number of its record. It is guarded by the queue's lock.
type moveTask struct {
	store.MoveTask
	n uint64
}

func (t *moveTask) info() Move {
	return Move{
		ID:            FormatID(t.ID),
		MoveRequest:   MoveRequest{t.Destination, t.PerSecond},
		Status:        t.Status,
		Started:       time.UnixMilli(t.Started),
		Moved:         t.Moved,
		ToMove:        t.ToMove,
		FailureReason: t.Failure,
	}
}

// StartMove begins to move the messages that can be received now to another queue, or back to where they came from, and
// returns as soon as the task is on disk. The work goes on in the background, and after a restart (see mover.go).
// ErrMoveRunning: one is at work already.
func (q *Queue) StartMove(ctx context.Context, r MoveRequest) (id string, err error) {
	now, err := q.lockSettled(ctx)
	if err != nil {
		return "", err
	}
	if t := q.runningLocked(); t != nil {
		q.unlock(now)
		return "", ErrMoveRunning
	}
	t := &moveTask{store.MoveTask{
		ID:          q.e.newID(),
		Status:      MoveRunning,
		Started:     now,
		Destination: r.Destination,
		PerSecond:   r.PerSecond,
		End:         q.mu.counters.NextSeq - 1,
		ToMove:      int64(q.countLocked(now).Visible),
	}, 1}
	fx := store.NewBatch()
	if last := len(q.mu.moves) - 1; last >= 0 {
		t.n = q.mu.moves[last].n + 1
	}
	if len(q.mu.moves) == maxMoveTasks {
		fx.DeleteMoveTask(q.id, q.mu.moves[0].n)
		q.mu.moves = slices.Delete(q.mu.moves, 0, 1)
	}
	q.mu.moves = append(q.mu.moves, t)
	fx.PutMoveTask(q.id, t.n, &t.MoveTask)
	q.appendLocked(fx)
	pending := q.mu.last
	q.unlock(now)
	q.e.background(func() { q.runMove(t, false) }) // what it writes comes after the task
	return FormatID(t.ID), q.e.wait(pending)
}

// runningLocked is the task that is at work, or nil.
func (q *Queue) runningLocked() *moveTask {
	if n := len(q.mu.moves); n > 0 && q.mu.moves[n-1].Status == MoveRunning {
		return q.mu.moves[n-1]
	}
	return nil
}

// CancelMove ends a task and reports how many messages it has moved; not one more follows.
// ErrNoMove: this queue has no such task. ErrMoveOver: it has ended already.
func (q *Queue) CancelMove(ctx context.Context, id string) (moved int64, err error) {
	q.mu.Lock()
	moved, err = q.cancelMoveLocked(id)
	pending := q.mu.last
	q.mu.Unlock()
	if waited := q.e.wait(pending); waited != nil {
		return 0, waited
	}
	return moved, err
}

func (q *Queue) cancelMoveLocked(id string) (moved int64, err error) {
	if q.mu.gone {
		return 0, ErrNoQueue
	}
	i := slices.IndexFunc(q.mu.moves, func(t *moveTask) bool { return FormatID(t.ID) == id })
	switch {
	case i < 0:
		return 0, ErrNoMove
	case q.mu.moves[i].Status != MoveRunning:
		return 0, ErrMoveOver
	}
	t := q.mu.moves[i]
	t.Status = MoveCancelled
	fx := store.NewBatch()
	fx.PutMoveTask(q.id, t.n, &t.MoveTask)
	q.appendLocked(fx)
	return t.Moved, nil
}

// Moves lists up to max tasks of this queue, the newest first.
func (q *Queue) Moves(ctx context.Context, max int) ([]Move, error) {
	q.mu.Lock()
	var list []Move
	for _, t := range slices.Backward(q.mu.moves) {
		if len(list) < max {
			list = append(list, t.info())
		}
	}
	pending := q.mu.last
	q.mu.Unlock()
	return list, q.e.wait(pending)
}
