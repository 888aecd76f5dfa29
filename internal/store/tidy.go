package store

import (
	"math"
	"sync"
	"time"
)

// Pebble drops what was deleted when it compacts, and compacts when much is written. So a store that was full and is empty now
// keeps its size until as much is written again: a queue of 300 MiB was purged, or received and deleted, and for as long as
// nothing else was sent the disk was none the emptier. tidy sees to that. It looks at the store when writes become few, and has
// those parts compacted of which less than half is live, so that getting back a byte costs the writing of one at most.
//
// While much is written it leaves Pebble alone, which then does enough, and has no compaction to spare.
const (
	// tidyInterval is how long after a write the store is looked at.
	tidyInterval = 10 * time.Second
	// calm is how much may be written in an interval for the store to count as quiet.
	calm = 4 << 20
	// tidyLeast is how much there has to be for the whole trouble. Pebble itself lets as much lie in its first level.
	tidyLeast = 64 << 20
	// tidyPart is the least part that is looked at on its own, tidyStep about what one compaction takes: others wait for it.
	tidyPart = 4 << 20
	tidyStep = 128 << 20
)

// tidy decides when. There is no timer while nothing is written.
type tidy struct {
	sync.Mutex
	closed  bool
	timer   *time.Timer // nil: none is running
	written int         // since the timer was started
	left    uint64      // garbage, by the sums, after the last attempt
}

// wrote notes a commit.
func (s *Store) wrote(bytes int) {
	t := &s.tidy
	t.Lock()
	defer t.Unlock()
	t.written += bytes
	if t.timer == nil && !t.closed {
		t.timer = time.AfterFunc(tidyInterval, s.lookAround)
	}
}

func (t *tidy) close() {
	t.Lock()
	defer t.Unlock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
}

// lookAround is called some time after a write. If there were many, it comes again.
func (s *Store) lookAround() {
	t := &s.tidy
	t.Lock()
	busy := t.written > calm
	t.written, t.timer = 0, nil
	if busy && !t.closed {
		t.timer = time.AfterFunc(tidyInterval, s.lookAround)
	}
	t.Unlock()
	if busy {
		return
	}
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed || !s.reclaiming.TryLock() {
		return
	}
	s.background.Go(func() {
		defer s.reclaiming.Unlock()
		if err := s.tidyUp(); err != nil && s.ctx.Err() == nil {
			s.o.Log.Error("getting back the space of deleted messages failed", "error", err.Error())
		}
	})
}

func (s *Store) tidyUp() error {
	size := s.tableBytes()
	if size < tidyLeast {
		return nil
	}
	queues, live, err := s.weigh()
	if err != nil {
		return err
	}
	// What the last attempt has left is no garbage, whatever the sums say.
	s.tidy.left = min(s.tidy.left, garbage(size, live))
	if size <= 2*live+tidyLeast || garbage(size, live) < s.tidy.left+tidyLeast {
		return nil
	}
	parts, err := s.parts(queues)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.usage <= 2*p.live+tidyPart/2 {
			continue
		}
		if err := s.compactPart(&p); err != nil {
			return err
		}
	}
	after := s.tableBytes()
	s.tidy.left = garbage(after, live)
	s.o.Log.Info("the space of deleted messages is free again", "before_bytes", size, "after_bytes", after)
	return nil
}

func garbage(size, live uint64) uint64 { return size - min(size, live) }

// tableBytes is the size of all tables: the logs come and go by themselves.
func (s *Store) tableBytes() uint64 {
	total := s.db.Metrics().Total()
	return uint64(total.TablesSize)
}

// weight is what of a queue is live.
type weight struct {
	id    QueueID
	seqs  uint64 // all its messages are before this number
	bytes uint64
}

// weigh returns the queues in the order of their keys, and their sum.
func (s *Store) weigh() (queues []weight, live uint64, err error) {
	err = s.Counters(func(id QueueID, c Counters) {
		w := weight{id, c.NextSeq, tidyBytes(&c)}
		queues, live = append(queues, w), live+w.bytes
	})
	return queues, live, err
}

// part is a range of queues, deleted ones included.
type part struct {
	from, to    QueueID // to is not in it
	usage, live uint64  // bytes on the disk, and of messages
	last        weight  // the one queue in it that can be large
}

// parts divides the queues into ranges of some size, each large queue being the end of its own.
func (s *Store) parts(queues []weight) (parts []part, err error) {
	const end = math.MaxUint64
	p := part{}
	for _, q := range append(queues, weight{id: end - 1}) { // behind the last there may be deleted ones
		usage, err := s.db.EstimateDiskUsage(queueKey(nil, prefixMessage, p.to), queueKey(nil, prefixMessage, q.id+1))
		if err != nil {
			return nil, err
		}
		p.to, p.last = q.id+1, q
		p.usage, p.live = p.usage+usage, p.live+q.bytes
		if p.usage >= tidyPart || p.to == end {
			parts = append(parts, p)
			p = part{from: p.to, to: p.to}
		}
	}
	return parts, s.ctx.Err()
}

// tidyBytes is about what the messages of a queue take up in tables that have nothing else. It is rather too little: what is
// not much is not worth a compaction.
func tidyBytes(c *Counters) uint64 {
	const perMessage = 150 // with state, index and keys
	return uint64(max(0, c.Bytes) + max(0, c.Live)*perMessage)
}

// compactPart compacts what belongs to messages, in steps.
func (s *Store) compactPart(p *part) error {
	for _, prefix := range perMessage {
		start, end := queueKey(nil, prefix, p.from), queueKey(nil, prefix, p.to)
		if prefix == prefixMessage {
			step := p.last.seqs/(1+p.usage/tidyStep) + 1
			for seq := step; seq < p.last.seqs; seq += step {
				next := numberKey(nil, prefix, p.last.id, seq)
				if err := s.db.Compact(s.ctx, start, next, false); err != nil {
					return err
				}
				start = next
			}
		}
		if err := s.db.Compact(s.ctx, start, end, false); err != nil {
			return err
		}
	}
	return nil
}
