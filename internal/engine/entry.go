package engine

import "github.com/bufeomq/bufeo/internal/store"

// entry is a message that memory knows. Every message that was received has one until it is deleted; of the others
// there is a window (see window and delays).
type entry struct {
	seq  uint64
	sent int64 // SentAt, ms: retention counts from here
	size int64
	// delayedTo is when a message that was delayed at send becomes visible, in ms, while it has a delay key: until its
	// first receive. 0: no delay key.
	delayedTo int64
	groupID   string
	msg       *store.Message // nil: read it from the store when it is delivered

	received bool        // has a state record
	state    store.State // Receives and FirstReceive also before the first receive: a dead letter's

	group  *group  // while it is in the group's windows or lines
	tenant *tenant // while it is in flight, in a standard queue
	gone   bool    // deleted

	pos int // index in the heap that holds it
	in  place
}

// indexed reports whether the message has a key in the index of delays or of groups.
func (e *entry) indexed() bool { return !e.received && (e.delayedTo != 0 || e.groupID != "") }

// place says which structure holds an entry.
type place uint8

const (
	nowhere  place = iota
	inFresh        // the queue's window or its group's: never received, never delayed
	inDelays       // delayed, not yet visible
	inFlight       // received, not visible again
	inReady        // visible: timeout over or delay over
	inDue          // visible: delay over before it came into memory
	inParked       // the same, of a noisy tenant
	inGroup        // the same, in a FIFO queue
	inLimbo        // expired before this process started: hidden, kept for an hour (see retention.go)
)

// heapOf is a binary heap of entries that know their position, so that any of them can be removed or moved. Written
// out rather than container/heap because the three of a queue are in the hot path of each receive and delete.
type heapOf struct {
	less  func(a, b *entry) bool
	items []*entry
}

func bySeq(a, b *entry) bool { return a.seq < b.seq }

func byVisibleAt(a, b *entry) bool {
	return a.state.VisibleAt < b.state.VisibleAt || a.state.VisibleAt == b.state.VisibleAt && a.seq < b.seq
}

func byDelay(a, b *entry) bool {
	return a.delayedTo < b.delayedTo || a.delayedTo == b.delayedTo && a.seq < b.seq
}

func (h *heapOf) len() int { return len(h.items) }

// top is the least entry, or nil.
func (h *heapOf) top() *entry {
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

func (h *heapOf) push(e *entry) {
	e.pos = len(h.items)
	h.items = append(h.items, e)
	h.up(e.pos)
}

func (h *heapOf) remove(e *entry) {
	i, last := e.pos, len(h.items)-1
	h.items[i] = h.items[last]
	h.items[i].pos = i
	h.items[last] = nil
	h.items = h.items[:last]
	if i < last {
		h.fix(h.items[i])
	}
}

// fix restores the order after e's key has changed.
func (h *heapOf) fix(e *entry) {
	if !h.down(e.pos) {
		h.up(e.pos)
	}
}

func (h *heapOf) swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].pos, h.items[j].pos = i, j
}

func (h *heapOf) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(h.items[i], h.items[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *heapOf) down(i int) bool {
	start := i
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if child+1 < len(h.items) && h.less(h.items[child+1], h.items[child]) {
			child++
		}
		if !h.less(h.items[child], h.items[i]) {
			break
		}
		h.swap(i, child)
		i = child
	}
	return i > start
}
