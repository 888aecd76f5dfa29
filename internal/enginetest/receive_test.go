package enginetest

import (
	"slices"

	"github.com/bufeomq/bufeo/internal/engine"
)

// receive is what a receive can have done that was answered with these deliveries: every world that it can have led to.
// None: the answer is wrong. There is more than one where the manual leaves open which dead letters a receive came upon.
func (w *world) receive(q *queue, p *engine.ReceiveParams, visibility int64, got []engine.Delivery, crowded bool) []*world {
	if a := w.repeatable(q, p.AttemptID); a != nil {
		if !w.repeat(q, a, visibility, got) {
			return nil
		}
		return []*world{w}
	}
	delete(q.attempts, p.AttemptID)
	q.nameAll(got)
	var moved []*message
	var open [][]*message // of each, none may have been moved, or the first ones, or all
	var ok bool
	switch {
	case q.fifo:
		moved, open, ok = w.receiveFIFO(q, p.Max, got, false)
	case q.unfair:
		moved, ok = w.receiveUnfair(q, p.Max, got)
	default:
		moved, ok = w.receiveStandard(q, p.Max, got)
	}
	if !ok && crowded && len(got) > 0 {
		moved, open, ok = w.receiveCrowded(q, got)
	}
	if !ok || !w.hand(q, p, visibility, got) {
		return nil
	}
	w.move(q, moved)
	worlds := []*world{w}
	for _, some := range open {
		for _, before := range worlds {
			for n := range some {
				after := before.clone()
				after.move(after.queues[q.name], some[:n+1])
				worlds = append(worlds, after)
			}
		}
	}
	return worlds
}

// receiveStandard: oldest first. More than the manual promises, and what docs/differences.md does.
func (w *world) receiveStandard(q *queue, max int, got []engine.Delivery) (moved []*message, ok bool) {
	var want []string
	for _, m := range q.msgs {
		switch {
		case len(want) == max:
		case !w.visible(q, m):
		case w.due(q, m):
			moved = append(moved, m)
		default:
			want = append(want, m.id)
		}
	}
	if ids := idsOf(got); !slices.Equal(ids, want) {
		return nil, w.no("received %v, want %v", ids, want)
	}
	return moved, true
}

// receiveUnfair: as many as there are, in any order.
func (w *world) receiveUnfair(q *queue, max int, got []engine.Delivery) (moved []*message, ok bool) {
	there := map[string]bool{}
	for _, m := range q.msgs {
		switch {
		case !w.visible(q, m):
		case w.due(q, m):
			moved = append(moved, m)
		default:
			there[m.id] = true
		}
	}
	if len(got) != min(max, len(there)) {
		return nil, w.no("received %d, want %d of %d", len(got), min(max, len(there)), len(there))
	}
	for _, id := range idsOf(got) {
		if !there[id] {
			return nil, w.no("received %s, which is not visible", id)
		}
		delete(there, id)
	}
	return moved, true
}

// receiveCrowded: other calls were made at once. When the receive reads from the disk they have their turn, and it gets
// what they leave.
func (w *world) receiveCrowded(q *queue, got []engine.Delivery) (moved []*message, open [][]*message, ok bool) {
	if q.fifo {
		return w.receiveFIFO(q, len(got), got, true)
	}
	moved, ok = w.receiveUnfair(q, len(got), got)
	if len(moved) > 0 {
		open = append(open, moved)
	}
	return nil, open, ok
}

// receiveFIFO is sections 4.1 and 4.2: of each group, in any order, as many as allowed of its longest prefix of visible
// messages; the next group only when that is used up. Beside sends, a receive that reads from the disk or meets what has
// expired may have been to a group before more was sent to it.
func (w *world) receiveFIFO(q *queue, max int, got []engine.Delivery, crowded bool) (moved []*message, open [][]*message, ok bool) {
	groups, names := byGroup(q)
	rest := got
	for len(rest) > 0 {
		g := rest[0].GroupID
		line := groups[g]
		if line == nil {
			return nil, nil, w.no("received %s of group %s, of which there is none, or twice", engine.FormatID(rest[0].ID), g)
		}
		delete(groups, g)
		took := false
		for _, m := range line {
			if !w.visible(q, m) || len(rest) == 0 && len(got) == max {
				break
			}
			if w.due(q, m) {
				moved = append(moved, m)
				continue
			}
			if len(rest) == 0 || engine.FormatID(rest[0].ID) != m.id {
				if crowded && took && m.sentAt == w.now && m.receives == 0 {
					break
				}
				return nil, nil, w.no("received %v, without %s of group %s", idsOf(got), m.id, g)
			}
			rest, took = rest[1:], true
		}
		if !took {
			return nil, nil, w.no("received %s of group %s, which is not visible, or behind one that is not", engine.FormatID(rest[0].ID), g)
		}
	}
	for _, g := range names {
		var some []*message
		for _, m := range groups[g] {
			if !w.visible(q, m) {
				break
			}
			if w.due(q, m) {
				some = append(some, m)
				continue
			}
			if len(got) < max {
				return nil, nil, w.no("received %d of %d, without %s of group %s", len(got), max, m.id, g)
			}
			break
		}
		switch {
		case len(some) == 0:
		case len(got) < max:
			moved = append(moved, some...)
		default:
			open = append(open, some)
		}
	}
	return moved, open, true
}

func byGroup(q *queue) (groups map[string][]*message, names []string) {
	groups = map[string][]*message{}
	for _, m := range q.msgs {
		g := m.content.GroupID
		if groups[g] == nil {
			names = append(names, g)
		}
		groups[g] = append(groups[g], m)
	}
	return groups, names
}

func (q *queue) nameAll(got []engine.Delivery) {
	for i := range got {
		q.learn(engine.FormatID(got[i].ID), got[i].Body, got[i].GroupID)
	}
}

func idsOf(ds []engine.Delivery) []string {
	var ids []string
	for i := range ds {
		ids = append(ids, engine.FormatID(ds[i].ID))
	}
	return ids
}

// hand hides what was received.
func (w *world) hand(q *queue, p *engine.ReceiveParams, visibility int64, got []engine.Delivery) bool {
	a := &attempt{at: w.now}
	for i := range got {
		d := &got[i]
		m := q.message(engine.FormatID(d.ID))
		q.touch(m)
		if m.receives == 0 {
			m.first = w.now
		}
		m.receives++
		m.received, m.visibleAt, m.handle = true, w.now+visibility, d.Handle
		if d.ReceiveCount != m.receives || d.FirstReceive != m.first {
			return w.no("%s has receive count %d since %d, want %d since %d", m.id, d.ReceiveCount, d.FirstReceive, m.receives, m.first)
		}
		if !w.same(q, m, d.Message, d.SequenceNumber) {
			return false
		}
		a.msgs, a.handles = append(a.msgs, m.id), append(a.handles, d.Handle)
	}
	if q.fifo && p.AttemptID != "" && len(got) > 0 {
		q.attempts[p.AttemptID] = a
	}
	w.tenants(q)
	return true
}

// repeatable is the attempt that a receive repeats, or nil (section 3.11).
func (w *world) repeatable(q *queue, id string) *attempt {
	a := q.attempts[id]
	if id == "" || !q.fifo || a == nil || w.now >= a.at+5*60_000 {
		return nil
	}
	for _, id := range a.msgs {
		if m := q.message(id); m == nil || w.visible(q, m) {
			return nil
		}
	}
	return a
}

func (w *world) repeat(q *queue, a *attempt, visibility int64, got []engine.Delivery) bool {
	if ids := idsOf(got); !slices.Equal(ids, a.msgs) {
		return w.no("received %v, want again %v", ids, a.msgs)
	}
	for i := range got {
		d, m := &got[i], q.message(a.msgs[i])
		m.visibleAt = w.now + visibility
		if d.Handle != a.handles[i] || d.ReceiveCount != m.receives || d.FirstReceive != m.first {
			return w.no("the repeated receive of %s has another handle, or count %d since %d, want %d since %d", m.id, d.ReceiveCount,
				d.FirstReceive, m.receives, m.first)
		}
		if !w.same(q, m, d.Message, d.SequenceNumber) {
			return false
		}
	}
	return true
}

// move is section 3.8: messages go to the end of the dead-letter queue and keep id, content and receive count.
func (w *world) move(q *queue, ms []*message) {
	name, _ := q.redrive()
	for _, m := range ms {
		m = q.message(m.id) // in this world
		hops := 1
		if m.movedIn == w.step {
			hops += m.hops
		}
		q.remove(m)
		dead := &message{id: m.id, content: m.content, source: arn(q.name), from: arn(q.name), sentAt: m.sentAt, receives: m.receives, first: m.first,
			arriving: true, floats: true, moves: m.moves + 1, movedIn: w.step, hops: hops}
		if q.fifo {
			dead.sentAt = w.now
		}
		w.queues[name].msgs = append(w.queues[name].msgs, dead)
	}
	w.forget() // retention there runs from the sending, too
}

// comesUpon lists the dead letters that a receive can move before it takes any message: in a FIFO queue of each group
// the first ones. Of those that were moved twice in this step already, none:
// dead-letter queues can make a circle.
func (w *world) comesUpon(q *queue) (due []*message) {
	passed := map[string]bool{}
	for _, m := range q.msgs {
		switch g := m.content.GroupID; {
		case q.fifo && passed[g]:
		case w.visible(q, m) && w.due(q, m) && (m.movedIn < w.step || m.hops < 2):
			due = append(due, m)
		default:
			passed[g] = true
		}
	}
	return due
}

// deliverable reports whether a receive would get something.
func (w *world) deliverable(q *queue) *message {
	blocked := map[string]bool{}
	for _, m := range q.msgs {
		g := m.content.GroupID
		switch {
		case q.fifo && blocked[g]:
		case !w.visible(q, m):
			blocked[g] = true
		case !w.due(q, m):
			return m
		}
	}
	return nil
}
