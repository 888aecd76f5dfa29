package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// DedupHash stands for a deduplication id within its scope: the first half of a SHA-256, so that keys are short and of
// one length.
type DedupHash [16]byte

// HashDedup hashes a deduplication id. group is the message's group where ids count within it, "" where they count in
// the whole queue. Neither contains a zero byte.
func HashDedup(group, id string) DedupHash {
	var room [2*128 + 1]byte
	b := append(room[:0], group...)
	b = append(append(b, 0), id...)
	sum := sha256.Sum256(b)
	return DedupHash(sum[:])
}

// Dedup is the message that a deduplication id was first accepted with. It outlives the message.
type Dedup struct {
	ID  [16]byte
	Seq uint64
	At  int64 // when it was accepted, ms since the epoch
}

// DedupMinute is the bucket of entries that were accepted at that time.
func DedupMinute(at int64) int64 { return at / 60_000 }

func dedupKey(dst []byte, q QueueID, minute int64, h DedupHash) []byte {
	return append(numberKey(dst, prefixDedup, q, uint64(minute)), h[:]...)
}

func appendDedup(dst []byte, d *Dedup) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = append(dst, d.ID[:]...)
	dst = binary.AppendUvarint(dst, d.Seq)
	dst = binary.AppendUvarint(dst, uint64(d.At))
	return appendChecksum(dst, start)
}

func decodeDedup(value []byte) (d Dedup, err error) {
	r := openRecord(value)
	copy(d.ID[:], r.bytes(16))
	d.Seq, d.At = r.uint(), r.int()
	return d, r.done()
}

// PutDedup stores d in the bucket of its time.
func (b *Batch) PutDedup(q QueueID, h DedupHash, d *Dedup) {
	start := b.begin(opSet)
	b.buf = dedupKey(b.buf, q, DedupMinute(d.At), h)
	b.end(start)
	start = b.room()
	b.buf = appendDedup(b.buf, d)
	b.end(start)
}

// DropDedup removes the buckets with from <= minute < to. Ranges that overlap cost Pebble the square of their number
// while they are in a memtable (a second for 2,000 of them), so each should begin where the last one ended.
func (b *Batch) DropDedup(q QueueID, from, to int64) {
	b.deleteRange(prefixDedup, q, uint64(from), uint64(to))
}

// Dedup finds the entry of h that was accepted last, in the buckets from the one of the time from to the one of the time
// to, both in ms; nil if there is none. What was appended and is not durable yet may be missing.
func (s *Store) Dedup(q QueueID, h DedupHash, from, to int64) (*Dedup, error) {
	var room [1 + 8 + 8 + len(h)]byte
	for minute := DedupMinute(to); minute >= DedupMinute(from); minute-- {
		var d Dedup
		found, err := s.get(dedupKey(room[:0], q, minute, h), func(value []byte) (err error) {
			d, err = decodeDedup(value)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("deduplication id %x of minute %d of queue %d: %w", h, minute, q, err)
		}
		if found {
			return &d, nil
		}
	}
	return nil, nil
}

// DedupBuckets returns the oldest and the newest bucket of q; found is false when there is none.
func (s *Store) DedupBuckets(q QueueID) (oldest, newest int64, found bool, err error) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed {
		return 0, 0, false, ErrClosed
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: queueKey(nil, prefixDedup, q), UpperBound: queueKey(nil, prefixDedup, q+1)})
	if err != nil {
		return 0, 0, false, err
	}
	if it.First() {
		oldest, found = int64(numberIn(it.Key())), true
	}
	if it.Last() {
		newest = int64(numberIn(it.Key()))
	}
	return oldest, newest, found, it.Close()
}
