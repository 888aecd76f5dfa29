package store

import "time"

// reclaimInterval is how long after the start of an attempt to get space back the next may begin.
const reclaimInterval = 10 * time.Second

// reclaim gets back the space of what was deleted when the disk is full, in the background, whatever is being written. Pebble
// and tidy take their time; but a store that is full gets no writes but deletes, and when all is deleted, none at all.
//
// A compaction needs room for what it keeps before it gives any back. So this waits until all that is left would fit
// twice into what is free.
func (s *Store) reclaim(free uint64) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.closed || !s.reclaiming.TryLock() {
		return
	}
	s.background.Go(func() {
		defer s.reclaiming.Unlock()
		now := time.Now()
		if now.Sub(s.reclaimed) < reclaimInterval {
			return
		}
		live, err := s.liveBytes()
		if err != nil || live > free/2 {
			return
		}
		s.reclaimed = now
		before := s.DiskBytes()
		if err := s.db.Compact(s.ctx, []byte{0}, []byte{0xff}, false); err != nil {
			if s.ctx.Err() == nil {
				s.o.Log.Error("getting back the space of deleted messages failed", "error", err.Error())
			}
			return
		}
		s.checkedAt.Store(0)
		s.checkSpace()
		s.o.Log.Info("the space of deleted messages is free again", "before_bytes", before, "after_bytes", s.DiskBytes())
	})
}

// liveBytes is about how much of what is stored would be left by a compaction: the bodies, and for
// each message what its records, keys and index entries may take.
func (s *Store) liveBytes() (bytes uint64, err error) {
	const perMessage = 500
	err = s.Counters(func(_ QueueID, c Counters) { bytes += uint64(max(0, c.Bytes) + max(0, c.Live)*perMessage) })
	return bytes, err
}
