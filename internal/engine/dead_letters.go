package engine

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// A message that was received as often as its queue's RedrivePolicy allows goes to the dead-letter queue when it would
// be received once more. The source's batch deletes it there and writes it into the target's inbox, on disk; the target
// takes it in at the start of its next operation, whatever that is. So a move is one batch, no goroutine ever holds two
// queues' locks, and a crash finds the message in one of the two places. Nobody may look at a dead-letter queue for
// weeks, so the sender sees to it that the inbox is emptied: letters are whole messages in memory, and have no retention.

// redrivePolicy is the RedrivePolicy attribute.
type redrivePolicy struct {
	target Key
	max    int64 // receives
}

func redriveOf(as api.Attributes) *redrivePolicy {
	text, ok := as.Get(api.RedrivePolicy)
	if !ok {
		return nil
	}
	var p struct {
		Target string `json:"deadLetterTargetArn"`
		Max    int64  `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic("attribute RedrivePolicy was stored as " + text) // service checks it
	}
	k, ok := KeyOfARN(p.Target)
	if !ok {
		panic("attribute RedrivePolicy was stored as " + text)
	}
	return &redrivePolicy{target: k, max: p.Max}
}

// KeyOfARN reads the ARN of a queue.
func KeyOfARN(arn string) (Key, bool) {
	p := strings.Split(arn, ":")
	if len(p) != 6 || p[0] != "arn" || p[2] != "sqs" || p[3] == "" || p[4] == "" || p[5] == "" {
		return Key{}, false
	}
	return Key{Region: p[3], Account: p[4], Name: p[5]}, true
}

// inbox holds the messages that are on their way into a queue. Its lock may be taken under the lock of any queue.
type inbox struct {
	n  atomic.Int64 // letters in mu.list
	mu struct {
		sync.Mutex
		closed bool // the queue is deleted
		list   []letter
	}
}

// letter is a message with the place that it came from, which names its record.
type letter struct {
	from store.InboxKey
	msg  *Message
}

// postage sends messages from one queue to others, in the batch of one transition of the sender.
type postage struct {
	policy *redrivePolicy // of the sender, or nil
	target *Queue         // where its dead letters go; nil: nowhere, they stay
	boxes  []*mail
}

// mail is what goes to one target. Its inbox is locked until the sender's batch is appended, so that the target's own
// batches come after it.
type mail struct {
	target  *Queue
	letters []letter
}

// open looks up where q's dead letters go. It is called before q is locked.
func (p *postage) open(q *Queue) {
	if p.policy = q.redrive.Load(); p.policy == nil {
		return
	}
	p.target = q.e.known(p.policy.target) // nil: messages stay where they are
}

// due reports whether e is a dead letter and there is somewhere to send it.
func (p *postage) due(e *entry) bool {
	if p.target == nil || e.state.Receives < p.policy.max {
		return false
	}
	if m, _ := p.to(p.target); m == nil {
		p.target = nil // deleted since
		return false
	}
	return true
}

// to returns the mail for a target, or nil if that is deleted. busy: or nil because somebody else has its inbox just
// now. Nobody waits for an inbox while holding another, so that two senders cannot wait for each other.
func (p *postage) to(target *Queue) (m *mail, busy bool) {
	for _, m := range p.boxes {
		if m.target == target {
			return m, false
		}
	}
	box := &target.inbox.mu
	if len(p.boxes) == 0 {
		box.Lock()
	} else if !box.TryLock() {
		return nil, true
	}
	if box.closed {
		box.Unlock()
		return nil, false
	}
	m = &mail{target: target}
	p.boxes = append(p.boxes, m)
	return m, false
}

// send puts a message into the mail.
func (m *mail) send(from store.InboxKey, msg *Message, fx *store.Batch) {
	fx.PutInbox(m.target.id, from, msg)
	m.letters = append(m.letters, letter{from, msg})
}

// post appends the sender's batch and puts the letters into the inboxes.
func (p *postage) post(sender *Queue, fx *store.Batch) {
	sender.appendLocked(fx)
	for _, m := range p.boxes {
		box := &m.target.inbox
		box.mu.list = append(box.mu.list, m.letters...)
		box.n.Store(int64(len(box.mu.list)))
		box.mu.Unlock()
		if m.target == sender {
			m.target = nil // it takes them in next time; doing so now would go on for ever
		}
	}
}

// arrive has the targets take in what they were sent, which wakes those who wait there. It is called with no lock held.
func (p *postage) arrive() {
	for _, m := range p.boxes {
		if m.target != nil && len(m.letters) > 0 {
			m.target.collect()
		}
	}
}

// collect takes the inbox in. When that fails, the letters are on disk, and whoever comes next hears of it.
func (q *Queue) collect() {
	if now, err := q.lock(); err == nil {
		q.unlock(now)
	}
}

// takeInLocked gives everything in the inbox a place in the queue.
func (q *Queue) takeInLocked(now int64) {
	if q.inbox.n.Load() == 0 {
		return
	}
	box := &q.inbox.mu
	box.Lock()
	list := box.list
	box.list = nil
	q.inbox.n.Store(0)
	box.Unlock()
	fx := store.NewBatch()
	policy, visible := q.redrive.Load(), 0
	for _, l := range list {
		fx.DeleteInbox(q.id, l.from)
		if l.msg.SourceARN == "" && !q.fifo { // of a move task: a new message, with the queue's delay
			l.msg.Delay = q.mu.settings.delay
		}
		q.countBytesLocked(l.msg.Size())
		q.placeLocked(now, l.msg, fx)
		if l.msg.Delay == 0 && (policy == nil || l.msg.Receives < policy.max) { // others are on their way through, and nobody will get them here
			visible++
		}
	}
	q.flushLocked(fx)
	q.wakeLocked(visible)
}

// close refuses further letters: the queue is being deleted. What is in the inbox goes with it.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.closed, b.mu.list = true, nil
	b.n.Store(0)
}

// restore adds what a restart found on disk to what has come since.
func (b *inbox) restore(found []letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := map[store.InboxKey]bool{}
	for _, l := range found {
		known[l.from] = true
	}
	for _, l := range b.mu.list {
		if !known[l.from] {
			found = append(found, l)
		}
	}
	b.mu.list = found
	b.n.Store(int64(len(found)))
}

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

// mail hands a message over.
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
