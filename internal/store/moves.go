package store

import (
	"encoding/binary"
	"fmt"
)

// MoveStatus is what became of a move task.
type MoveStatus uint8

// The statuses. Their numbers are stored.
const (
	MoveRunning MoveStatus = iota + 1
	MoveCompleted
	MoveCancelled
	MoveFailed
)

// MoveTask is a message move task of a queue, running or over.
type MoveTask struct {
	ID          [16]byte // a UUID
	Status      MoveStatus
	Started     int64  // ms since the epoch
	Destination string // ARN; "": each message goes back to where it came from
	PerSecond   int    // 0: as fast as it goes
	End         uint64 // no message after it moves
	ToMove      int64  // messages that could be received at the start
	Moved       int64
	Failure     string // why it failed, or ""
}

func moveKey(dst []byte, q QueueID, n uint64) []byte { return numberKey(dst, prefixMove, q, n) }

func appendMoveTask(dst []byte, t *MoveTask) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = append(dst, t.ID[:]...)
	dst = append(dst, byte(t.Status))
	dst = binary.AppendUvarint(dst, uint64(t.Started))
	dst = appendText(dst, t.Destination)
	dst = binary.AppendUvarint(dst, uint64(t.PerSecond))
	dst = binary.AppendUvarint(dst, t.End)
	dst = binary.AppendUvarint(dst, uint64(t.ToMove))
	dst = binary.AppendUvarint(dst, uint64(t.Moved))
	dst = appendText(dst, t.Failure)
	return appendChecksum(dst, start)
}

func decodeMoveTask(value []byte) (*MoveTask, error) {
	r := openRecord(value)
	t := &MoveTask{}
	copy(t.ID[:], r.bytes(16))
	t.Status = MoveStatus(r.uint())
	t.Started = r.int()
	t.Destination = r.text()
	t.PerSecond = int(r.int())
	t.End = r.uint()
	t.ToMove, t.Moved = r.int(), r.int()
	t.Failure = r.text()
	return t, r.done()
}

// PutMoveTask stores t as number n of the tasks of q.
func (b *Batch) PutMoveTask(q QueueID, n uint64, t *MoveTask) {
	start := b.begin(opSet)
	b.buf = moveKey(b.buf, q, n)
	b.end(start)
	start = b.room()
	b.buf = appendMoveTask(b.buf, t)
	b.end(start)
}

// DeleteMoveTask removes it.
func (b *Batch) DeleteMoveTask(q QueueID, n uint64) {
	start := b.begin(opDelete)
	b.buf = moveKey(b.buf, q, n)
	b.end(start)
	b.noValue()
}

// MoveTasks calls f for the tasks of all queues, those of one queue in the order of their numbers.
func (s *Store) MoveTasks(f func(q QueueID, n uint64, t *MoveTask)) error {
	return s.scan([]byte{prefixMove}, []byte{prefixMove + 1}, func(key, value []byte) (bool, error) {
		q, n := QueueID(binary.BigEndian.Uint64(key[1:9])), numberIn(key)
		t, err := decodeMoveTask(value)
		if err != nil {
			return false, fmt.Errorf("move task %d of queue %d: %w", n, q, err)
		}
		f(q, n, t)
		return true, nil
	})
}
