package engine

import (
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

// maxHeld bounds the messages of a queue that were received and not deleted, and with them its memory: from there on
// those that are visible again go before those that were never received.
const maxHeld = 120_000

// draw is the transition of a receive: it takes visible messages out of the queue's structures, in the order of its
// kind, and hides them, or moves them to the dead-letter queue, or finds them expired.
type draw struct {
	q          *Queue
	a          *attempt
	now        int64
	want       int
	visibility int64
	fx         *store.Batch
	memory     Memory
	had        []taken // of earlier tries of the same receive: not to be taken again, if their timeout is zero

	dirty bool     // counters or segments changed
	short bool     // what comes next may be on disk only
	drawn []*group // whose place in the rotation changes
	moved cargo    // to other queues
	ahead cargo    // to be read for it: a.unread
	limit uint64   // a queue that is its own dead-letter queue: what it has moved has this number or a greater one
	round bool     // such a message came

	redrive *redrive // for a move task, in place of receiving; or nil
}

func (d *draw) full() bool {
	return len(d.a.taken) >= d.want || len(d.a.unread) > 0 || d.a.more || d.a.lacks > 0 || d.round || d.redrive != nil && d.redrive.stopped()
}

// standard draws oldest first.
func (d *draw) standard() {
	q := d.q
	q.calmLocked(d.now, false)
	var again []*entry
	for !d.full() {
		e, g, short := q.nextLocked(d.now)
		d.short = short
		if e == nil {
			break
		}
		if d.has(e) {
			again = append(again, e)
			continue
		}
		if g != nil && (len(d.drawn) == 0 || d.drawn[len(d.drawn)-1] != g) {
			d.drawn = append(d.drawn, g)
		}
		d.take(e)
	}
	for i := range d.a.taken { // only now, so that a timeout of zero does not hand out a message twice
		q.settleLocked(d.a.taken[i].entry, d.now)
	}
	for _, e := range again {
		q.settleLocked(e, d.now)
	}
	for _, g := range d.drawn {
		q.settleGroupLocked(g, d.now, d.fx)
	}
	q.calmLocked(d.now, false) // of whom this was all
}

func (d *draw) has(e *entry) bool {
	return slices.ContainsFunc(d.had, func(t taken) bool { return t.entry == e })
}

// fifo draws from group after group: of each, the longest prefix of messages that are all visible.
func (d *draw) fifo() {
	q := d.q
	if n := len(d.had); n > 0 { // the last one's group may have more
		if g := d.had[n-1].entry.group; !g.gone {
			d.received(g)
			d.round = false
			if d.short {
				q.mu.groups.next = g // it is in no heap, as what was taken locks it
			}
			g.leave()
			d.drawn = append(d.drawn, g)
		}
	}
	for !d.full() && !d.short {
		g := d.nextGroup()
		if g == nil {
			break
		}
		before := len(d.a.taken)
		d.received(g)
		if d.round { // on to the next group
			d.round = false
		} else if len(d.a.taken) == before && (d.short || d.full()) {
			q.settleFIFOLocked(g, d.now, false, d.fx) // nothing was taken yet: it keeps its turn
			break
		}
		g.leave()
		d.drawn = append(d.drawn, g)
	}
	for i := range d.a.taken {
		q.settleLocked(d.a.taken[i].entry, d.now)
	}
	for _, g := range d.drawn {
		q.settleFIFOLocked(g, d.now, true, d.fx)
	}
}

// nextGroup is the group whose turn it is, or nil.
func (d *draw) nextGroup() *group {
	r := &d.q.mu.groups
	g, touched := r.fresh.top(), r.touched.top()
	// What was received goes first, or memory would not be bounded. A move task takes from everywhere.
	crowded := touched != nil && len(d.q.mu.held) >= maxHeld && d.redrive == nil
	if touched != nil && (g == nil || touched.turn < g.turn || crowded) {
		g = touched
	}
	if r.complete() || crowded || g != nil && g.turn < r.end {
		return g
	}
	d.short = true // the turns before are on disk
	return nil
}

// received draws those of a group that were received before, and goes on to the others if all of them are visible.
func (d *draw) received(g *group) {
	for _, e := range g.received.items[g.received.head:] {
		switch {
		case e == nil, e.out(), d.has(e):
			continue
		case e.state.VisibleAt > d.now, d.full(), d.redrive.beyond(e):
			return
		}
		d.take(e)
	}
	d.fresh(g)
}

func (d *draw) fresh(g *group) {
	q := d.q
	for !d.full() {
		e := g.fresh.top()
		if e == nil {
			d.short = d.short || g.more
			return
		}
		if e.sent+q.mu.settings.delay > d.now || d.redrive.beyond(e) {
			return
		}
		d.take(q.mu.groups.pop(g))
	}
}

// take decides what becomes of a message that has been taken out of its place. One that stays where it was, because a
// dead letter's body is not in memory, is put back.
func (d *draw) take(e *entry) {
	q := d.q
	switch {
	case e.sent+q.mu.settings.retention <= d.now:
		q.expireLocked(e, d.now, d.fx)
		d.dirty = true
	case d.redrive != nil:
		d.moveOn(e)
	case d.a.letters.due(e) && d.a.letters.target == q && e.seq >= d.limit:
		d.putBack(e)
		d.round = true
	case d.a.letters.due(e):
		d.move(e)
	case d.memory != nil && !d.memory.Reserve(e.size):
		d.putBack(e)
		d.a.lacks = e.size
	default:
		d.dirty = d.dirty || !e.received
		q.hideLocked(e, d.now, d.visibility, d.fx)
		at := d.now
		if len(d.had) > 0 {
			at = d.had[0].at
		}
		if d.a.taken == nil {
			d.a.taken = make([]taken, 0, min(d.want, 1+q.visibleLocked()))
		}
		d.a.taken = append(d.a.taken, taken{entry: e, msg: e.msg, state: e.state, at: at})
		q.uncache(e)
	}
}

// putBack undoes the taking of a message out of its place.
func (d *draw) putBack(e *entry) {
	q := d.q
	switch {
	case e.received && q.fifo: // it never left the line
	case e.received, e.delayedTo != 0:
		e.in = inReady
		q.mu.ready.push(e)
	case e.group != nil:
		e.group.fresh.unpop(e)
		q.mu.groups.loaded++
		if !q.fifo {
			e.group.turn = e.group.head()
		}
	default:
		q.mu.fresh.unpop(e)
	}
}

// hideLocked writes the receive of e.
func (q *Queue) hideLocked(e *entry, now, visibility int64, fx *store.Batch) {
	q.detachLocked(e)
	if !e.received {
		if e.indexed() {
			q.mu.segments.at(segmentOf(e.seq)).Indexed--
		}
		q.unjoinLocked(e, fx)
		q.undelayLocked(e, fx)
		e.received = true
		e.state.Sent, e.state.Size, e.state.Group = e.sent, e.size, e.groupID
		q.mu.held[e.seq] = e
		if q.fifo {
			q.unindexLocked(e.group, fx)
			e.group.received.push(e)
		}
	}
	q.forgetAttemptLocked(e.seq, fx)
	if e.state.Receives == 0 { // also after an undo
		e.state.FirstReceive = now
	}
	e.state.Receives++
	e.state.VisibleAt = now + visibility
	e.state.Nonce = q.e.o.Rand()
	fx.PutState(q.id, e.seq, &e.state)
}

// undelayLocked removes the delay key of a message that needs it no more.
func (q *Queue) undelayLocked(e *entry, fx *store.Batch) {
	if e.delayedTo == 0 {
		return
	}
	fx.DeleteDelay(q.id, e.delayedTo, e.seq)
	q.mu.counters.Delayed--
	e.delayedTo = 0
}
