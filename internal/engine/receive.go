package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Receive hands out up to p.Max visible messages, oldest first, and hides them for the visibility timeout. With a wait
// it returns as soon as there is at least one, and empty at the end of the wait or when the engine drains. It returns
// when the receive is on disk. If ctx has ended by then the receive is undone: nobody is there to get the messages.
// ErrOverLimit: too many in flight, and no wait.
func (q *Queue) Receive(ctx context.Context, p ReceiveParams) ([]Delivery, error) {
	var w waiter
	var timeout <-chan time.Time
	for {
		a := q.attempt(&p, &w)
		if a.err != nil {
			return nil, a.err
		}
		if len(a.taken) > 0 {
			return q.deliver(ctx, &a)
		}
		if timeout == nil && a.wait > 0 {
			timer := time.NewTimer(a.wait)
			defer timer.Stop()
			timeout = timer.C
		}
		if a.refill != nil {
			select {
			case <-a.refill.done:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			if a.refill.err != nil {
				return nil, a.refill.err
			}
			continue
		}
		if a.wait <= 0 {
			return nil, q.e.wait(ctx, a.pending)
		}
		if !q.pause(ctx, &w, timeout) {
			q.mu.Lock()
			q.leaveLocked(&w)
			q.rescheduleLocked(q.e.now())
			q.mu.Unlock()
			return nil, ctx.Err()
		}
	}
}

// attempt is one try to receive.
type attempt struct {
	taken   []taken
	pending *store.Pending // to wait for before any answer
	refill  *refill        // to wait for before the next try
	wait    time.Duration  // how long to wait for a message in all
	err     error
}

// taken is a message that was handed out, and what outlives the lock of its entry.
type taken struct {
	entry *entry
	msg   *Message // nil: to be read
	state store.State
	at    int64
}

func (q *Queue) attempt(p *ReceiveParams, w *waiter) (a attempt) {
	now, err := q.lock()
	if err != nil {
		return attempt{err: err}
	}
	defer q.unlock(now)
	a.wait = p.Wait
	if p.Wait < 0 {
		a.wait = time.Duration(q.mu.settings.wait) * time.Millisecond
	}
	select {
	case <-q.e.draining:
		a.wait = 0
	default:
	}
	room := api.MaxInFlight - q.mu.flight.len()
	if room <= 0 && a.wait == 0 {
		return attempt{err: ErrOverLimit}
	}
	want := min(p.Max, room)
	if q.mu.ready.len()+q.mu.fresh.len() < want && q.needsRefillLocked(now) {
		a.refill = q.startRefillLocked()
		return a
	}
	a.taken = q.receiveLocked(now, want, q.visibility(p))
	a.pending = q.mu.last
	if q.mu.fresh.len() < maxWindow/4 && q.needsRefillLocked(now) {
		q.startRefillLocked() // ahead of need
	}
	switch {
	case len(a.taken) > 0:
		if w.woken != nil {
			q.leaveLocked(w)
		}
		q.wakeLocked(q.mu.ready.len() + q.mu.fresh.len())
	case a.wait > 0:
		q.lineUpLocked(w)
	}
	return a
}

func (q *Queue) visibility(p *ReceiveParams) int64 {
	if p.Visibility < 0 {
		return q.mu.settings.visibility
	}
	return p.Visibility.Milliseconds()
}

// receiveLocked takes up to want visible messages and puts them in flight.
func (q *Queue) receiveLocked(now int64, want int, visibility int64) (out []taken) {
	fx := store.NewBatch()
	dirty := false // counters or segments
	for len(out) < want {
		e := q.nextReadyLocked()
		if e == nil {
			break
		}
		if e.sent+q.mu.settings.retention <= now {
			q.expireLocked(e, now, fx)
			dirty = true
			continue
		}
		dirty = dirty || !e.received
		q.hideLocked(e, now, visibility, fx)
		out = append(out, taken{entry: e, msg: e.msg, state: e.state, at: now})
		q.uncache(e)
	}
	for i := range out { // only now, so that a timeout of zero does not hand out a message twice
		q.settleLocked(out[i].entry, now)
	}
	if dirty {
		q.mu.counters.Low = q.lowLocked()
		q.flushLocked(fx)
	} else {
		q.appendLocked(fx)
	}
	return out
}

// nextReadyLocked takes the oldest visible message out of memory.
func (q *Queue) nextReadyLocked() *entry {
	ready, fresh := q.mu.ready.top(), q.mu.fresh.top()
	switch {
	case fresh != nil && (ready == nil || fresh.seq < ready.seq):
		return q.mu.fresh.pop()
	case ready != nil:
		q.detachLocked(ready)
		return ready
	}
	return nil
}

// lowLocked is the least sequence number that a restart has to look at for messages that were never received.
func (q *Queue) lowLocked() uint64 {
	if q.mu.skipped != 0 {
		return min(q.mu.skipped, q.mu.fresh.low())
	}
	return q.mu.fresh.low()
}

// hideLocked writes the receive of e.
func (q *Queue) hideLocked(e *entry, now, visibility int64, fx *store.Batch) {
	if !e.received {
		e.received = true
		e.state.Sent, e.state.Size = e.sent, e.size
		q.mu.held[e.seq] = e
		q.undelayLocked(e, fx)
	}
	if e.state.Receives == 0 { // also after an undo
		e.state.FirstReceive = now
	}
	e.state.Receives++
	e.state.VisibleAt = now + visibility
	e.state.Nonce = q.e.o.Rand()
	fx.PutState(q.id, e.seq, &e.state)
}

// undelayLocked removes the delay key of a message that needs it no more.
func (q *Queue) undelayLocked(e *entry, fx *store.Batch) {
	if e.delayedTo == 0 {
		return
	}
	fx.DeleteDelay(q.id, e.delayedTo, e.seq)
	q.mu.counters.Delayed--
	q.mu.segments.at(segmentOf(e.seq)).Delayed--
	e.delayedTo = 0
}

// deliver waits for the disk, reads the bodies that are not in memory and seals the handles.
func (q *Queue) deliver(ctx context.Context, a *attempt) ([]Delivery, error) {
	if err := q.e.wait(ctx, a.pending); err != nil {
		if ctx.Err() != nil {
			q.undo(a.taken)
		}
		return nil, err
	}
	out := make([]Delivery, 0, len(a.taken))
	for i := range a.taken {
		t := &a.taken[i]
		if t.msg == nil {
			msg, err := q.e.st.Message(q.id, t.entry.seq)
			if err != nil {
				return nil, fmt.Errorf("queue %s: %w", q.key.ARN(), err)
			}
			if msg == nil { // deleted or purged since
				continue
			}
			t.msg = msg
		}
		out = append(out, Delivery{
			Message:      t.msg,
			Handle:       q.e.seal.seal(handle{q.id, t.entry.seq, t.state.Nonce, t.at}),
			ReceiveCount: int(t.state.Receives),
			FirstReceive: t.state.FirstReceive,
		})
	}
	if ctx.Err() != nil {
		q.undo(a.taken)
		return nil, ctx.Err()
	}
	return out, nil
}

// undo makes messages visible again that went to a client who had left, unless somebody else has them by now. The
// receive no longer counts. It does not wait for the disk: nobody is told.
func (q *Queue) undo(ts []taken) {
	now, err := q.lock()
	if err != nil {
		return
	}
	defer q.unlock(now)
	fx := store.NewBatch()
	n := 0
	for i := range ts {
		e := q.mu.held[ts[i].entry.seq]
		if e != ts[i].entry || e.state.Nonce != ts[i].state.Nonce {
			continue
		}
		q.detachLocked(e)
		e.state.Receives--
		e.state.VisibleAt = now
		fx.PutState(q.id, e.seq, &e.state)
		q.settleLocked(e, now)
		n++
	}
	q.appendLocked(fx)
	q.wakeLocked(n)
}
