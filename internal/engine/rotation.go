package engine

import (
	"math"

	"github.com/bufeomq/bufeo/internal/store"
)

// rotation is the groups of a queue that memory knows, in the order of their turns. What follows, from end on, is on
// disk only; refill brings it in.
type rotation struct {
	known   map[string]*group
	fresh   groupHeap // available, nothing received or (standard) not noisy
	touched groupHeap // FIFO: available, and the first message was received before
	waiting groupHeap // FIFO: the first message is delayed
	noisy   groupHeap // standard: of a noisy tenant (see fair.go)
	end     uint64    // records of the rotation from this turn on are not in memory
	loaded  int       // entries in the groups' windows
	next    *group    // the next refill is to read more of it; or nil
	served  int       // FIFO: how many messages the latest receive asked for: a group gives as many at once if it has them
}

// allTurns is the end behind which nothing can be.
const allTurns = math.MaxUint64

const (
	// maxGroups bounds the groups of one queue in memory of which nothing was received, within a factor of two.
	maxGroups = 4096
	// A refill brings in at most maxRefillGroups of them, so that it holds the lock for less than a millisecond, and
	// however full memory is minGroups, so that it gets somewhere.
	maxRefillGroups = 512
	minGroups       = 64
	// maxLoaded bounds the entries in their windows, within what one refill adds.
	maxLoaded = 8 * maxWindow
)

func newRotation(end uint64) rotation {
	return rotation{
		known:   map[string]*group{},
		fresh:   groupHeap{less: byTurn},
		touched: groupHeap{less: byTurn},
		waiting: groupHeap{less: byHeadSent},
		noisy:   groupHeap{less: byTurn},
		end:     end,
	}
}

func (r *rotation) complete() bool { return r.end == allTurns }

// untouched counts the groups in memory that a restart would find by the rotation.
func (r *rotation) untouched() int { return r.fresh.Len() + r.waiting.Len() + r.noisy.Len() }

// available counts the groups that a receive could draw from.
func (r *rotation) available() int { return r.fresh.Len() + r.touched.Len() + r.noisy.Len() }

// low is a turn before which the rotation on disk has nothing, or was.
func (r *rotation) low(was, next uint64) uint64 {
	if r.waiting.Len() > 0 { // in another order
		return was
	}
	low := min(r.end, next)
	for _, h := range []*groupHeap{&r.fresh, &r.noisy} {
		if g := h.top(); g != nil {
			low = min(low, g.turn)
		}
	}
	return low
}

func (r *rotation) push(g *group, e *entry) {
	e.group = g
	g.fresh.push(e)
	r.loaded++
}

func (r *rotation) pop(g *group) *entry {
	r.loaded--
	return g.fresh.pop()
}

// nextTurnLocked draws a turn at the end of the rotation. Turns and sequence numbers share a counter, so that a new
// group's turn is the number of its first message.
func (q *Queue) nextTurnLocked() uint64 {
	turn := q.mu.counters.NextSeq
	q.mu.counters.NextSeq++
	return turn
}

// joinLocked adds a new message to its group. If the group is not in memory, and others are on disk only, a place in
// the rotation is written without looking whether it has one already: refill tells.
func (q *Queue) joinLocked(now int64, e *entry, msg *Message, fx *store.Batch) {
	r := &q.mu.groups
	fx.PutGroupMessage(q.id, e.groupID, &store.GroupMessage{Seq: e.seq, Sent: e.sent, Size: e.size,
		Receives: e.state.Receives, FirstReceive: e.state.FirstReceive})
	if q.mu.refill != nil {
		q.mu.refill.joined(e.groupID)
	}
	g := r.known[e.groupID]
	if g == nil {
		fx.PutTurn(q.id, &store.Turn{Turn: e.seq, Group: e.groupID, Seq: e.seq})
		if !r.complete() || r.untouched() >= maxGroups {
			q.laterTurnLocked(e.seq)
			return
		}
		g = &group{id: e.groupID, turn: e.seq, placed: e.seq, first: e.seq}
		r.known[g.id] = g
	}
	if g.more {
		return
	}
	if g.fresh.len() >= maxWindow || r.loaded >= maxLoaded {
		g.more, g.fresh.end = true, e.seq
		if g.fresh.len() > 0 {
			return
		}
	} else {
		r.push(g, e)
		g.fresh.end = e.seq + 1
		q.cache(e, msg)
	}
	if g.fresh.len() <= 1 { // it was exhausted before
		q.settleGroupLocked(g, now, fx)
	}
}

// settleGroupLocked puts a group where its messages say, after they have changed.
func (q *Queue) settleGroupLocked(g *group, now int64, fx *store.Batch) {
	switch {
	case g.gone:
	case q.fifo:
		q.settleFIFOLocked(g, now, false, fx)
	default:
		q.settleFairLocked(g, fx)
	}
}

// settleFIFOLocked does it for FIFO queues. A group that becomes available again, or was served, goes to the end of
// the rotation.
func (q *Queue) settleFIFOLocked(g *group, now int64, served bool, fx *store.Batch) {
	r := &q.mu.groups
	first := g.received.front()
	switch {
	case first != nil && first.state.VisibleAt > now:
		g.leave()
	case first != nil:
		if served || g.in != &r.touched {
			g.turn = q.nextTurnLocked()
		}
		r.touched.put(g)
	case g.exhausted():
		q.dropGroupLocked(g, fx)
	default:
		if g.placed == 0 && (served || g.in == nil) {
			g.turn = q.nextTurnLocked()
		}
		if e := g.fresh.top(); e != nil && e.sent+q.mu.settings.delay > now {
			r.waiting.put(g)
		} else {
			r.fresh.put(g)
		}
		if g.placed == 0 {
			q.placeGroupLocked(g, fx)
		} else if g.head() != g.first {
			q.saveHeadLocked(g, fx)
		}
	}
}

// placeGroupLocked writes the group's new place in the rotation. A group that stands behind what memory knows of the
// rotation leaves memory: by the time of its turn it is read again, and until then the room is for those before it.
func (q *Queue) placeGroupLocked(g *group, fx *store.Batch) {
	r := &q.mu.groups
	g.in.put(g)
	fx.PutTurn(q.id, &store.Turn{Turn: g.turn, Group: g.id, Seq: g.head()})
	g.placed = g.turn
	// A group that was in touched keeps its turn, which low may have passed.
	q.mu.counters.LowTurn = min(q.mu.counters.LowTurn, g.placed)
	q.saveHeadLocked(g, fx)
	switch {
	case g.in == &r.noisy: // whatever its turn, it comes last
	case r.complete() && r.untouched() > 2*maxGroups, g.placed >= r.end:
		q.leaveMemoryLocked(g)
	}
}

// saveHeadLocked writes where the group's messages begin. Without it a place in the rotation whose first message is gone
// counts as stale.
func (q *Queue) saveHeadLocked(g *group, fx *store.Batch) {
	fx.PutGroupHead(q.id, g.id, g.head())
	g.first, g.saved = g.head(), true
}

// unindexLocked removes it.
func (q *Queue) unindexLocked(g *group, fx *store.Batch) {
	if g.placed != 0 {
		fx.DeleteTurn(q.id, g.placed)
		g.placed = 0
	}
}

// dropGroupLocked forgets an empty group, in memory and on disk.
func (q *Queue) dropGroupLocked(g *group, fx *store.Batch) {
	q.unindexLocked(g, fx)
	if g.saved {
		fx.DeleteGroupHead(q.id, g.id)
	}
	q.forgetGroupLocked(g)
}

// forgetGroupLocked takes a group out of memory.
func (q *Queue) forgetGroupLocked(g *group) {
	g.leave()
	g.gone = true
	delete(q.mu.groups.known, g.id)
	q.mu.tenants.changed = true
	if q.mu.refill != nil {
		q.mu.refill.forgot(g.id)
	}
}

// leaveMemoryLocked drops a group from memory, not from disk, where it has its place in the rotation.
func (q *Queue) leaveMemoryLocked(g *group) {
	r := &q.mu.groups
	for g.fresh.len() > 0 {
		q.uncache(r.pop(g))
	}
	q.forgetGroupLocked(g)
	q.laterTurnLocked(g.placed)
}

// laterTurnLocked notes a place in the rotation of a group that is not in memory.
func (q *Queue) laterTurnLocked(turn uint64) {
	q.mu.groups.end = min(q.mu.groups.end, turn)
	if r := q.mu.refill; r != nil {
		r.groups.later = min(r.groups.later, turn)
	}
}

// unjoinLocked takes the index entry of a message away that is received for the first time, or deleted before.
func (q *Queue) unjoinLocked(e *entry, fx *store.Batch) {
	if e.groupID == "" || e.delayedTo != 0 {
		return
	}
	if plantedFault != faultGroupIndexKept {
		fx.DeleteGroupMessage(q.id, e.groupID, e.seq)
	}
	q.uncountSentLocked(e.sent, fx)
}
