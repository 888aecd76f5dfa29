package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// load reads the queue's state on its first use. Reading goes on outside the lock; nothing can change meanwhile, since
// every change needs the queue loaded.
func (q *Queue) load() error {
	q.loading.Lock()
	defer q.loading.Unlock()
	q.mu.Lock()
	done, last := q.mu.contents != nil || q.mu.gone, q.mu.last
	q.mu.Unlock()
	if done {
		return nil
	}
	if err := q.e.wait(last); err != nil {
		return err
	}
	now := q.e.now()
	from := now / 1000 // seconds whose messages are still delayed
	if q.fifo {        // these are counted by when they were sent: see countSentLocked
		from -= api.MaxDelaySeconds + 1
	}
	ld, err := q.e.st.Load(q.id, from)
	if err != nil {
		return err
	}
	var letters []letter
	err = q.e.st.Inbox(q.id, func(k store.InboxKey, m *Message) { letters = append(letters, letter{k, m}) })
	if err != nil {
		return err
	}
	var attempts *attempts
	if q.fifo {
		if attempts, err = loadAttempts(q.e.st, q.id, now); err != nil {
			return err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.mu.gone {
		q.inbox.restore(letters)
		q.installLocked(ld, now)
		q.mu.attempts = attempts
	}
	return nil
}

// installLocked makes the contents of what was read: of messages that were received, all; of others, counters and segments, and
// where on the disk those begin that refills bring in.
func (q *Queue) installLocked(ld *store.Loaded, now int64) {
	m := &q.mu
	m.contents = q.newContents()
	q.countBytesLocked(ld.Counters.Bytes - m.counters.Bytes) // nothing, but for what sumUp could not read
	m.counters = ld.Counters
	m.bySecond = ld.Delayed
	for id, s := range ld.Segments {
		m.segments.list = append(m.segments.list, segment{id, s})
	}
	slices.SortFunc(m.segments.list, func(a, b segment) int { return cmp.Compare(a.id, b.id) })
	m.fresh.end = max(m.counters.Low, m.segments.first(m.counters.NextSeq))
	if m.counters.Delayed == 0 {
		m.delays.horizon = allDelays
	}
	m.groups.end = ld.FirstTurn
	seqs := slices.Sorted(maps.Keys(ld.States))
	for _, seq := range seqs {
		s := ld.States[seq]
		// A clock that was wrong must not hide a message for longer than any timeout can.
		s.VisibleAt = min(s.VisibleAt, now+api.MaxVisibilityTimeout*1000)
		if plantedFault == faultLockForgotten && q.fifo {
			s.VisibleAt = min(s.VisibleAt, now)
		}
		e := &entry{seq: seq, sent: s.Sent, size: s.Size, groupID: s.Group, received: true, state: s}
		m.held[seq] = e
		q.settleLocked(e, now)
		if q.fifo {
			q.rejoinLocked(e)
		}
	}
	for _, seq := range seqs { // in order, so that two restarts make the same of it
		if e := m.held[seq]; q.fifo && e.group.received.items[0] == e {
			q.settleFIFOLocked(e.group, now, false, nil)
		}
	}
	q.rescheduleLocked(now)
}

// rejoinLocked finds the group of a message that was received before a restart. What follows it in its group is on disk.
func (q *Queue) rejoinLocked(e *entry) {
	g := q.mu.groups.known[e.groupID]
	if g == nil {
		g = &group{id: e.groupID, saved: true, more: true}
		q.mu.groups.known[g.id] = g
	}
	g.received.push(e)
	g.fresh.end = e.seq + 1
	e.group = g
}

// unloadLocked makes the next call read the queue anew. Who waits tries again, which is such a call.
func (q *Queue) unloadLocked() {
	if q.mu.contents == nil {
		return
	}
	q.forgetLocked()
	if q.fifo {
		generation := q.mu.dedup.generation
		*q.mu.dedup = *newDedup(q)
		q.mu.dedup.generation = generation + 1
	}
	q.mu.contents = nil
	q.wakeAllLocked()
}
