package engine

import "github.com/bufeomq/bufeo/internal/store"

// postage sends messages from one queue to others, in the batch of one transition of the sender: open before the sender is
// locked, then due, to and send, at the end post, all under its lock, and arrive after it. With the zero value, nothing is
// a dead letter.
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

// post appends the sender's batch, puts the letters into the inboxes and unlocks these.
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
