package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Reads of many records that are scattered over a queue: one iterator steps from each to the next. To make an iterator
// or to Get a record, of each of which there may be five thousand in a refill, takes several times as long as to read
// it, so the records should be asked for in the order of their keys; any other order is correct, too, and slower.

// GroupSpan is the messages of a group from a sequence number on.
type GroupSpan struct {
	Group string
	From  uint64
}

// GroupMessages calls f for the messages of each span, in order, until f returns false, and goes on with the next span
// then; i is the span's index. Spans should be sorted by the groups' names.
func (s *Store) GroupMessages(q QueueID, spans []GroupSpan, f func(i int, m GroupMessage) bool) error {
	return s.iterate(prefixGroupMsg, q, func(it *pebble.Iterator) error {
		var from, to []byte
		for i, span := range spans {
			from = groupMessageKey(from[:0], q, span.Group, span.From)
			to = groupKey(to[:0], q, span.Group)
			to[len(to)-1] = 1
			// The limit keeps the iterator from stepping over what was deleted of the groups behind.
			for at := it.SeekGEWithLimit(from, to); at == pebble.IterValid; at = it.NextWithLimit(to) {
				m, err := groupMessageAt(it)
				if err != nil {
					return fmt.Errorf("group index of queue %d: %w", q, err)
				}
				if !f(i, m) {
					break
				}
			}
			if err := it.Error(); err != nil {
				return err
			}
		}
		return nil
	})
}

func groupMessageAt(it *pebble.Iterator) (GroupMessage, error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return GroupMessage{}, err
	}
	m, err := decodeGroupMessage(value)
	m.Seq = binary.BigEndian.Uint64(it.Key()[len(it.Key())-8:])
	return m, err
}

// GroupHeads calls f for each of the groups that has a record of where its messages begin; i is the group's index.
// Groups should be sorted.
func (s *Store) GroupHeads(q QueueID, groups []string, f func(i int, seq uint64)) error {
	return s.iterate(prefixGroup, q, func(it *pebble.Iterator) error {
		var key []byte
		for i, group := range groups {
			key = groupHeadKey(key[:0], q, group)
			if it.SeekGEWithLimit(key, append(key, 0)) != pebble.IterValid || !bytes.Equal(it.Key(), key) {
				if err := it.Error(); err != nil {
					return err
				}
				continue
			}
			value, err := it.ValueAndErr()
			if err != nil {
				return err
			}
			seq, err := decodeNumber(value)
			if err != nil {
				return fmt.Errorf("group of queue %d: %w", q, err)
			}
			f(i, seq)
		}
		return nil
	})
}

// MessagesAt calls f for those of the messages that are there, until f returns false; i is the index in seqs, which should
// be sorted.
func (s *Store) MessagesAt(q QueueID, seqs []uint64, f func(i int, m *Message) bool) error {
	return s.iterate(prefixMessage, q, func(it *pebble.Iterator) error {
		var key []byte
		for i, seq := range seqs {
			key = numberKey(key[:0], prefixMessage, q, seq)
			if i == 0 || seq != seqs[i-1]+1 || !it.Next() || !bytes.Equal(it.Key(), key) {
				it.SeekGE(key)
			}
			if !it.Valid() || !bytes.Equal(it.Key(), key) {
				if err := it.Error(); err != nil {
					return err
				}
				continue
			}
			value, err := it.ValueAndErr()
			if err != nil {
				return err
			}
			m, err := decodeMessage(value)
			if err != nil {
				return fmt.Errorf("message %d of queue %d: %w", seq, q, err)
			}
			if !f(i, m) {
				return nil
			}
		}
		return nil
	})
}

// iterate calls f with an iterator over the records of a kind that q has.
func (s *Store) iterate(prefix byte, q QueueID, f func(*pebble.Iterator) error) (err error) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed {
		return ErrClosed
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: queueKey(nil, prefix, q), UpperBound: queueKey(nil, prefix, q+1)})
	if err != nil {
		return err
	}
	defer func() {
		if s.o.Observe != nil {
			s.o.Observe(costOf(it.Stats()))
		}
		err = errors.Join(err, it.Close())
	}()
	return f(it)
}
