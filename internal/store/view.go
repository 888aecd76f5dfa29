package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cockroachdb/pebble/v2"
)

// Loaded is what a queue needs in memory before its first operation: bounded by what is in flight and by the number of
// segments, not by what is stored.
type Loaded struct {
	Counters Counters
	Segments map[uint64]Segment
	States   map[uint64]State
	Delayed  map[int64]int64 // messages by the second in which they become visible, from the given one on
	// FirstTurn is the first in the rotation of groups, or the greatest number.
	FirstTurn uint64
}

// Queues calls f for every queue, in no useful order.
func (s *Store) Queues(f func(Key, *QueueRecord) error) error {
	return s.scan([]byte{prefixQueue}, []byte{prefixQueue + 1}, func(key, value []byte) (bool, error) {
		k, err := parseNameKey(key)
		if err != nil {
			return false, err
		}
		rec, err := decodeQueue(value)
		if err != nil {
			return false, fmt.Errorf("queue %s: %w", k.ARN(), err)
		}
		return true, f(k, rec)
	})
}

// Tombstones calls f for every queue name that is remembered as deleted, with the time in ms.
func (s *Store) Tombstones(f func(k Key, at int64)) error {
	return s.scan([]byte{prefixTombstone}, []byte{prefixTombstone + 1}, func(key, value []byte) (bool, error) {
		k, err := parseNameKey(key)
		if err != nil {
			return false, err
		}
		at, err := decodeNumber(value)
		if err != nil {
			return false, fmt.Errorf("tombstone of %s: %w", k.ARN(), err)
		}
		f(k, int64(at))
		return true, nil
	})
}

// Counters calls f for the counters of every queue that ever had a message.
func (s *Store) Counters(f func(QueueID, Counters)) error {
	return s.scan([]byte{prefixCounters}, []byte{prefixCounters + 1}, func(key, value []byte) (bool, error) {
		id := QueueID(binary.BigEndian.Uint64(key[1:]))
		c, err := decodeCounters(value)
		if err != nil {
			return false, fmt.Errorf("counters of queue %d: %w", id, err)
		}
		f(id, c)
		return s.ctx.Err() == nil, nil
	})
}

// Load reads what queue q needs in memory. A queue that never had a message has no records at all.
func (s *Store) Load(q QueueID, fromSecond int64) (*Loaded, error) {
	ld := &Loaded{Segments: map[uint64]Segment{}, States: map[uint64]State{}, Delayed: map[int64]int64{}}
	ld.Counters, ld.FirstTurn = Counters{NextSeq: 1, Low: 1}, math.MaxUint64
	found, err := s.get(queueKey(nil, prefixCounters, q), func(value []byte) (err error) {
		ld.Counters, err = decodeCounters(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counters of queue %d: %w", q, err)
	}
	if !found {
		return ld, nil
	}
	err = s.scanNumbers(prefixSegment, q, 0, func(n uint64, value []byte) (bool, error) {
		ld.Segments[n], err = decodeSegment(value)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	err = s.scanNumbers(prefixState, q, 0, func(n uint64, value []byte) (bool, error) {
		ld.States[n], err = decodeState(value)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	err = s.Turns(q, ld.Counters.LowTurn, func(t Turn) bool {
		ld.FirstTurn = t.Turn
		return false
	})
	if err != nil {
		return nil, err
	}
	err = s.scanNumbers(prefixDelayed, q, uint64(fromSecond), func(n uint64, value []byte) (bool, error) {
		count, err := decodeNumber(value)
		ld.Delayed[int64(n)] = int64(count)
		return true, err
	})
	return ld, err
}

// Message reads one message; nil if it is not there.
func (s *Store) Message(q QueueID, seq uint64) (*Message, error) {
	var key [17]byte
	var m *Message
	_, err := s.get(numberKey(key[:0], prefixMessage, q, seq), func(value []byte) (err error) {
		m, err = decodeMessage(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("message %d of queue %d: %w", seq, q, err)
	}
	return m, nil
}

// Messages calls f for the messages of q from seq on, in order, until f returns false.
func (s *Store) Messages(q QueueID, from uint64, f func(seq uint64, m *Message) bool) error {
	return s.scanNumbers(prefixMessage, q, from, func(seq uint64, value []byte) (bool, error) {
		m, err := decodeMessage(value)
		if err != nil {
			return false, err
		}
		return f(seq, m), nil
	})
}

// Delays calls f for the delay keys of q at or after (visibleAt, seq), in order, until f returns false.
func (s *Store) Delays(q QueueID, visibleAt int64, seq uint64, f func(Delay) bool) error {
	from, to := delayKey(nil, q, visibleAt, seq), queueKey(nil, prefixDelay, q+1)
	return s.scan(from, to, func(key, value []byte) (bool, error) {
		d, err := decodeDelay(value)
		if err != nil {
			return false, fmt.Errorf("delay key of queue %d: %w", q, err)
		}
		d.VisibleAt, d.Seq = int64(numberIn(key)), numberIn(key[8:])
		return f(d), nil
	})
}

func (s *Store) scanNumbers(prefix byte, q QueueID, from uint64, f func(n uint64, value []byte) (bool, error)) error {
	return s.scan(numberKey(nil, prefix, q, from), queueKey(nil, prefix, q+1), func(key, value []byte) (bool, error) {
		n := numberIn(key)
		more, err := f(n, value)
		if err != nil {
			err = fmt.Errorf("record %c %d of queue %d: %w", prefix, n, q, err)
		}
		return more, err
	})
}

// get calls f with the value of key, which is good until f returns, and reports whether there is one.
func (s *Store) get(key []byte, f func(value []byte) error) (found bool, err error) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed {
		return false, ErrClosed
	}
	if s.o.Observe != nil {
		s.o.Observe(Cost{Gets: 1})
	}
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer closer.Close()
	return true, f(value)
}

func (s *Store) scan(from, to []byte, f func(key, value []byte) (bool, error)) (err error) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed {
		return ErrClosed
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	defer func() {
		if s.o.Observe != nil {
			s.o.Observe(costOf(it.Stats()))
		}
		err = errors.Join(err, it.Close())
	}()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		more, err := f(it.Key(), value)
		if err != nil || !more {
			return err
		}
	}
	return it.Error()
}
