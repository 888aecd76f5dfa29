package engine

import (
	"github.com/bufeomq/bufeo/internal/store"
)

// A queue that is empty and that nobody uses drops its contents: with ten thousand queues, what was once needed for a
// message or two would be most of what they weigh. There is nothing to read when it is used again, since the counters stay.

// idleAfter is how long a queue must be empty and unused, in ms. Making contents anew takes a microsecond.
const idleAfter = 10_000

// emptyLocked reports whether there is nothing in memory that counters do not tell.
func (q *Queue) emptyLocked() bool {
	m := &q.mu
	return m.counters.Live == 0 && m.waiters.Len() == 0 && m.refill == nil && m.expiring == nil && m.skipped == 0 &&
		m.groups.complete() && q.inbox.n.Load() == 0
}

// idleDueLocked is when to see whether the queue is idle. The time stays as it is while the queue is used, and has
// messages or not from one call to the next, so that the scheduler need not be told each time.
func (q *Queue) idleDueLocked(now int64) int64 {
	m := &q.mu
	if m.idleAt == 0 && q.emptyLocked() {
		m.idleAt = now + idleAfter
	}
	if m.idleAt == 0 {
		return never
	}
	return m.idleAt
}

// retireLocked makes the queue idle, or plans when to see again.
func (q *Queue) retireLocked(now int64) {
	m := &q.mu
	m.idleAt = 0
	if !q.emptyLocked() {
		return
	}
	at := m.used + idleAfter
	if q.fifo {
		m.dedup.expire(now)
		at = max(at, m.dedup.until())
	}
	if !isDone(m.last) {
		at = max(at, now+1)
	}
	if at > now {
		m.idleAt = at
		return
	}
	if m.last.Wait() == nil { // it is done: of what failed every answer is to tell
		m.last = nil
	}
	m.idle, m.contents = true, nil
}

// resumeLocked makes the contents of an idle queue.
func (q *Queue) resumeLocked() {
	q.mu.idle = false
	q.installLocked(&store.Loaded{Counters: q.mu.counters, FirstTurn: allTurns}, q.e.now())
}

// idles reports whether the queue is idle, which whoever looks at many queues should leave it.
func (q *Queue) idles() (last *store.Pending, idle bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.mu.last, q.mu.idle && !q.mu.gone && q.inbox.n.Load() == 0
}
