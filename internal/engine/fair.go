package engine

import "github.com/bufeomq/bufeo/internal/store"

// Fair queues: in a standard queue whose messages have a MessageGroupId, each group is a tenant, and while one tenant
// keeps the consumers busy the messages of the others go first (AWS developer guide, fair queues; figures there). A
// message without a group is a tenant of its own and never noisy.
//
// A tenant becomes noisy when at least noisyShare of what is in flight, and at least noisyFloor messages, are its. It
// stays so until its backlog is empty or it has sent nothing for noisyRest. AWS also counts processing time; in flight
// is that, seen at one moment.
const (
	noisyFloor = 30
	noisyShare = 10         // more than one in ten
	noisyRest  = 5 * 60_000 // ms
)

// tenant is a group with messages in flight, or a noisy one.
type tenant struct {
	id       string
	inFlight int
	noisy    bool
	lastSent int64 // ms; while noisy
	parked   int   // messages in tenants.parked
}

// tenants are those of a standard queue. It is off in FIFO queues and where fair queues are switched off.
type tenants struct {
	on     bool
	byID   map[string]*tenant
	noisy  []*tenant
	parked heapOf // messages of noisy tenants that are visible again, oldest first

	// So that a receive need not look at each noisy tenant:
	changed bool  // one of them may have no backlog any more
	restAt  int64 // when one of them may have sent nothing for noisyRest, ms
}

func newTenants(on bool) tenants { return tenants{on: on, parked: heapOf{less: bySeq}} }

// flyLocked counts a message of a group that goes into flight.
func (q *Queue) flyLocked(e *entry) {
	ts := &q.mu.tenants
	if !ts.on || e.groupID == "" {
		return
	}
	t := ts.byID[e.groupID]
	if t == nil {
		if ts.byID == nil {
			ts.byID = map[string]*tenant{}
		}
		t = &tenant{id: e.groupID}
		ts.byID[t.id] = t
	}
	e.tenant = t
	t.inFlight++
	if !t.noisy && t.inFlight >= noisyFloor && t.inFlight*noisyShare > q.mu.flight.len() {
		t.noisy, t.lastSent = true, q.e.now()
		ts.noisy, ts.changed = append(ts.noisy, t), true
		if g := q.mu.groups.known[t.id]; g != nil && g.in != nil {
			q.mu.groups.noisy.put(g)
		}
	}
}

// landLocked counts one that leaves it.
func (q *Queue) landLocked(e *entry) {
	t := e.tenant
	if t == nil {
		return
	}
	e.tenant = nil
	if t.inFlight--; t.inFlight == 0 && !t.noisy {
		delete(q.mu.tenants.byID, t.id)
	}
}

// noisyLocked is the noisy tenant of that name, or nil.
func (q *Queue) noisyLocked(id string) *tenant {
	if len(q.mu.tenants.noisy) == 0 {
		return nil
	}
	if t := q.mu.tenants.byID[id]; t != nil && t.noisy {
		return t
	}
	return nil
}

// calmLocked ends the state of tenants that are noisy no more, or of all of them.
func (q *Queue) calmLocked(now int64, all bool) {
	ts := &q.mu.tenants
	if len(ts.noisy) == 0 || !all && !ts.changed && now < ts.restAt {
		return
	}
	ts.changed, ts.restAt = false, never
	noisy := ts.noisy
	ts.noisy = ts.noisy[:0]
	unpark := false
	for _, t := range noisy {
		g, rest := q.mu.groups.known[t.id], t.lastSent+noisyRest
		if !all && (g != nil || t.parked > 0) && now < rest {
			ts.restAt = min(ts.restAt, rest)
			ts.noisy = append(ts.noisy, t)
			continue
		}
		t.noisy = false
		unpark = unpark || t.parked > 0
		if g != nil {
			q.mu.groups.fresh.put(g)
		}
		if t.inFlight == 0 {
			delete(ts.byID, t.id)
		}
	}
	clear(noisy[len(ts.noisy):])
	if unpark {
		q.unparkLocked()
	}
}

// unparkLocked puts the visible messages of tenants that are noisy no more back in line.
func (q *Queue) unparkLocked() {
	ts := &q.mu.tenants
	parked := ts.parked.items
	ts.parked.items = nil
	for _, e := range parked {
		if e.tenant.noisy {
			ts.parked.push(e)
			continue
		}
		e.tenant.parked--
		e.in, e.tenant = inReady, nil
		q.mu.ready.push(e)
	}
}

// takeParkedLocked takes one of them out.
func (q *Queue) takeParkedLocked(e *entry) {
	ts := &q.mu.tenants
	ts.parked.remove(e)
	e.tenant.parked--
	ts.changed = ts.changed || e.tenant.parked == 0
	e.tenant = nil
}

// parkNoisyLocked takes visible messages of noisy tenants out of the line, as far as they are at its front.
func (q *Queue) parkNoisyLocked() {
	for e := q.mu.readyTop(); e != nil && len(q.mu.tenants.noisy) > 0; e = q.mu.readyTop() {
		t := q.noisyLocked(e.groupID)
		if t == nil {
			return
		}
		q.detachLocked(e)
		e.in, e.tenant = inParked, t
		t.parked++
		q.mu.tenants.parked.push(e)
	}
}

// nextLocked takes the next visible message of a standard queue: the oldest, but those of noisy tenants last. short: it
// may be on disk only. g is the group that it was drawn from, if any.
func (q *Queue) nextLocked(now int64) (e *entry, g *group, short bool) {
	m := &q.mu
	q.parkNoisyLocked()
	if ready := m.ready.top(); ready != nil && len(m.held) >= maxHeld { // or memory would not be bounded
		q.detachLocked(ready)
		return ready, nil, false
	}
	return q.oldestLocked(now)
}

// oldestLocked is nextLocked for a queue that does not hold too many received messages.
func (q *Queue) oldestLocked(now int64) (e *entry, g *group, short bool) {
	m := &q.mu
	ready, fresh := m.readyTop(), m.fresh.top()
	g = m.groups.fresh.top()
	least := uint64(allTurns)
	switch {
	case g != nil && (ready == nil || g.turn < ready.seq) && (fresh == nil || g.turn < fresh.seq):
		least = g.turn
	case fresh != nil && (ready == nil || fresh.seq < ready.seq):
		least, g = fresh.seq, nil
	case ready != nil:
		least, g = ready.seq, nil
	}
	switch {
	case least >= m.groups.end && !m.groups.complete(), least >= m.fresh.end && q.freshOutsideLocked(), q.delaysOutsideLocked(now, minDue):
		return nil, nil, true // an older one may be on disk
	case least == allTurns:
		return q.nextNoisyLocked()
	case g != nil:
		return q.drawGroupLocked(g)
	case fresh != nil && fresh.seq == least:
		return m.fresh.pop(), nil, false
	}
	q.detachLocked(ready)
	return ready, nil, false
}

// nextNoisyLocked takes the oldest message of the noisy tenants.
func (q *Queue) nextNoisyLocked() (*entry, *group, bool) {
	oldest, g := q.mu.tenants.parked.top(), q.mu.groups.noisy.top()
	if g != nil && (oldest == nil || g.turn < oldest.seq) {
		return q.drawGroupLocked(g)
	}
	if oldest != nil {
		q.detachLocked(oldest)
	}
	return oldest, nil, false
}

// drawGroupLocked takes the first message of a standard queue's group and moves the group in memory to its next. On
// disk it moves when the receive has taken what it takes (settleFairLocked).
func (q *Queue) drawGroupLocked(g *group) (*entry, *group, bool) {
	if g.fresh.len() == 0 {
		return nil, nil, true
	}
	e := q.mu.groups.pop(g)
	g.turn = g.head()
	if g.exhausted() {
		g.leave()
	} else {
		g.in.put(g)
	}
	return e, g, false
}

// settleFairLocked puts a standard queue's group where its first message says. Its place on disk moves along.
func (q *Queue) settleFairLocked(g *group, fx *store.Batch) {
	if g.exhausted() {
		q.dropGroupLocked(g, fx)
		return
	}
	r := &q.mu.groups
	g.turn = g.head()
	if g.fresh.len() == 0 { // the next message's number is not known, and the one after the last may be another group's turn
		g.turn = g.placed
		q.saveHeadLocked(g, fx)
	}
	if q.noisyLocked(g.id) != nil {
		r.noisy.put(g)
	} else {
		r.fresh.put(g)
	}
	if g.turn != g.placed {
		q.unindexLocked(g, fx)
		q.placeGroupLocked(g, fx)
	}
}

// sentLocked notes that a tenant is active.
func (q *Queue) sentLocked(id string, now int64) {
	if t := q.noisyLocked(id); t != nil {
		t.lastSent = now
	}
}
