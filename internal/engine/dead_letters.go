package engine

import "github.com/bufeomq/bufeo/internal/store"

// A message that was received as often as its queue's RedrivePolicy allows goes to the dead-letter queue when it would
// be received once more. The source's batch deletes it there and writes it into the target's inbox, on disk; the target
// takes it in at the start of its next operation, whatever that is. So a move is one batch, no goroutine ever holds two
// queues' locks, and a crash finds the message in one of the two places. Nobody may look at a dead-letter queue for
// weeks, so the sender sees to it that the inbox is emptied: letters are whole messages in memory, and have no retention.
//
// Here is what a draw does with a dead letter, and what it reads for that. The way from one queue to another, which move
// tasks go as well, is in postage.go and inbox.go; how much goes at a time, in cargo.go.

// move sends a dead letter off. It needs its body: if that is on disk the message is put back, and the try ends.
func (d *draw) move(e *entry) {
	if e.msg == nil {
		d.putBack(e)
		d.readAhead(e)
		return
	}
	if !d.moved.fits(e.size) {
		d.putBack(e)
		d.a.more = true
		return
	}
	q, msg := d.q, *e.msg
	msg.Receives, msg.FirstReceive = e.state.Receives, e.state.FirstReceive
	msg.SourceARN, msg.Delay = q.key.ARN(), 0
	if q.fifo { // AWS developer guide: a FIFO dead-letter queue resets the time, a standard one keeps it
		msg.SentAt = d.now
	}
	box, _ := d.a.letters.to(d.a.letters.target)
	d.mail(e, box, &msg)
}

// mail hands a message over to another queue: here it is gone.
func (d *draw) mail(e *entry, box *mail, msg *Message) {
	box.send(store.InboxKey{Queue: d.q.id, Seq: e.seq}, msg, d.fx)
	fx := d.fx
	if plantedFault == faultDeadLetterStays {
		fx = store.NewBatch() // which is never written
	}
	d.q.removeLocked(e, fx)
	d.moved.add(e.size)
	d.dirty = true
}

// readAhead asks for the body of a message that was put back because it is on disk only, and for those of others that
// will be moved soon.
func (d *draw) readAhead(e *entry) {
	d.willRead(e)
	m := &d.q.mu
	switch {
	case e.received && d.q.fifo:
		d.unreadIn(e.group.received.items[e.group.received.head:])
	case e.received, e.delayedTo != 0:
		d.unreadIn(m.ready.items)
		d.unreadIn(m.due.items[m.due.head:])
	case e.group == nil:
		d.unreadIn(m.fresh.items[m.fresh.head:])
	default:
		d.unreadIn(e.group.fresh.items[e.group.fresh.head:])
		for _, g := range m.groups.fresh.items[:min(m.groups.fresh.Len(), maxMoves)] {
			if g != e.group && g.fresh.len() > 0 {
				d.unreadIn(g.fresh.items[g.fresh.head : g.fresh.head+1])
			}
		}
	}
}

// unreadIn adds those whose bodies will be needed soon.
func (d *draw) unreadIn(items []*entry) {
	for _, e := range items[:min(len(items), 2*maxMoves)] {
		if e == nil || e.out() || e.msg != nil || e == d.a.unread[0] || !d.willMove(e) {
			continue
		}
		if !d.ahead.fits(e.size) {
			return
		}
		d.willRead(e)
	}
}

func (d *draw) willRead(e *entry) {
	d.a.unread = append(d.a.unread, e)
	d.ahead.add(e.size)
}

func (d *draw) willMove(e *entry) bool {
	if d.redrive != nil {
		return !d.redrive.beyond(e)
	}
	return e.state.Receives >= d.a.letters.policy.max
}
