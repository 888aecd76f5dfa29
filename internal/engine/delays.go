package engine

import (
	"iter"
	"math"
	"slices"
)

// delays is the front of the delayed messages, in the order in which they become visible. Those at or behind the
// horizon are on disk only; refill brings them in.
type delays struct {
	heap    heapOf
	horizon delayPos
}

// delayPos is a place in the index of delayed messages.
type delayPos struct {
	at  int64
	seq uint64
}

// allDelays is the horizon behind which nothing can be: all delayed messages are in memory.
var allDelays = delayPos{math.MaxInt64, math.MaxUint64}

// maxDelays bounds what one queue keeps in memory, within a factor of two.
const maxDelays = 4096

func (p delayPos) before(o delayPos) bool { return p.at < o.at || p.at == o.at && p.seq < o.seq }

func posOf(e *entry) delayPos { return delayPos{e.delayedTo, e.seq} }

func (d *delays) complete() bool { return d.horizon == allDelays }

// add takes e in if it belongs before the horizon. A heap that has grown too large is cut, which draws the horizon
// nearer.
func (d *delays) add(e *entry) {
	if !posOf(e).before(d.horizon) {
		return
	}
	e.in = inDelays
	d.heap.push(e)
	if d.heap.len() < 2*maxDelays {
		return
	}
	items := d.heap.items
	slices.SortFunc(items, func(a, b *entry) int {
		if byDelay(a, b) {
			return -1
		}
		return 1
	})
	d.horizon = posOf(items[maxDelays])
	for _, cut := range items[maxDelays:] {
		cut.in = nowhere
	}
	clear(items[maxDelays:])
	d.heap.items = items[:maxDelays]
	for i, e := range d.heap.items {
		e.pos = i // a sorted slice is a heap
	}
}

// readyLen is how many messages are visible that were received or delayed before, noisy tenants' excepted.
func (c *contents) readyLen() int { return c.ready.len() + c.due.len() }

// readyTop is the oldest of them, or nil.
func (c *contents) readyTop() *entry {
	ready, due := c.ready.top(), c.due.top()
	if ready == nil || due != nil && due.seq < ready.seq {
		return due
	}
	return ready
}

// delayed lists the messages in memory that were delayed and never received, whether or not they are due.
func (c *contents) delayed() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, items := range [][]*entry{c.delays.heap.items, c.ready.items, c.due.items[c.due.head:], c.tenants.parked.items} {
			for _, e := range items {
				if e.delayedTo != 0 && !yield(e) {
					return
				}
			}
		}
	}
}
