package store

import (
	"encoding/binary"
	"fmt"
)

// InboxKey names a message on its way into a queue by where it came from.
type InboxKey struct {
	Queue QueueID
	Seq   uint64
}

func inboxKey(dst []byte, to QueueID, from InboxKey) []byte {
	return binary.BigEndian.AppendUint64(numberKey(dst, prefixInbox, to, uint64(from.Queue)), from.Seq)
}

// PutInbox stores a message on its way to queue to.
func (b *Batch) PutInbox(to QueueID, from InboxKey, m *Message) {
	start := b.begin(opSet)
	b.buf = inboxKey(b.buf, to, from)
	b.end(start)
	start = b.room()
	b.buf = appendMessage(b.buf, m)
	b.end(start)
}

// DeleteInbox removes it: the message has arrived.
func (b *Batch) DeleteInbox(to QueueID, from InboxKey) {
	start := b.begin(opDelete)
	b.buf = inboxKey(b.buf, to, from)
	b.end(start)
	b.noValue()
}

// Inbox calls f for the messages on their way to queue to.
func (s *Store) Inbox(to QueueID, f func(InboxKey, *Message)) error {
	return s.scan(queueKey(nil, prefixInbox, to), queueKey(nil, prefixInbox, to+1), func(key, value []byte) (bool, error) {
		m, err := decodeMessage(value)
		if err != nil {
			return false, fmt.Errorf("inbox of queue %d: %w", to, err)
		}
		f(InboxKey{QueueID(numberIn(key)), numberIn(key[8:])}, m)
		return true, nil
	})
}
