package store

import (
	"encoding/binary"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// The operations of a batch.
const (
	opSet byte = iota + 1
	opDelete
	opDeleteRange // the "value" is the end key, exclusive
	// opLatest sets a record that nearly every batch of a queue sets anew: its counters and segments. Of those in one
	// group only the last is written (see latest).
	opLatest
)

// Batch collects the changes of one transition. It is a sequence of operation, key and value, each of the latter two
// preceded by a 4-byte length. The zero value is ready to use; a batch is owned by one goroutine until it is appended.
type Batch struct {
	buf []byte
}

var batchPool = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch. Append takes it back.
func NewBatch() *Batch { return batchPool.Get().(*Batch) }

func (b *Batch) release() {
	if cap(b.buf) > 1<<20 { // keep the pool from holding on to the rare huge one
		return
	}
	b.buf = b.buf[:0]
	batchPool.Put(b)
}

// Empty reports whether nothing was put into b.
func (b *Batch) Empty() bool { return len(b.buf) == 0 }

// Release gives back a batch that will not be appended.
func (b *Batch) Release() { b.release() }

// begin writes the operation and leaves room for a length; end fills it in.
func (b *Batch) begin(op byte) int {
	b.buf = append(b.buf, op)
	return b.room()
}

func (b *Batch) room() int {
	b.buf = append(b.buf, 0, 0, 0, 0)
	return len(b.buf)
}

func (b *Batch) end(start int) {
	binary.LittleEndian.PutUint32(b.buf[start-4:], uint32(len(b.buf)-start))
}

func (b *Batch) key(op byte, prefix byte, q QueueID, n uint64) {
	start := b.begin(op)
	b.buf = numberKey(b.buf, prefix, q, n)
	b.end(start)
}

func (b *Batch) raw(op byte, key []byte) {
	start := b.begin(op)
	b.buf = append(b.buf, key...)
	b.end(start)
}

func (b *Batch) noValue() { b.end(b.room()) }

// PutMessage stores m as number seq of q.
func (b *Batch) PutMessage(q QueueID, seq uint64, m *Message) {
	b.key(opSet, prefixMessage, q, seq)
	start := b.room()
	b.buf = appendMessage(b.buf, m)
	b.end(start)
}

// DeleteMessage removes the message itself.
func (b *Batch) DeleteMessage(q QueueID, seq uint64) {
	b.key(opDelete, prefixMessage, q, seq)
	b.noValue()
}

// PutState stores what receiving has made of a message.
func (b *Batch) PutState(q QueueID, seq uint64, s *State) {
	b.key(opSet, prefixState, q, seq)
	start := b.room()
	b.buf = appendState(b.buf, s)
	b.end(start)
}

// DeleteState removes it.
func (b *Batch) DeleteState(q QueueID, seq uint64) {
	b.key(opDelete, prefixState, q, seq)
	b.noValue()
}

// PutDelay indexes a delayed message by when it becomes visible.
func (b *Batch) PutDelay(q QueueID, d *Delay) {
	start := b.begin(opSet)
	b.buf = delayKey(b.buf, q, d.VisibleAt, d.Seq)
	b.end(start)
	start = b.room()
	b.buf = appendDelay(b.buf, d)
	b.end(start)
}

// DeleteDelay removes that index entry.
func (b *Batch) DeleteDelay(q QueueID, visibleAt int64, seq uint64) {
	start := b.begin(opDelete)
	b.buf = delayKey(b.buf, q, visibleAt, seq)
	b.end(start)
	b.noValue()
}

// PutDelayedCount says how many messages become visible in a second.
func (b *Batch) PutDelayedCount(q QueueID, second, n int64) {
	b.key(opSet, prefixDelayed, q, uint64(second))
	start := b.room()
	b.buf = appendNumber(b.buf, uint64(n))
	b.end(start)
}

// DeleteDelayedCounts forgets those of the seconds before one.
func (b *Batch) DeleteDelayedCounts(q QueueID, before int64) {
	b.deleteRange(prefixDelayed, q, 0, uint64(before))
}

// PutCounters stores the queue's counters.
func (b *Batch) PutCounters(q QueueID, c *Counters) {
	start := b.begin(opLatest)
	b.buf = queueKey(b.buf, prefixCounters, q)
	b.end(start)
	start = b.room()
	b.buf = appendCounters(b.buf, c)
	b.end(start)
}

// PutSegment stores the sums of a segment.
func (b *Batch) PutSegment(q QueueID, segment uint64, s *Segment) {
	b.key(opLatest, prefixSegment, q, segment)
	start := b.room()
	b.buf = appendSegment(b.buf, s)
	b.end(start)
}

// DeleteSegment removes them: nothing in the segment is live.
func (b *Batch) DeleteSegment(q QueueID, segment uint64) {
	b.key(opDelete, prefixSegment, q, segment)
	b.noValue()
}

// DropMessages removes the messages and states with from <= seq < to. Delay keys are the caller's business.
func (b *Batch) DropMessages(q QueueID, from, to uint64) {
	b.deleteRange(prefixMessage, q, from, to)
	b.deleteRange(prefixState, q, from, to)
}

func (b *Batch) deleteRange(prefix byte, q QueueID, from, to uint64) {
	b.key(opDeleteRange, prefix, q, from)
	start := b.room()
	b.buf = numberKey(b.buf, prefix, q, to)
	b.end(start)
}

// PurgeQueue removes every message of q and all that belongs to them.
func (b *Batch) PurgeQueue(q QueueID) { b.dropPrefixes(q, perMessage) }

// DropQueue removes all that a deleted queue leaves behind, but its definition.
func (b *Batch) DropQueue(q QueueID) { b.dropPrefixes(q, perQueue) }

func (b *Batch) dropPrefixes(q QueueID, prefixes []byte) {
	for _, p := range prefixes {
		start := b.begin(opDeleteRange)
		b.buf = queueKey(b.buf, p, q)
		b.end(start)
		start = b.room()
		b.buf = queueKey(b.buf, p, q+1)
		b.end(start)
	}
}

// PutQueue stores a queue's definition.
func (b *Batch) PutQueue(k Key, rec *QueueRecord) {
	b.raw(opSet, nameKey(prefixQueue, k))
	start := b.room()
	b.buf = appendQueue(b.buf, rec)
	b.end(start)
}

// DeleteQueue removes it.
func (b *Batch) DeleteQueue(k Key) {
	b.raw(opDelete, nameKey(prefixQueue, k))
	b.noValue()
}

// PutTombstone remembers when a queue was deleted.
func (b *Batch) PutTombstone(k Key, at int64) {
	b.raw(opSet, nameKey(prefixTombstone, k))
	start := b.room()
	b.buf = appendNumber(b.buf, uint64(at))
	b.end(start)
}

// DeleteTombstone forgets it.
func (b *Batch) DeleteTombstone(k Key) {
	b.raw(opDelete, nameKey(prefixTombstone, k))
	b.noValue()
}

// PutNextQueueID reserves every id below next.
func (b *Batch) PutNextQueueID(next QueueID) {
	b.raw(opSet, metaKey(metaNextQueue))
	start := b.room()
	b.buf = appendNumber(b.buf, uint64(next))
	b.end(start)
}

// each calls f for the operations of b in order, until f fails.
func (b *Batch) each(f func(op byte, key, value []byte) error) error {
	rest := b.buf
	next := func() []byte {
		n := binary.LittleEndian.Uint32(rest)
		field := rest[4 : 4+n]
		rest = rest[4+n:]
		return field
	}
	for len(rest) > 0 {
		op := rest[0]
		rest = rest[1:]
		key, value := next(), next()
		if err := f(op, key, value); err != nil {
			return err
		}
	}
	return nil
}

// latest counts, in the batches of a group, the settings of each record that only the last one matters of. A group
// becomes visible and durable as a whole, so nobody can see the others.
type latest map[[17]byte]int

func latestKey(key []byte) (k [17]byte) {
	copy(k[:], key)
	return k
}

func (l latest) count(list []*Batch) {
	for _, b := range list {
		_ = b.each(func(op byte, key, _ []byte) error {
			if op == opLatest {
				l[latestKey(key)]++
			}
			return nil
		})
	}
}

// applyTo copies the batch's operations into Pebble's form, but for those that a later batch of the group repeats.
func (b *Batch) applyTo(pb *pebble.Batch, l latest) error {
	return b.each(func(op byte, key, value []byte) error {
		switch op {
		case opSet:
			return pb.Set(key, value, nil)
		case opDelete:
			return pb.Delete(key, nil)
		case opDeleteRange:
			return pb.DeleteRange(key, value, nil)
		}
		k := latestKey(key)
		if l[k]--; l[k] > 0 {
			return nil
		}
		return pb.Set(key, value, nil)
	})
}
