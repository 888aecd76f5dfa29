package engine

import "math"

// maxAdvance bounds what one operation moves, so that none holds the lock for long because a hundred thousand timeouts
// ran out at once. What is left over is moved by the next: a receive needs ten.
const maxAdvance = 1000

// maxReady bounds the delayed messages that wait visibly in memory; more stay in the delays, and on disk.
const maxReady = 2 * maxDelays

// advanceLocked brings the queue up to now: timeouts and delays that are over make messages ready. It writes nothing.
// It reports whether all that was due was moved. Since nextVisibleLocked no longer tells of what was moved, whoever calls
// this wakes those who wait for it: see unlock.
func (q *Queue) advanceLocked(now int64) bool {
	m := &q.mu
	for steps := 0; ; steps++ {
		flight, delay, waiting := m.flight.top(), m.delays.heap.top(), m.groups.waiting.top()
		switch {
		case flight != nil && flight.state.VisibleAt <= now:
			if steps >= maxAdvance {
				return false
			}
			m.surfaced++
			q.detachLocked(flight)
			q.settleLocked(flight, now)
			if q.fifo {
				q.settleFIFOLocked(flight.group, now, false, nil) // writes nothing, as the group has a received message
			}
		case delay != nil && delay.delayedTo <= now && m.readyLen() < maxReady:
			if steps >= maxAdvance {
				return false
			}
			m.surfaced++
			q.detachLocked(delay)
			delay.in = inReady
			m.ready.push(delay)
		case waiting != nil && waiting.fresh.top().sent+m.settings.delay <= now:
			if steps >= maxAdvance {
				return false
			}
			m.surfaced++
			m.groups.fresh.put(waiting)
		default:
			return true
		}
	}
}

// never is the deadline of what does not come.
const never = math.MaxInt64

// nextVisibleLocked is when, after now, a message becomes visible by the passing of time alone.
func (q *Queue) nextVisibleLocked() int64 {
	next := int64(never)
	if e := q.mu.flight.top(); e != nil {
		next = e.state.VisibleAt
	}
	if e := q.mu.delays.heap.top(); e != nil {
		next = min(next, e.delayedTo)
	} else if !q.mu.delays.complete() && q.mu.refill == nil && q.mu.readyLen() < maxDelays {
		// A refill wakes those who wait when it is done; with enough ready there is nothing to bring in.
		next = min(next, max(q.mu.delays.horizon.at, q.mu.refillAgain))
	}
	if g := q.mu.groups.waiting.top(); g != nil {
		next = min(next, g.fresh.top().sent+q.mu.settings.delay)
	}
	return next
}

// rescheduleLocked tells the scheduler when this queue needs attention next: while somebody waits, when a message
// becomes visible; in any case, when messages expire, and when it may be idle.
func (q *Queue) rescheduleLocked(now int64) {
	if q.mu.contents == nil {
		q.e.sched.set(q, never)
		return
	}
	next := min(q.expiryDueLocked(now), q.idleDueLocked(now))
	if q.mu.waiters.Len() > 0 {
		next = min(next, q.nextVisibleLocked())
	}
	q.e.sched.set(q, next)
}

// wakeVisibleLocked wakes as many of those who wait as memory has something for, besides those who were woken already.
func (q *Queue) wakeVisibleLocked() {
	q.mu.surfaced = 0
	left := q.wakeLocked(q.visibleLocked() - q.mu.owed)
	q.wakeLineLocked(&q.mu.refilling, left)
}

// unlock ends an operation. It wakes those who wait for what became visible by the passing of time, if it was this
// operation that noticed.
func (q *Queue) unlock(now int64) {
	q.wakeLocked(min(q.mu.surfaced, q.visibleLocked()))
	q.mu.surfaced = 0
	q.wakeStrandedLocked()
	q.rescheduleLocked(now)
	q.mu.Unlock()
}

// wakeUp is the scheduler's call at the deadline.
func (q *Queue) wakeUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.timer.asked = never // the scheduler took the deadline out
	if q.mu.gone || q.mu.contents == nil {
		return
	}
	now := q.e.now()
	if at := q.mu.idleAt; at != 0 && at <= now {
		if q.retireLocked(now); q.mu.idle {
			return
		}
	}
	q.advanceLocked(now)
	if q.mu.waiters.Len() > 0 {
		if now >= q.mu.refillAgain && q.needsRefillLocked(now) {
			q.startRefillLocked() // which wakes them when it is done
		}
		q.wakeVisibleLocked()
	}
	if q.expiryDueLocked(now) <= now {
		q.startExpiryLocked()
	}
	q.rescheduleLocked(now)
}
