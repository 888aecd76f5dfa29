package store

import "github.com/cockroachdb/pebble/v2"

// Cost is what an operation has asked of the store, counted rather than timed, so that a test can hold it to a constant.
type Cost struct {
	Gets  int // reads of one record
	Scans int // reads of a range
	Steps int // records that scans stepped on, those included that are deleted and not yet compacted away
	Sets  int // changes in batches
}

func costOf(s pebble.IteratorStats) Cost {
	steps := s.ForwardStepCount[pebble.InternalIterCall] + s.ForwardSeekCount[pebble.InternalIterCall]
	return Cost{Scans: 1, Steps: steps}
}

func (b *Batch) cost() (c Cost) {
	_ = b.each(func(byte, []byte, []byte) error {
		c.Sets++
		return nil
	})
	return c
}
