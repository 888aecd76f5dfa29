package engine

import (
	"slices"
	"sort"

	"github.com/bufeomq/bufeo/internal/store"
)

// segments is the sum of each run of store.SegmentSize sequence numbers that has something live, sorted. Five million
// messages are 1,221 of them.
type segments struct {
	list    []segment
	touched []uint64 // changed in this transition and not yet in the batch
}

type segment struct {
	id uint64
	store.Segment
}

func segmentOf(seq uint64) uint64 { return seq / store.SegmentSize }

// at returns the segment, which is added if it is not there. The pointer is good until the next call.
func (s *segments) at(id uint64) *segment {
	i := len(s.list) - 1
	if i < 0 || s.list[i].id != id {
		i = sort.Search(len(s.list), func(i int) bool { return s.list[i].id >= id })
		if i == len(s.list) || s.list[i].id != id {
			s.list = slices.Insert(s.list, i, segment{id: id})
		}
	}
	if !slices.Contains(s.touched, id) {
		s.touched = append(s.touched, id)
	}
	return &s.list[i]
}

func (s *segments) add(e *entry) {
	g := s.at(segmentOf(e.seq))
	if g.Live == 0 {
		g.MinSent, g.MaxSent, g.Mixed = e.sent, e.sent, false
	}
	g.Live++
	g.Bytes += e.size
	if e.indexed() {
		g.Indexed++
	}
	g.Mixed = g.Mixed || e.sent < g.MaxSent
	g.MinSent, g.MaxSent = min(g.MinSent, e.sent), max(g.MaxSent, e.sent)
}

func (s *segments) remove(e *entry) {
	g := s.at(segmentOf(e.seq))
	g.Live--
	g.Bytes -= e.size
	if e.indexed() {
		g.Indexed--
	}
}

// flush puts what was touched into the batch. Empty segments go.
func (s *segments) flush(q store.QueueID, fx *store.Batch) {
	for _, id := range s.touched {
		i := sort.Search(len(s.list), func(i int) bool { return s.list[i].id >= id })
		if s.list[i].Live == 0 {
			s.list = slices.Delete(s.list, i, i+1)
			fx.DeleteSegment(q, id)
			continue
		}
		fx.PutSegment(q, id, &s.list[i].Segment)
	}
	s.touched = s.touched[:0]
}

// first is the least sequence number that can be live, or otherwise.
func (s *segments) first(otherwise uint64) uint64 {
	if len(s.list) == 0 {
		return otherwise
	}
	return s.list[0].id * store.SegmentSize
}
