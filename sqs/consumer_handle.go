package sqs

import (
	"context"
	"errors"
	"slices"
	"time"
)

// dispatch starts handlers while there are workers, oldest message first. Of a group that has a message under way, nothing
// is started.
func (r *run[T]) dispatch(ctx context.Context) {
	var stopped map[string]bool // groups whose first message is doubtful: the next one must not overtake it
	for i := 0; i < len(r.waiting) && r.running < r.o.Workers && !r.drain.on; {
		d := r.waiting[i]
		if d.group != "" && (r.busy[d.group] || stopped[d.group]) {
			i++
			continue
		}
		if d.doubtful {
			if stopped == nil {
				stopped = map[string]bool{}
			}
			stopped[d.group] = d.group != ""
			i++
			continue
		}
		if i == 0 {
			r.waiting = r.waiting[1:]
		} else {
			r.waiting = slices.Delete(r.waiting, i, i+1)
		}
		r.start(ctx, d)
	}
}

func (r *run[T]) start(ctx context.Context, d *leased[T]) {
	ctx, d.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	d.phase = handling
	r.running++
	if d.group != "" {
		r.busy[d.group] = true
	}
	start := r.now
	go func() {
		err := errGoexit
		defer func() {
			took := time.Since(start)
			select {
			case r.events <- func() { r.handled(d, start, took, err) }:
			case <-r.done: // it was abandoned
			}
		}()
		err = r.handle(ctx, d.m)
	}()
}

// handled decides what becomes of a message whose handler has returned.
func (r *run[T]) handled(d *leased[T], start time.Time, took time.Duration, err error) {
	r.running--
	d.cancel(nil)
	outcome := r.outcome(d, err)
	if hook := r.o.Hooks.Handled; hook != nil {
		hook(ConsumerHandled{
			MessageID: d.m.ID, GroupID: d.group, Receives: d.receives,
			Waited: start.Sub(d.received), Took: took, Outcome: outcome, Err: err,
		})
	}
	switch outcome {
	case OutcomeDone, OutcomeDropped:
		r.remove(d)
		return // the group goes on when the message is deleted
	case OutcomeRetried:
		r.release(d, r.delay(d, err))
		r.returnGroup(d)
	case OutcomeHandedBack:
		r.handBack(d)
		r.returnGroup(d)
	case OutcomeKept:
		r.forget(d)
		r.returnGroup(d)
	case OutcomeLost: // whatever waits of the group came later, with the message that was lost
	}
	delete(r.busy, d.group)
}

func (r *run[T]) outcome(d *leased[T], err error) Outcome {
	switch {
	case d.phase != handling:
		return OutcomeLost
	case err == nil:
		return OutcomeDone
	case errors.Is(err, ErrDrop):
		return OutcomeDropped
	case errors.Is(err, ErrKeep):
		return OutcomeKept
	}
	if _, ok := errors.AsType[*RetryError](err); !ok && r.drain.canceled {
		return OutcomeHandedBack
	}
	return OutcomeRetried
}

func (r *run[T]) delay(d *leased[T], err error) time.Duration {
	if e, ok := errors.AsType[*RetryError](err); ok {
		return max(0, e.After)
	}
	return max(0, r.o.RetryDelay(d.receives))
}

// returnGroup gives back the messages that wait here behind d, in its group: d comes back, and they must not overtake it.
// While d is invisible, the server keeps back the group.
func (r *run[T]) returnGroup(d *leased[T]) {
	if d.group == "" || r.drain.on { // the end of the run gives them back
		return
	}
	r.waiting = slices.DeleteFunc(r.waiting, func(w *leased[T]) bool {
		if w.group != d.group {
			return false
		}
		r.release(w, 0)
		return true
	})
}
