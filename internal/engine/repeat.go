package engine

import "github.com/bufeomq/bufeo/internal/store"

// repeatLocked answers a receive that repeats an earlier one by its ReceiveRequestAttemptId: the same messages and
// handles, hidden anew, and not counted. There has to be memory for all of them: fewer would not be the same answer.
func (q *Queue) repeatLocked(a *attempt, p *ReceiveParams, now, visibility int64) bool {
	if !q.fifo || p.AttemptID == "" {
		return false
	}
	past, es := q.mu.attempts.find(now, p.AttemptID, func(seq uint64) *entry {
		e := q.mu.held[seq]
		if e == nil || e.in != inFlight || e.sent+q.mu.settings.retention <= now {
			return nil
		}
		return e
	})
	if past == nil {
		return false
	}
	var size int64
	paid := true
	for _, e := range es {
		size += e.size
		paid = paid && (p.Memory == nil || p.Memory.Reserve(e.size))
	}
	if !paid {
		a.lacks = size
		return true
	}
	past.repeated = true
	fx := store.NewBatch()
	for _, e := range es {
		q.detachLocked(e)
		e.state.VisibleAt = now + visibility
		fx.PutState(q.id, e.seq, &e.state)
		q.settleLocked(e, now)
		a.taken = append(a.taken, taken{entry: e, msg: e.msg, state: e.state, at: past.At})
	}
	for _, e := range es {
		q.settleFIFOLocked(e.group, now, false, fx)
	}
	q.appendLocked(fx)
	a.pending = q.mu.last
	q.wakeLocked(q.mu.groups.available()) // with a timeout of zero
	return true
}

// rememberLocked notes what a receive with an id was given.
func (q *Queue) rememberLocked(id string, ts []taken, fx *store.Batch) {
	ms := make([]store.AttemptMessage, len(ts))
	for i := range ts {
		ms[i] = store.AttemptMessage{Seq: ts[i].entry.seq, Nonce: ts[i].state.Nonce}
	}
	q.mu.attempts.put(ts[0].at, id, ms, fx)
}

func (q *Queue) forgetAttemptLocked(seq uint64, fx *store.Batch) {
	if q.fifo {
		q.mu.attempts.forget(seq, fx)
	}
}

func (q *Queue) repeatedLocked(seq uint64) bool { return q.fifo && q.mu.attempts.repeated(seq) }
