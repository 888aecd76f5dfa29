package engine

import (
	"sync"
	"sync/atomic"

	"github.com/bufeomq/bufeo/internal/store"
)

// inbox holds the messages that are on their way into a queue: on disk, and in memory, whether the queue is loaded or not.
// Its lock may be taken under the lock of any queue.
type inbox struct {
	n  atomic.Int64 // letters in mu.list
	mu struct {
		sync.Mutex
		closed bool // the queue is deleted
		list   []letter
	}
}

// letter is a message with the place that it came from, which names its record.
type letter struct {
	from store.InboxKey
	msg  *Message
}

// collect takes the inbox in. When that fails, the letters are on disk, and whoever comes next hears of it.
func (q *Queue) collect() {
	if now, err := q.lock(); err == nil {
		q.unlock(now)
	}
}

// takeInLocked gives everything in the inbox a place in the queue, in one batch with the end of the letters on disk. It is
// a part of lock: every operation on the queue finds them there.
func (q *Queue) takeInLocked(now int64) {
	if q.inbox.n.Load() == 0 {
		return
	}
	box := &q.inbox.mu
	box.Lock()
	list := box.list
	box.list = nil
	q.inbox.n.Store(0)
	box.Unlock()
	fx := store.NewBatch()
	policy, visible := q.redrive.Load(), 0
	for _, l := range list {
		fx.DeleteInbox(q.id, l.from)
		if l.msg.SourceARN == "" && !q.fifo { // of a move task: a new message, with the queue's delay
			l.msg.Delay = q.mu.settings.delay
		}
		q.countBytesLocked(l.msg.Size())
		q.placeLocked(now, l.msg, fx)
		through := policy != nil && l.msg.Receives >= policy.max // a dead letter here, too: nobody will get it
		if l.msg.Delay == 0 && !through {
			visible++
		}
	}
	q.flushLocked(fx)
	q.wakeLocked(visible)
}

// close refuses further letters: the queue is being deleted. What is in the inbox goes with it.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.closed, b.mu.list = true, nil
	b.n.Store(0)
}

// restore adds what a restart found on disk to what has come since.
func (b *inbox) restore(found []letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := map[store.InboxKey]bool{}
	for _, l := range found {
		known[l.from] = true
	}
	for _, l := range b.mu.list {
		if !known[l.from] {
			found = append(found, l)
		}
	}
	b.mu.list = found
	b.n.Store(int64(len(found)))
}
