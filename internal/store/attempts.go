package store

import (
	"encoding/binary"
	"fmt"
)

// Attempt is what a receive with a ReceiveRequestAttemptId was given.
type Attempt struct {
	At       int64 // when, ms since the epoch; part of its receipt handles
	Messages []AttemptMessage
}

// AttemptMessage is one of the messages.
type AttemptMessage struct {
	Seq   uint64
	Nonce uint64 // of the receipt handle
}

func attemptKey(dst []byte, q QueueID, id string) []byte {
	return append(queueKey(dst, prefixAttempt, q), id...)
}

func appendAttempt(dst []byte, a *Attempt) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(a.At))
	dst = binary.AppendUvarint(dst, uint64(len(a.Messages)))
	for _, m := range a.Messages {
		dst = binary.AppendUvarint(dst, m.Seq)
		dst = binary.AppendUvarint(dst, m.Nonce)
	}
	return appendChecksum(dst, start)
}

func decodeAttempt(value []byte) (*Attempt, error) {
	r := openRecord(value)
	a := &Attempt{At: r.int()}
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		a.Messages = append(a.Messages, AttemptMessage{Seq: r.uint(), Nonce: r.uint()})
	}
	return a, r.done()
}

// PutAttempt stores a under its id, in place of an earlier attempt with that id.
func (b *Batch) PutAttempt(q QueueID, id string, a *Attempt) {
	start := b.begin(opSet)
	b.buf = attemptKey(b.buf, q, id)
	b.end(start)
	start = b.room()
	b.buf = appendAttempt(b.buf, a)
	b.end(start)
}

// DeleteAttempt removes it.
func (b *Batch) DeleteAttempt(q QueueID, id string) {
	start := b.begin(opDelete)
	b.buf = attemptKey(b.buf, q, id)
	b.end(start)
	b.noValue()
}

// Attempts calls f for every attempt of q, in no useful order.
func (s *Store) Attempts(q QueueID, f func(id string, a *Attempt)) error {
	return s.scan(queueKey(nil, prefixAttempt, q), queueKey(nil, prefixAttempt, q+1), func(key, value []byte) (bool, error) {
		id := string(key[9:])
		a, err := decodeAttempt(value)
		if err != nil {
			return false, fmt.Errorf("receive attempt %q of queue %d: %w", id, q, err)
		}
		f(id, a)
		return true, nil
	})
}
