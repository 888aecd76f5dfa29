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
// ErrBadHandle or ErrOtherQueue. A message that is deleted already is no error, but its delete is on disk before this
// returns. An older handle of a message that was received again deletes it too.
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
	for i, h := range opened {
		if errs[i] != nil {
			continue
		}
		// Every message that was ever received is in held until it is deleted, so what is not there is gone.
		if e := q.mu.held[h.seq]; e != nil {
			q.removeLocked(e, fx)
		}
	}
	if fx.Empty() {
		fx.Release()
	} else {
		q.flushLocked(fx)
	}
	pending := q.mu.last
	q.unlock(now)
	return errs, q.e.wait(ctx, pending)
}

// removeLocked takes a message out of everything. Fresh ones must have left the window.
func (q *Queue) removeLocked(e *entry, fx *store.Batch) {
	m := &q.mu
	if m.expiring != nil {
		m.expiring.removed[e.seq] = true
	}
	q.detachLocked(e)
	q.uncache(e)
	m.counters.Live--
	m.counters.Bytes -= e.size
	m.segments.remove(e)
	fx.DeleteMessage(q.id, e.seq)
	if e.received {
		fx.DeleteState(q.id, e.seq)
		delete(m.held, e.seq)
	}
	if e.delayedTo != 0 {
		m.counters.Delayed--
		fx.DeleteDelay(q.id, e.delayedTo, e.seq)
		if second := e.delayedTo / 1000; m.bySecond[second] > 0 {
			m.bySecond[second]--
			fx.PutDelayedCount(q.id, second, m.bySecond[second])
		}
	}
}
