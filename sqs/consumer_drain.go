package sqs

import (
	"context"
	"time"
)

// ending is the end of a run, in the order in which things happen.
type ending struct {
	on         bool
	pollEnd    time.Time // receives under way are cut off
	cancelAt   time.Time // handlers' contexts end
	abandonAt  time.Time // handlers that have not returned are left alone
	abortAt    time.Time // requests are cut off, and what is left is given up
	canceled   bool
	abandoned  bool
	abort      context.CancelFunc
	handedBack int
}

// What the end of a run takes beyond the drain timeout, at most.
const (
	lastPoll      = time.Second     // for a receive under way, from the start of the drain: its answer may be on the way
	handlersGrace = time.Second     // for handlers whose context has ended, to return
	lastRequests  = 5 * time.Second // for deletes and hand-backs
)

// startDrain ends receiving.
func (r *run[T]) startDrain() {
	if r.drain.on {
		return
	}
	r.drain.on = true
	r.drain.pollEnd = r.now.Add(lastPoll)
	r.drain.cancelAt = r.now.Add(*r.o.DrainTimeout)
	r.drain.abandonAt = r.drain.cancelAt.Add(handlersGrace)
	r.drain.abortAt = r.drain.cancelAt.Add(lastRequests)
	r.wakeAt(r.now)
}

// handBack has a message made visible because the run ends: once the last receive has ended, which would get it again.
func (r *run[T]) handBack(d *leased[T]) {
	d.phase = waiting
	r.waiting = append(r.waiting, d)
}

// handAllBack hands back what no handler has begun with, and what handlers gave up.
func (r *run[T]) handAllBack() {
	if !r.drain.on || r.receiving > 0 {
		return
	}
	for _, d := range r.waiting {
		d.handBack = true
		r.release(d, 0)
	}
	r.waiting = nil
}

// tickDrain does what is due of the drain.
func (r *run[T]) tickDrain() {
	if !r.drain.on {
		return
	}
	r.due(r.drain.pollEnd, func() {
		for _, end := range r.polls {
			end(context.Canceled)
		}
		clear(r.polls)
	})
	r.due(r.drain.cancelAt, func() {
		r.drain.canceled = true
		for d := range r.held {
			if d.phase == handling {
				d.cancel(ErrDrainTimeout)
			}
		}
	})
	r.due(r.drain.abandonAt, func() {
		r.drain.abandoned = true
		for d := range r.held {
			if d.phase == handling {
				r.handBack(d)
			}
		}
	})
	r.due(r.drain.abortAt, func() {
		r.drain.abort()
		for d := range r.held {
			r.forget(d)
		}
	})
}

// due calls do once t has come, which must do no harm when it is called again.
func (r *run[T]) due(t time.Time, do func()) {
	if r.now.Before(t) {
		r.wakeAt(t)
		return
	}
	do()
}
