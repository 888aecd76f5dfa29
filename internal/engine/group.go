package engine

import "container/heap"

// group is what memory knows of the messages of one MessageGroupId. FIFO queues deliver by group; standard queues keep
// groups so that a quiet tenant's messages are found behind a noisy one's (see fair.go).
type group struct {
	id string
	// turn is the group's place in the rotation. FIFO: drawn anew when the group becomes available again. Standard: the
	// number of the group's first message in fresh, so that the rotation is the order of sending.
	turn   uint64
	placed uint64 // its turn in the rotation on disk; 0: it is not there
	first  uint64 // the head that disk knows
	saved  bool   // disk has a record of its own for that
	limbo  bool   // it has messages in limbo, and a record for them in the rotation

	received line   // FIFO: messages that were received, in order; every one is before all of fresh
	fresh    window // messages that were never received; its end is where those on disk begin, if there are more
	more     bool   // there may be more of them on disk only

	in   *groupHeap // nil: not available, or gone
	pos  int        // there
	gone bool       // dropped from memory
}

// head is where the messages that were never received begin, as far as memory knows.
func (g *group) head() uint64 { return g.fresh.low() }

// exhausted reports whether nothing is left that was never received.
func (g *group) exhausted() bool { return g.fresh.len() == 0 && !g.more }

// line is a list of received messages in order. Those that are out stay in it until they are at its front or make up
// half of it, so that a delete costs the same wherever it is.
type line struct {
	items []*entry
	head  int
	dead  int // entries behind head that are out
}

func (l *line) push(e *entry) { l.items = append(l.items, e) }

// out reports whether e takes no part in its group any more: deleted, or hidden because it has expired.
func (e *entry) out() bool { return e.gone || e.in == inLimbo }

// drop notes that an entry is out. Nothing moves: a receive may be on its way through the line.
func (l *line) drop() { l.dead++ }

// tidy leaves out what is out, if that is much.
func (l *line) tidy() {
	if l.dead <= 16 || l.dead*2 < len(l.items)-l.head {
		return
	}
	kept := l.items[:0]
	for _, e := range l.items[l.head:] {
		if !e.out() {
			kept = append(kept, e)
		}
	}
	clear(l.items[len(kept):])
	*l = line{items: kept}
}

// front is the first message, or nil.
func (l *line) front() *entry {
	l.tidy()
	for l.head < len(l.items) {
		if e := l.items[l.head]; !e.out() {
			return e
		}
		l.items[l.head] = nil
		l.head++
		l.dead--
	}
	*l = line{items: l.items[:0]}
	return nil
}

// groupHeap orders groups. Each knows the heap that holds it and its position there.
type groupHeap struct {
	less  func(a, b *group) bool
	items []*group
}

func byTurn(a, b *group) bool { return a.turn < b.turn }

func byHeadSent(a, b *group) bool {
	x, y := a.fresh.top(), b.fresh.top()
	return x.sent < y.sent || x.sent == y.sent && x.seq < y.seq
}

func (h *groupHeap) Len() int           { return len(h.items) }
func (h *groupHeap) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }
func (h *groupHeap) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].pos, h.items[j].pos = i, j
}

// Push is container/heap's; use put.
func (h *groupHeap) Push(x any) {
	g := x.(*group)
	g.pos = len(h.items)
	h.items = append(h.items, g)
}

// Pop is container/heap's; use leave.
func (h *groupHeap) Pop() any {
	last := len(h.items) - 1
	g := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	return g
}

// top is the first group, or nil.
func (h *groupHeap) top() *group {
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

// put makes h the heap that holds g, which may have changed its key.
func (h *groupHeap) put(g *group) {
	if g.in == h {
		heap.Fix(h, g.pos)
		return
	}
	g.leave()
	g.in = h
	heap.Push(h, g)
}

// leave takes g out of the heap that holds it.
func (g *group) leave() {
	if g.in != nil {
		heap.Remove(g.in, g.pos)
		g.in = nil
	}
}
