package engine

import "github.com/bufeomq/bufeo/internal/store"

// Retention hides an expired message at the moment anyone looks: what is drawn is compared with the clock (draw.take). It
// is deleted soon after, see expiry.go.
//
// What had expired before the engine was opened is only hidden at first: if the clock was wrong at start, nothing is lost
// within the grace. In memory such a message is in limbo, where no receive finds it; on disk it stays
// where a restart finds it.

// inGraceLocked reports whether a message sent then had expired before the engine was opened and is to be kept yet.
func (q *Queue) inGraceLocked(sent, now int64) bool {
	return sent+q.mu.settings.retention <= q.e.opened && now < q.e.opened+q.e.grace
}

// expireLocked ends an expired message that a receive came upon.
func (q *Queue) expireLocked(e *entry, now int64, fx *store.Batch) {
	if !q.inGraceLocked(e.sent, now) {
		q.removeLocked(e, fx)
		return
	}
	q.detachLocked(e)
	q.uncache(e)
	e.in = inLimbo
	switch {
	case e.received && q.fifo:
		e.group.received.drop()
	case e.received, e.delayedTo != 0:
	case e.group != nil:
		if !e.group.limbo { // so that a restart finds it, should the clock be right then
			e.group.limbo = true
			fx.PutTurn(q.id, &store.Turn{Turn: q.nextTurnLocked(), Group: e.groupID, Seq: e.seq})
		}
	case q.mu.skipped == 0 || e.seq < q.mu.skipped:
		q.mu.skipped = e.seq
	}
}

// expiryDueLocked is when messages of this queue are to be deleted next: not while that is under way.
func (q *Queue) expiryDueLocked(now int64) int64 {
	m := &q.mu
	if m.expiring != nil {
		return never
	}
	if m.expiryAt == 0 {
		if len(m.segments.list) == 0 {
			return never
		}
		m.expiryAt = q.nextExpiryLocked(now)
		if !q.fifo || m.waiters.Len() == 0 { // what expires may unlock a group for them
			m.expiryAt = max(m.expiryAt, now+expiryInterval)
		}
	}
	return m.expiryAt
}

// nextExpiryLocked is when the oldest message expires, or when the grace of those that had expired before ends.
func (q *Queue) nextExpiryLocked(now int64) int64 {
	next := int64(never)
	for i := range q.mu.segments.list {
		sent := q.mu.segments.list[i].MinSent
		if q.inGraceLocked(sent, now) {
			next = min(next, q.e.opened+q.e.grace)
		} else {
			next = min(next, sent+q.mu.settings.retention)
		}
	}
	return next
}

func (q *Queue) hasExpiredLocked(now int64) bool { return q.expiredSegmentLocked(now) != nil }

// expiredSegmentLocked is the first segment in which something may have expired.
func (q *Queue) expiredSegmentLocked(now int64) *segment {
	for i := range q.mu.segments.list {
		g := &q.mu.segments.list[i]
		if g.MinSent+q.mu.settings.retention <= now && !q.inGraceLocked(g.MinSent, now) {
			return g
		}
	}
	return nil
}
