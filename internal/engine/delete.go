package engine

import (
	"context"

	"github.com/bufeomq/bufeo/internal/store"
)

// openHandles checks handles against this queue. The errors are ErrBadHandle and ErrOtherQueue.
func (q *Queue) openHandle(text string) (handle, error) {
	h, err := q.e.seal.open(text)
	if err == nil && h.queue != q.id {
		err = ErrOtherQueue
	}
	return h, err
}

// DeleteMessages deletes the messages of these handles for good. The first result has an error for each handle: nil,
// ErrBadHandle, ErrOtherQueue or, in a FIFO queue, ErrHandleExpired. A message that is deleted already is no error, but its
// delete is on disk before this returns. In a standard queue an older handle of a message that was received again deletes
// it too.
func (q *Queue) DeleteMessages(ctx context.Context, handles []string) ([]error, error) {
	errs := make([]error, len(handles))
	opened := make([]handle, len(handles))
	for i, text := range handles {
		opened[i], errs[i] = q.openHandle(text)
	}
	now, err := q.lock()
	if err != nil {
		return nil, err
	}
	fx := store.NewBatch()
	freed := 0
	if q.mu.flight.len() >= q.e.maxInFlight {
		freed = len(opened) // polls may wait for room
	}
	for i, h := range opened {
		if errs[i] != nil {
			continue
		}
		// Every message that was ever received is in held until it is deleted, so what is not there is gone.
		e := q.mu.held[h.seq]
		switch {
		case e == nil:
		case q.expiredLocked(e, h, now):
			errs[i] = ErrHandleExpired
		default:
			q.removeLocked(e, fx)
			freed += q.settleOwnersLocked(e, now, fx)
		}
	}
	if fx.Empty() {
		fx.Release()
	} else {
		q.flushLocked(fx)
	}
	pending := q.mu.last
	q.wakeLocked(freed)
	q.unlock(now)
	return errs, q.e.wait(pending)
}

// expiredLocked reports whether a handle is good no more: in a FIFO queue, once the visibility timeout of its receive
// is over.
func (q *Queue) expiredLocked(e *entry, h handle, now int64) bool {
	return q.fifo && (e.state.Nonce != h.nonce || e.state.VisibleAt <= now)
}

// settleOwnersLocked brings the group of a removed message up to date, and reports how many receives may have waited
// for that.
func (q *Queue) settleOwnersLocked(e *entry, now int64, fx *store.Batch) int {
	g := e.group
	if g == nil || g.gone {
		return 0
	}
	q.settleGroupLocked(g, now, fx)
	onDisk := g.gone && g.placed != 0
	if q.fifo && (onDisk || g.in != nil && g.in != &q.mu.groups.waiting) && plantedFault != faultWakeMissed {
		return 1
	}
	return 0
}

// removeLocked takes a message out of everything but its group's order, which is up to the caller (settleOwnersLocked).
// Messages that were never received must have left the window.
func (q *Queue) removeLocked(e *entry, fx *store.Batch) {
	m := &q.mu
	if m.expiring != nil {
		m.expiring.removed[e.seq] = true
	}
	if m.refill != nil {
		if m.refill.removed == nil {
			m.refill.removed = map[uint64]bool{}
		}
		m.refill.removed[e.seq] = true
	}
	limbo := e.in == inLimbo
	q.detachLocked(e)
	q.uncache(e)
	e.gone = true
	q.forgetAttemptLocked(e.seq, fx)
	m.counters.Live--
	q.countBytesLocked(-e.size)
	m.segments.remove(e)
	if plantedFault != faultDeleteNotLogged {
		fx.DeleteMessage(q.id, e.seq)
		if e.received {
			fx.DeleteState(q.id, e.seq)
		}
	}
	if e.received {
		delete(m.held, e.seq)
		if q.fifo && !limbo {
			e.group.received.drop()
		}
	} else {
		q.unjoinLocked(e, fx)
	}
	if e.delayedTo != 0 {
		m.counters.Delayed--
		fx.DeleteDelay(q.id, e.delayedTo, e.seq)
		if second := e.delayedTo / 1000; m.bySecond[second] > 0 {
			q.countSecondLocked(second, -1, fx)
		}
	}
}
