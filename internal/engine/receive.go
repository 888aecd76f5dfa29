package engine

import (
	"context"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// Receive hands out up to p.Max visible messages and hides them for the visibility timeout. A standard queue's come
// oldest first; of a FIFO queue's groups, in the order of their turns, each gives what it can. With a wait it returns as
// soon as there is at least one, and empty at the end of the wait or when the engine drains. It returns when the receive
// is on disk. If ctx has ended by then the receive is undone: nobody is there to get the messages.
//
// A message that was received as often as the queue's RedrivePolicy allows goes to the dead-letter queue instead.
//
// ErrOverLimit: too many in flight in a standard queue, and no wait. ErrOverloaded: far too much waits for the disk, or there
// is no memory for a message.
func (q *Queue) Receive(ctx context.Context, p ReceiveParams) ([]Delivery, error) {
	if err := q.e.admitReceive(); err != nil {
		return nil, err
	}
	var w waiter
	var timeout <-chan time.Time
	for {
		a := q.attempt(&p, &w, nil)
		a.letters.arrive()
		if a.err != nil {
			return nil, a.err
		}
		if a.lacks > 0 && len(a.taken) == 0 {
			p.Memory.Return()
			if p.Memory.Await(a.lacks, a.lacks*int64(p.Max)) {
				continue
			}
			q.gaveUp(&w) // who comes next may have room, and is to have what this one was woken for
			return nil, ErrOverloaded
		}
		if len(a.taken) > 0 {
			q.fillUp(ctx, &p, &a, &w)
			return q.deliver(ctx, &a)
		}
		if timeout == nil && a.wait > 0 {
			p.Wait = a.wait // whatever becomes of the queue's
			timer := time.NewTimer(a.wait)
			defer timer.Stop()
			timeout = timer.C
		}
		if a.again() {
			if err := q.fetchFor(ctx, &a, &w); err != nil {
				return nil, err
			}
			continue
		}
		if a.wait <= 0 {
			return nil, q.e.wait(a.pending)
		}
		w.limit = 0
		if p.Memory != nil {
			p.Memory.Return()
		}
		if !q.pause(ctx, &w, timeout) {
			q.gaveUp(&w)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return nil, q.e.wait(a.pending) // dead letters may be on their way to the disk
		}
	}
}

// fillUp goes on with a try that ended because the next messages, or dead letters before them, were on disk. What it has
// is received in any case.
func (q *Queue) fillUp(ctx context.Context, p *ReceiveParams, a *attempt, w *waiter) {
	for a.again() && q.fetchFor(ctx, a, w) == nil {
		next := *p
		next.Max, next.Wait = p.Max-len(a.taken), 0
		b := q.attempt(&next, w, a.taken)
		b.letters.arrive()
		if b.err != nil {
			return
		}
		b.taken = append(a.taken, b.taken...)
		if b.pending == nil {
			b.pending = a.pending
		}
		*a = b
	}
}

// attempt is one try to receive, of which a receive may need several. (pastAttempt is what a ReceiveRequestAttemptId names.)
type attempt struct {
	taken   []taken
	pending *store.Pending // to wait for before any answer
	wait    time.Duration  // how long to wait for a message in all
	err     error

	// What keeps a try from going on is none of the client's business: the next try comes at once.
	refill  *refill  // to wait for
	unread  []*entry // dead letters whose bodies are to be read
	expired bool     // FIFO: messages that have expired may lock groups
	more    bool     // there was too much to do under one hold of the lock
	lacks   int64    // there was no memory for the next one, which needs so much: that is all
	letters postage  // dead letters that were moved
}

func (a *attempt) again() bool {
	return a.lacks == 0 && (a.refill != nil || len(a.unread) > 0 || a.more || a.expired)
}

// taken is a message that was handed out, and what outlives the lock of its entry.
type taken struct {
	entry *entry
	msg   *Message // nil: to be read
	state store.State
	at    int64 // when it was received: the receipt handle says so
}

// attempt is one try. had is what earlier tries of the same receive were given.
func (q *Queue) attempt(p *ReceiveParams, w *waiter, had []taken) (a attempt) {
	a.letters.open(q)
	now, err := q.lock()
	if err != nil {
		q.gaveUp(w)
		return attempt{err: err}
	}
	defer q.unlock(now)
	q.triesLocked(w)
	if r := w.refill; r != nil {
		if w.refill = nil; r.err != nil {
			return attempt{err: r.err}
		}
	}
	if w.limit == 0 {
		w.limit = q.mu.counters.NextSeq
	}
	a.wait = p.Wait
	if p.Wait < 0 {
		a.wait = time.Duration(q.mu.settings.wait) * time.Millisecond
	}
	short := a.wait == 0
	select {
	case <-q.e.draining:
		a.wait = 0
	default:
	}
	visibility := q.visibility(p)
	if len(had) == 0 && q.repeatLocked(&a, p, now, visibility) {
		return a
	}
	room := q.e.maxInFlight - q.mu.flight.len()
	if room <= 0 && short && !q.fifo {
		return attempt{err: ErrOverLimit}
	}
	want := min(p.Max, room)
	if q.fifo {
		q.mu.groups.served = p.Max
	}
	scarce := q.mu.readyLen()+q.mu.fresh.len()+q.mu.groups.loaded < want
	if want > 0 && (scarce && q.needsRefillLocked(now) || q.mu.groups.unread(want, 1)) {
		a.refill = q.startRefillLocked()
		q.lineUpForLocked(a.refill, w, want, len(had) > 0)
		return a
	}
	q.drawLocked(&draw{q: q, a: &a, now: now, want: want, visibility: visibility, fx: store.NewBatch(), had: had,
		limit: w.limit, memory: p.Memory}, p)
	if a.lacks > 0 && len(a.taken) == 0 {
		if len(had) > 0 { // it makes do with these
			q.wakeVisibleLocked()
		}
		return a
	}
	if q.runsLowLocked() && q.needsRefillLocked(now) || q.delaysOutsideLocked(now, maxDelays) || q.groupsRunLowLocked() {
		q.startRefillLocked() // ahead of need
	}
	switch {
	case len(a.taken) > 0:
		if w.woken != nil {
			q.leaveLocked(w)
		}
		q.wakeVisibleLocked()
	case a.again():
	case a.wait > 0:
		q.lineUpLocked(w, p.Max)
	}
	if a.refill != nil {
		q.lineUpForLocked(a.refill, w, want-len(a.taken), len(a.taken)+len(had) > 0)
	}
	return a
}

// drawLocked receives and appends what it writes.
func (q *Queue) drawLocked(d *draw, p *ReceiveParams) {
	a := d.a
	if q.fifo {
		d.fifo()
	} else {
		d.standard()
	}
	if q.fifo && p.AttemptID != "" && len(a.taken) > 0 {
		q.rememberLocked(p.AttemptID, slices.Concat(d.had, a.taken), d.fx)
	}
	if d.dirty {
		q.mu.segments.flush(q.id, d.fx)
		d.fx.PutCounters(q.id, q.countersLocked())
	}
	a.letters.post(q, d.fx)
	a.pending = q.mu.last
	if len(a.taken) == d.want || a.again() || a.lacks > 0 || d.round {
		return
	}
	if a.expired = q.fifo && q.hasExpiredLocked(d.now); a.expired {
		return
	}
	// Either what comes next is on disk, or all that memory had was expired or moved.
	if d.short || q.needsRefillLocked(d.now) {
		a.refill = q.startRefillLocked()
	}
}

// visibleLocked is at least how many receives could be served from memory now.
func (q *Queue) visibleLocked() int {
	return q.mu.readyLen() + q.mu.fresh.len() + q.mu.groups.available() + q.mu.tenants.parked.len()
}

func (q *Queue) runsLowLocked() bool {
	return q.mu.fresh.len() < maxWindow/4 && q.mu.groups.loaded < maxWindow/4
}

func (q *Queue) visibility(p *ReceiveParams) int64 {
	if p.Visibility < 0 {
		return q.mu.settings.visibility
	}
	return p.Visibility.Milliseconds()
}

// fetchFor is fetch for a receive that may be in line for a refill.
func (q *Queue) fetchFor(ctx context.Context, a *attempt, w *waiter) (err error) {
	if a.refill == nil || w.refill == nil {
		err = q.fetch(ctx, a)
	} else {
		select {
		case <-w.woken: // the next try tells how the refill went
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		q.gaveUp(w)
	}
	return err
}

// fetch does outside the lock what the last try could not do under it.
func (q *Queue) fetch(ctx context.Context, a *attempt) error {
	if a.refill != nil {
		select {
		case <-a.refill.done:
			return a.refill.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if a.expired {
		_, err := q.expireSlice(ctx)
		return err
	}
	if err := q.e.wait(a.pending); err != nil { // what is not applied cannot be read
		return err
	}
	for _, e := range a.unread {
		msg, err := q.readMessage(e.seq)
		if err != nil {
			return err
		}
		q.mu.Lock()
		if msg != nil && !e.gone && e.msg == nil {
			q.e.cached.Add(e.size)
			e.msg = msg
		}
		q.mu.Unlock()
	}
	return ctx.Err()
}
