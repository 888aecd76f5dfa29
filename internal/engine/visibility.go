package engine

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// ChangeVisibility sets, from now, how long deliveries stay hidden. The first result has an error for each change: nil,
// ErrBadHandle, ErrOtherQueue, ErrMessageGone (deleted) or ErrBeyondLimit (more than 12 hours after that receive). In a
// standard queue a message that is visible again is hidden anew, and an older handle works too, both as recorded from
// AWS; in a FIFO queue both are ErrHandleExpired.
func (q *Queue) ChangeVisibility(ctx context.Context, cs []VisibilityChange) ([]error, error) {
	errs := make([]error, len(cs))
	opened := make([]handle, len(cs))
	for i := range cs {
		opened[i], errs[i] = q.openHandle(cs[i].Handle)
	}
	now, err := q.lock()
	if err != nil {
		return nil, err
	}
	fx := store.NewBatch()
	visible := 0
	for i, h := range opened {
		if errs[i] != nil {
			continue
		}
		errs[i] = q.changeLocked(now, h, cs[i].Timeout.Milliseconds(), fx)
		if errs[i] == nil && cs[i].Timeout == 0 {
			visible++
		}
	}
	q.appendLocked(fx)
	pending := q.mu.last
	q.wakeLocked(visible)
	q.unlock(now)
	return errs, q.e.wait(pending)
}

func (q *Queue) changeLocked(now int64, h handle, timeout int64, fx *store.Batch) error {
	e := q.mu.held[h.seq]
	if e == nil || e.sent+q.mu.settings.retention <= now {
		return ErrMessageGone
	}
	if q.expiredLocked(e, h, now) {
		return ErrHandleExpired
	}
	if now-h.received+timeout > api.MaxVisibilityTimeout*1000 {
		return ErrBeyondLimit
	}
	q.detachLocked(e)
	q.forgetAttemptLocked(e.seq, fx)
	e.state.VisibleAt = now + timeout
	if plantedFault != faultVisibilityNotLogged {
		fx.PutState(q.id, e.seq, &e.state)
	}
	q.settleLocked(e, now)
	q.settleOwnersLocked(e, now, fx)
	return nil
}
