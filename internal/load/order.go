package load

import "sync/atomic"

// order watches, for a Ledger of a FIFO queue, that the messages of a group are delivered in the order in which they were
// sent. Many workers send to a group at once, and then nobody knows the order. What is known is that a message is before
// another one if its send was answered before the other one began, or if it stands before it in the same request. A
// group's deliveries do not overlap, since it gives nothing until what it gave is deleted: the order in which they are
// noted here is that of the queue.
type order struct {
	groups, batch uint64
	answered      [maxMessages / orderPage]atomic.Pointer[[orderPage]atomic.Uint32]
	last          []atomic.Uint64 // by group: one more than the greatest id delivered; 0 for none
	broken        atomic.Int64
}

// orderPage is how many messages share one piece of memory, which is there when the first of them is sent.
const orderPage = 1 << 16

// NewOrderedLedger returns an empty one that watches the order, too, of messages that a Job with these values sends.
func NewOrderedLedger(groups, batch int) *Ledger {
	l := NewLedger()
	l.order = &order{groups: uint64(groups), batch: uint64(batch), last: make([]atomic.Uint64, groups)}
	return l
}

// sent notes that n messages from first on were answered before any from next on was sent.
func (o *order) sent(first uint64, n int, next uint64) {
	for id := first; id < first+uint64(n); id++ {
		at := &o.answered[id/orderPage]
		if at.Load() == nil {
			at.CompareAndSwap(nil, &[orderPage]atomic.Uint32{})
		}
		at.Load()[id%orderPage].Store(uint32(next))
	}
}

// got notes the first delivery of a message.
func (o *order) got(id uint64) {
	last := &o.last[id%o.groups]
	for {
		seen := last.Load()
		if seen > id {
			if o.before(id, seen-1) {
				o.broken.Add(1)
			}
			return
		}
		if last.CompareAndSwap(seen, id+1) {
			return
		}
	}
}

// before reports whether id is known to have been sent before later, which is greater. Requests have batch messages each,
// so that the quotient tells those of one request.
func (o *order) before(id, later uint64) bool {
	if id/o.batch == later/o.batch {
		return true
	}
	page := o.answered[id/orderPage].Load()
	if page == nil {
		return false
	}
	next := uint64(page[id%orderPage].Load())
	return next != 0 && later >= next
}
