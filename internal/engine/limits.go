package engine

import (
	"sync/atomic"

	"github.com/bufeomq/bufeo/internal/store"
)

// Two things can be limited: how many queues there are, and how many bytes of messages are stored, in one queue and in all
// together. What is counted is store.Message.Size, as in counters and segments, and each sum is kept rather than taken:
// looking at it costs the same however much is stored. A message that is on its way between two queues is counted again
// when it arrives.
//
// Only what comes from outside is refused. Dead letters and the messages of move tasks are stored already: they go through,
// and a queue that they fill beyond its limit takes no sends until it is below.

// limits are the sums of an engine and how often each limit has refused something.
type limits struct {
	bytes   atomic.Int64 // of the messages of all queues, those that are not loaded included
	refused struct{ queues, storage, queueStorage atomic.Int64 }
}

// Usage says what of the limited is used, and how often its limit has refused something since Open.
type Usage struct {
	Queues, QueuesRefused   int64
	Storage, StorageRefused int64 // bytes
	QueueStorageRefused     int64
}

// Usage is cheap: it looks at no queue.
func (e *Engine) Usage() Usage {
	e.mu.RLock()
	queues := len(e.mu.names)
	e.mu.RUnlock()
	return Usage{
		Queues: int64(queues), QueuesRefused: e.limits.refused.queues.Load(),
		Storage: e.limits.bytes.Load(), StorageRefused: e.limits.refused.storage.Load(),
		QueueStorageRefused: e.limits.refused.queueStorage.Load(),
	}
}

// sumUp finds out what is stored, before any queue is loaded. Where something cannot be read, its queue says so when it is
// used, and the others go on; what loads is counted then.
func (e *Engine) sumUp(queues map[store.QueueID]*Queue) {
	err := e.st.Counters(func(id store.QueueID, c store.Counters) {
		if q := queues[id]; q != nil {
			q.mu.counters.Bytes = c.Bytes
			e.limits.bytes.Add(c.Bytes)
		}
	})
	if err != nil {
		e.o.Log.Error("cannot sum up what is stored", "error", err.Error(),
			"hint", "check the disk; until all queues were used, --max-storage allows more than it should")
	}
}

// admitQueueLocked refuses one queue more than there may be.
func (e *Engine) admitQueueLocked() error {
	if e.o.MaxQueues == 0 || len(e.mu.names) < e.o.MaxQueues {
		return nil
	}
	e.limits.refused.queues.Add(1)
	return ErrTooManyQueues
}

// admitBytesLocked counts the messages of a send, or refuses them. A send that stores nothing, since all are duplicates, is
// never refused.
func (q *Queue) admitBytesLocked(bytes int64) error {
	l, o := &q.e.limits, &q.e.o
	if bytes == 0 {
		return nil
	}
	if o.MaxQueueStorage > 0 && q.mu.counters.Bytes+bytes > o.MaxQueueStorage {
		l.refused.queueStorage.Add(1)
		return ErrQueueStorage
	}
	// Not Add and then a look: two sends that together are too much would both be refused.
	for {
		used := l.bytes.Load()
		if o.MaxStorage > 0 && used+bytes > o.MaxStorage {
			l.refused.storage.Add(1)
			return ErrStorage
		}
		if l.bytes.CompareAndSwap(used, used+bytes) {
			q.mu.counters.Bytes += bytes
			return nil
		}
	}
}

// countBytesLocked counts what was not sent, or is gone.
func (q *Queue) countBytesLocked(bytes int64) {
	q.mu.counters.Bytes += bytes
	q.e.limits.bytes.Add(bytes)
}
