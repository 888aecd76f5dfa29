package engine

import (
	"cmp"
	"container/list"
	"sync"
	"sync/atomic"

	"github.com/bufeomq/bufeo/internal/store"
)

// Queue is one queue. Its methods fail with ErrNoQueue once it is deleted.
//
// A message that is neither deleted nor expired is in exactly one of:
//
//	fresh    never received, never delayed, no group: in the window, or on disk behind window.end
//	groups   never received, with a group: in the group's window or on disk. In a FIFO queue every message has a group,
//	         and those that were received stay in it
//	delays   delayed and not yet visible, or visible but on disk behind delays.horizon
//	flight   received and its visibility timeout runs
//	ready    received and the timeout is over, or delayed and the delay is over (those of noisy tenants: parked)
//	due      delayed, and the delay was over when a refill brought it in
//
// The disk has the same facts under keys that no passing of time changes: becoming visible writes nothing.
type Queue struct {
	e       *Engine
	id      store.QueueID
	key     Key
	created int64 // ms
	fifo    bool
	byGroup bool // deduplication ids count by group
	redrive atomic.Pointer[redrivePolicy]
	inbox   inbox
	loading sync.Mutex // held while the queue is read from the store
	timer   timer      // the scheduler's

	mu queueState
}

// queueState is small: there may be many queues that nobody uses.
type queueState struct {
	sync.Mutex
	gone      bool // deleted
	idle      bool // contents are nil because there are no messages: counters tell all
	def       Definition
	modified  int64
	settings  settings
	last      *store.Pending // newest append; every answer waits for it
	counters  store.Counters
	dedup     *dedup        // FIFO
	moves     []*moveTask   // of this queue's messages to others, the newest last; only that can be running
	waiters   list.List     // of *waiter, in order of arrival: long polls
	refilling list.List     // of *waiter: receives that wait for a refill
	owed      int           // messages that waiters were woken for who have not tried yet
	expiry    chan struct{} // capacity 1; full while somebody deletes expired messages. nil: nobody has yet

	*contents // nil while the queue is idle, or has not been read from the store (see load)
}

// contents is what memory knows of the messages of a queue.
type contents struct {
	segments segments
	bySecond map[int64]int64   // delayed messages by the second in which they become visible, future seconds only; FIFO: see countSentLocked
	held     map[uint64]*entry // every message that was received
	fresh    window
	groups   rotation
	tenants  tenants
	attempts *attempts // FIFO
	delays   delays
	flight   heapOf
	ready    heapOf
	due      window
	skipped  uint64 // least sequence number put into limbo out of fresh; 0: none
	expiryAt int64  // when expiry is due next, ms; 0: not known
	used     int64  // when somebody used the queue last, ms
	idleAt   int64  // when to see whether it is idle, ms; 0: not planned (see idle.go)

	surfaced int     // what became visible by the passing of time since those who wait were last woken for it
	refill   *refill // the one that is running, or nil
	// refillAgain is when the scheduler may try again after a failed one, ms; 0: at once
	refillAgain int64

	expiring *expiryScan // while expiry reads the disk
}

func newQueue(e *Engine, k Key, rec *store.QueueRecord) *Queue {
	q := &Queue{e: e, id: rec.ID, key: k, created: rec.Created, byGroup: rec.DedupByGroup}
	q.fifo = isFIFO(rec.Attributes)
	q.timer = timer{at: never, asked: never}
	q.mu.def, q.mu.modified = rec.Definition, rec.Modified
	q.mu.settings = settingsOf(rec.Attributes)
	q.redrive.Store(redriveOf(rec.Attributes))
	if q.fifo {
		q.mu.dedup = newDedup(q)
	}
	return q
}

func (q *Queue) newContents() *contents {
	m := &contents{groups: newRotation(allTurns), held: map[uint64]*entry{}}
	m.flight.less, m.ready.less, m.delays.heap.less = byVisibleAt, bySeq, byDelay
	if q.fifo {
		m.attempts = newAttempts(q.id)
	} else {
		m.tenants = newTenants(!q.e.o.NoFairQueues)
	}
	return m
}

// lock takes the queue's lock and sees to it that the queue is loaded and up to date. On an error the lock is not held.
func (q *Queue) lock() (now int64, err error) {
	q.mu.Lock()
	for q.mu.contents == nil && !q.mu.gone {
		if q.mu.idle {
			q.resumeLocked()
			break
		}
		q.mu.Unlock()
		if err := q.load(); err != nil {
			return 0, q.e.closing(err)
		}
		q.mu.Lock()
	}
	if q.mu.gone {
		last := q.mu.last
		q.mu.Unlock()
		return 0, cmp.Or(q.e.wait(last), ErrNoQueue)
	}
	now = q.e.now()
	q.mu.used = now
	q.advanceLocked(now)
	q.takeInLocked(now)
	return now, nil
}

// settleLocked puts a received message where its visibility timeout says.
func (q *Queue) settleLocked(e *entry, now int64) {
	switch {
	case e.state.VisibleAt > now:
		e.in = inFlight
		q.mu.flight.push(e)
		q.flyLocked(e)
	case q.fifo: // it is in its group
		e.in = inGroup
	default:
		e.in = inReady
		q.mu.ready.push(e)
	}
}

// detachLocked takes e out of the structure that holds it. Fresh entries leave by window.pop only.
func (q *Queue) detachLocked(e *entry) {
	switch e.in {
	case inFlight:
		q.mu.flight.remove(e)
		q.landLocked(e)
	case inReady:
		q.mu.ready.remove(e)
	case inDue:
		q.mu.due.take(e.seq)
	case inParked:
		q.takeParkedLocked(e)
	case inDelays:
		q.mu.delays.heap.remove(e)
	}
	e.in = nowhere
}

// forgetLocked drops everything that memory knows of messages.
func (q *Queue) forgetLocked() {
	was := q.mu.contents
	if was == nil {
		return
	}
	for e := was.fresh.top(); e != nil; e = was.fresh.top() {
		q.uncache(was.fresh.pop())
	}
	for _, e := range was.held {
		e.gone = true // a body that is being read is not kept for it
		q.uncache(e)
	}
	for e := range was.delayed() {
		e.gone = true
		q.uncache(e)
	}
	for _, g := range was.groups.known {
		g.gone = true
		for g.fresh.len() > 0 {
			q.uncache(g.fresh.pop())
		}
	}
	if q.fifo {
		q.mu.dedup.purge()
	}
	m := q.newContents()
	m.fresh.end, m.delays.horizon = q.mu.counters.NextSeq, allDelays
	m.used = was.used
	m.surfaced, m.refill, m.refillAgain, m.expiring = was.surfaced, was.refill, was.refillAgain, was.expiring
	if m.refill != nil {
		m.refill.cancelled = true
	}
	if m.expiring != nil {
		m.expiring.cancelled = true
	}
	q.mu.contents = m
}

// cache keeps a body in memory for its delivery if there is room for it.
func (q *Queue) cache(e *entry, msg *Message) bool {
	if q.e.cached.Add(e.size) > q.e.o.CacheBytes {
		q.e.cached.Add(-e.size)
		return false
	}
	e.msg = msg
	return true
}

func (q *Queue) uncache(e *entry) {
	if e.msg != nil {
		q.e.cached.Add(-e.size)
		e.msg = nil
	}
}

// appendLocked hands the transition's effects to the store, which fixes their order.
func (q *Queue) appendLocked(fx *store.Batch) {
	if fx.Empty() {
		fx.Release()
		return
	}
	q.mu.last = q.e.st.Append(fx)
}

// flushLocked completes the effects of a transition that changed messages: counters and segments.
func (q *Queue) flushLocked(fx *store.Batch) {
	q.mu.segments.flush(q.id, fx)
	fx.PutCounters(q.id, q.countersLocked())
	q.appendLocked(fx)
}

// countersLocked is what a restart begins with.
func (q *Queue) countersLocked() *store.Counters {
	c := &q.mu.counters
	c.Low = q.lowLocked()
	c.LowTurn = q.mu.groups.low(c.LowTurn, c.NextSeq)
	return c
}

// lowLocked is the least sequence number that a restart has to look at for messages that were never received.
func (q *Queue) lowLocked() uint64 {
	if q.mu.skipped != 0 {
		return min(q.mu.skipped, q.mu.fresh.low())
	}
	return q.mu.fresh.low()
}
