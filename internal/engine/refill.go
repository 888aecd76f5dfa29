package engine

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

// refill brings messages from disk into the window, the delays and the groups. It reads outside the lock and merges
// under it. What it reads cannot be received for the first time meanwhile, since only what memory knows is ever handed
// out; messages that were received before, which it may read after a restart, are in held or, if they were deleted
// meanwhile, in removed; a purge or a delete of the queue cancels it; delayed messages that are sent meanwhile are in
// added.
type refill struct {
	done      chan struct{} // closed after the merge
	err       error
	cancelled bool
	added     []*entry
	removed   map[uint64]bool // deleted meanwhile

	pending    *store.Pending // what must be applied before reading
	end        uint64         // NextSeq at the start
	fresh      []span         // where to look for fresh messages
	wantsFresh bool           // whether to look; there may be nowhere
	delays     delayRefill
	groups     groupRefill

	cached []*entry // whose bodies are read, too: those that find no place in memory give them back
}

// refillPause is how long after a failed refill the scheduler tries the next, in ms. Calls try at once.
const refillPause = 1000

// span is a run of sequence numbers, the end exclusive.
type span struct{ from, to uint64 }

// freshSpansLocked lists where fresh messages can be: behind the window's end, in segments that hold anything but
// delayed messages and groups. A million of those before one fresh message are passed over, not read.
func (q *Queue) freshSpansLocked() (spans []span) {
	m := &q.mu
	for i := range m.segments.list {
		g := &m.segments.list[i]
		s := span{max(g.id*store.SegmentSize, m.fresh.end), min((g.id+1)*store.SegmentSize, m.counters.NextSeq)}
		if s.from >= s.to || g.Live == g.Indexed {
			continue
		}
		if n := len(spans); n > 0 && spans[n-1].to == s.from {
			spans[n-1].to = s.to
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

// needsRefillLocked reports whether messages that could be handed out now are on disk only.
func (q *Queue) needsRefillLocked(now int64) bool {
	return q.mu.fresh.len() < maxWindow/2 && q.freshOutsideLocked() || q.delaysOutsideLocked(now, maxDelays) ||
		q.groupsOutsideLocked()
}

// freshOutsideLocked reports whether there are messages behind the window's end.
func (q *Queue) freshOutsideLocked() bool {
	list := q.mu.segments.list
	return !q.fifo && q.mu.fresh.end < q.mu.counters.NextSeq && len(list) > 0 &&
		(list[len(list)-1].id+1)*store.SegmentSize > q.mu.fresh.end
}

// startRefillLocked starts one unless one is running, and returns it.
func (q *Queue) startRefillLocked() *refill {
	m := &q.mu
	if m.refill != nil {
		return m.refill
	}
	r := &refill{done: make(chan struct{}), pending: m.last, end: m.counters.NextSeq}
	if !q.fifo && m.fresh.len() < maxWindow/2 {
		r.wantsFresh, r.fresh = true, q.freshSpansLocked()
	}
	q.wantDelaysLocked(&r.delays)
	q.wantGroupsLocked(&r.groups)
	room := maxWindow - m.fresh.len()
	if !q.e.background(func() { q.runRefill(r, room) }) {
		r.err = ErrClosed
		close(r.done)
		return r
	}
	m.refill = r
	return r
}

func (q *Queue) runRefill(r *refill, room int) {
	fresh, freshEnd, err := q.readFresh(r, room)
	if err == nil {
		err = q.readDelays(r)
	}
	if err == nil {
		err = q.readGroups(r)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	r.err = q.e.closing(err)
	defer close(r.done)
	defer q.uncacheUnplaced(r)
	if q.mu.contents == nil || q.mu.refill != r { // they were dropped meanwhile
		return
	}
	if q.mu.refillAgain = 0; err != nil {
		q.mu.refillAgain = q.e.now() + refillPause
	}
	if err == nil && !r.cancelled && !q.mu.gone {
		if r.wantsFresh {
			q.mergeFreshLocked(fresh, freshEnd, r.removed)
		}
		q.mergeDelaysLocked(r)
		q.mergeGroupsLocked(r, q.e.now())
	}
	q.mu.refill = nil // only now: what the merge itself puts out of memory is noted, too
	now := q.e.now()
	q.advanceLocked(now)
	q.wakeVisibleLocked()
	if r.err != nil {
		q.wakeLineLocked(&q.mu.refilling, math.MaxInt) // to hear of it
	}
	q.wakeStrandedLocked()
	if !q.mu.gone {
		q.rescheduleLocked(now)
	}
}

// readFresh reads what was never received and never delayed, as far as there is room. However full the cache is it
// reads a receive's worth, so that no queue starves.
func (q *Queue) readFresh(r *refill, room int) (entries []*entry, end uint64, err error) {
	if err := q.e.wait(r.pending); err != nil {
		return nil, 0, err
	}
	for _, span := range r.fresh {
		full := false
		err = q.e.st.Messages(q.id, span.from, func(seq uint64, m *Message) bool {
			if seq >= span.to {
				return false
			}
			if m.Delay > 0 || m.GroupID != "" {
				return true
			}
			e := &entry{seq: seq, sent: m.SentAt, size: m.Size()}
			e.state.Receives, e.state.FirstReceive = m.Receives, m.FirstReceive
			if full = len(entries) >= room || !q.cache(e, m) && len(entries) >= 10; full {
				end = seq
				return false
			}
			entries, r.cached = append(entries, e), append(r.cached, e)
			return true
		})
		if err != nil || full {
			return entries, end, err
		}
	}
	return entries, r.end, nil
}

func (q *Queue) mergeFreshLocked(entries []*entry, end uint64, removed map[uint64]bool) {
	m := &q.mu
	for _, e := range entries {
		if m.held[e.seq] == nil && !removed[e.seq] { // else it was received before a restart, out of order
			m.fresh.push(e)
		}
	}
	m.fresh.end = max(end, m.fresh.end)
}

// readBodies reads the bodies of messages that come into memory, in one pass: of the first of them, as far as there is room.
// What cannot be read is left: it is read again when it is delivered, and whoever it is for hears of it.
func (q *Queue) readBodies(r *refill, entries []*entry) error {
	n := 0
	for room := q.e.o.CacheBytes / 4; n < len(entries) && entries[n].size <= room; n++ {
		room -= entries[n].size
	}
	entries = entries[:n]
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.seq, b.seq) })
	seqs := make([]uint64, n)
	for i, e := range entries {
		seqs[i] = e.seq
	}
	err := q.e.st.MessagesAt(q.id, seqs, func(i int, m *Message) bool { return q.cache(entries[i], m) })
	r.cached = append(r.cached, entries...)
	if errors.Is(err, store.ErrClosed) {
		return err
	}
	return nil
}

// uncacheUnplaced gives back the room for bodies of messages that are not in memory after all.
func (q *Queue) uncacheUnplaced(r *refill) {
	for _, e := range r.cached {
		if e.in == nowhere {
			q.uncache(e)
		}
	}
}
