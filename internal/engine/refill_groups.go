package engine

import (
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/store"
)

const (
	// firstLoad is how many messages of a group come into memory with the group, and lowLoad is when more of them do.
	firstLoad = 16
	lowLoad   = 12 // a receive takes up to ten
	// nextLoad is how many a group in memory gets, with their bodies; less where many groups run low together.
	nextLoad = 256
	// nearTurns is how many groups are looked at for those whose turn is near and that have to be read: the first of a heap,
	// which are near its front, not in order there. A refill reads those of one heap at once, so that where all groups are
	// on disk one refill serves as many receives as are under way, and reads no more when it has maxLoad messages.
	nearTurns = 64
	maxLoad   = 2 * nextLoad
	// loadsAtOnce are read together before it is looked whether that is enough.
	loadsAtOnce = 16
)

// groupRefill is a refill's part about groups: further messages of those in memory, and the next in the rotation.
type groupRefill struct {
	loads []*groupLoad

	wanted bool   // whether to read the rotation
	from   uint64 // where: rotation.end at the start
	room   int    // how many groups there is room for
	served int    // how many messages of a group are wanted with their bodies
	turns  []turnRead
	end    uint64 // the turn behind what was read

	sent  map[string]bool // groups that a message was sent to since the start: it is not in what is read
	left  map[string]bool // groups that left memory since: what is read of them may be from before that
	later uint64          // the least place in the rotation that was written since: it may not be in what is read
}

// groupLoad is the reading of one group.
type groupLoad struct {
	g       *group // nil: it is new in memory
	id      string
	from    uint64
	max     int
	bodies  int // of how many messages the bodies are wanted, too
	entries []*entry
	more    bool
}

// turnRead is a record of the rotation and what it led to.
type turnRead struct {
	store.Turn
	stale bool
	saved bool
	load  *groupLoad // nil: the group was in memory
}

// joined notes a message that was sent while the refill runs.
func (r *refill) joined(group string) {
	if r.groups.sent == nil {
		r.groups.sent = map[string]bool{}
	}
	r.groups.sent[group] = true
}

// forgot notes a group that leaves memory while the refill runs.
func (r *refill) forgot(group string) {
	if r.groups.left == nil {
		r.groups.left = map[string]bool{}
	}
	r.groups.left[group] = true
}

// groupsOutsideLocked reports whether groups are on disk only, and memory has room for them.
func (q *Queue) groupsOutsideLocked() bool {
	return !q.mu.groups.complete() && q.mu.groups.untouched() < maxGroups/2
}

// groupsRunLowLocked reports whether it is time to read ahead: groups, or messages of one whose turn is near.
func (q *Queue) groupsRunLowLocked() bool {
	r := &q.mu.groups
	return r.unread(lowLoad, nearTurns/2) || q.groupsOutsideLocked() && r.loaded < maxLoaded
}

// unread reports whether one of the next groups has messages on disk, and fewer than want in memory.
func (r *rotation) unread(want, next int) bool {
	for _, h := range []*groupHeap{&r.fresh, &r.touched, &r.noisy} {
		for _, g := range h.items[:min(len(h.items), next)] {
			if g.more && g.fresh.len() < want {
				return true
			}
		}
	}
	return false
}

// wantGroupsLocked says what a refill is to read.
func (q *Queue) wantGroupsLocked(r *groupRefill) {
	m := &q.mu.groups
	r.later = allTurns
	// A group that will be served once before it leaves memory needs no more than that takes.
	r.served = max(m.served, 1)
	// A refill that is for other messages brings no groups where enough are in memory, or in the end all would be.
	top := m.fresh.top()
	urgent := top == nil || top.turn >= m.end
	if !m.complete() && (urgent || q.groupsOutsideLocked() && m.loaded < maxLoaded) {
		r.wanted, r.from, r.room = true, m.end, min(max(minGroups, maxGroups-m.untouched()), maxRefillGroups)
	}
	if g := m.next; g != nil && !g.gone && g.more && g.fresh.len() < firstLoad {
		r.loads = append(r.loads, &groupLoad{g: g, id: g.id, from: g.fresh.end})
	}
	m.next = nil
	for _, h := range []*groupHeap{&m.fresh, &m.touched, &m.noisy} {
		for _, g := range h.items[:min(len(h.items), nearTurns)] {
			if g.more && g.fresh.len() < firstLoad {
				r.loads = append(r.loads, &groupLoad{g: g, id: g.id, from: g.fresh.end})
			}
		}
	}
	for _, l := range r.loads {
		l.max = max(2*firstLoad, nextLoad/len(r.loads))
		l.bodies = l.max
	}
}

// readGroups reads outside the lock.
func (q *Queue) readGroups(r *refill) error {
	g := &r.groups
	read := 0
	for n := 0; n < len(g.loads); {
		some := g.loads[n:min(n+loadsAtOnce, len(g.loads))]
		if err := q.readLoads(r, some); err != nil {
			return err
		}
		n += len(some)
		for _, l := range some {
			read += len(l.entries)
		}
		if read >= maxLoad {
			g.loads = g.loads[:n]
		}
	}
	if !g.wanted {
		return nil
	}
	g.end = allTurns
	err := q.e.st.Turns(q.id, g.from, func(t store.Turn) bool {
		if t.Turn >= r.end {
			g.end = r.end
			return false
		}
		if len(g.turns) == g.room {
			g.end = t.Turn
			return false
		}
		g.turns = append(g.turns, turnRead{Turn: t})
		return true
	})
	if err != nil {
		return err
	}
	return q.readNewGroups(r)
}

// readNewGroups reads the first messages of the groups of the rotation that are not in memory. Since the rotation may
// name a group more than once, only its first record counts.
func (q *Queue) readNewGroups(r *refill) error {
	g := &r.groups
	bodies := g.served
	if g.end == allTurns { // what is in memory then stays there
		bodies = firstLoad
	}
	turns := q.newLoads(g, bodies)
	loads, names := make([]*groupLoad, len(turns)), make([]string, len(turns))
	for i, t := range turns {
		loads[i], names[i] = t.load, t.Group
	}
	slices.Sort(names)
	heads := map[string]uint64{}
	if err := q.e.st.GroupHeads(q.id, names, func(i int, seq uint64) { heads[names[i]] = seq }); err != nil {
		return err
	}
	for _, t := range turns {
		if t.load.from, t.saved = heads[t.Group]; !t.saved {
			t.load.from = t.Seq
		}
	}
	if err := q.readLoads(r, loads); err != nil {
		return err
	}
	for _, t := range turns {
		// Without a record of its own the head is the message that the turn names, or else the turn is stale.
		t.stale = !t.saved && (len(t.load.entries) == 0 || t.load.entries[0].seq != t.Seq)
	}
	return nil
}

// newLoads gives each group that is not in memory a load, by its first turn, and returns those turns.
func (q *Queue) newLoads(g *groupRefill, bodies int) (turns []*turnRead) {
	seen := map[string]bool{}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.mu.contents == nil { // dropped meanwhile, and this refill with them
		return nil
	}
	for i := range g.turns {
		t := &g.turns[i]
		if q.mu.groups.known[t.Group] == nil && !seen[t.Group] {
			seen[t.Group] = true
			t.load = &groupLoad{id: t.Group, max: firstLoad, bodies: bodies}
			turns = append(turns, t)
		}
	}
	return turns
}

// readLoads reads what is wanted of the groups: their entries in one pass over the index, then the bodies in another over
// the messages.
func (q *Queue) readLoads(r *refill, loads []*groupLoad) error {
	byName := slices.Clone(loads)
	slices.SortFunc(byName, func(a, b *groupLoad) int { return strings.Compare(a.id, b.id) })
	spans := make([]store.GroupSpan, len(byName))
	for i, l := range byName {
		spans[i] = store.GroupSpan{Group: l.id, From: l.from}
	}
	err := q.e.st.GroupMessages(q.id, spans, func(i int, m store.GroupMessage) bool {
		l := byName[i]
		if m.Seq >= r.end {
			return false // its group is in sent
		}
		if len(l.entries) == l.max {
			l.more = true
			return false
		}
		e := &entry{seq: m.Seq, sent: m.Sent, size: m.Size, groupID: l.id}
		e.state.Receives, e.state.FirstReceive = m.Receives, m.FirstReceive
		l.entries = append(l.entries, e)
		return true
	})
	if err != nil {
		return err
	}
	var wanted []*entry
	for _, l := range loads {
		wanted = append(wanted, l.entries[:min(len(l.entries), l.bodies)]...)
	}
	return q.readBodies(r, wanted)
}

// mergeGroupsLocked takes in what was read.
func (q *Queue) mergeGroupsLocked(r *refill, now int64) {
	fx := store.NewBatch()
	for _, l := range r.groups.loads {
		if g := l.g; !g.gone && g.more && g.fresh.end == l.from {
			q.mergeLoadLocked(g, l, r)
			q.settleGroupLocked(g, now, fx)
		}
	}
	if r.groups.wanted && q.mu.groups.end == r.groups.from {
		q.mergeTurnsLocked(r, now, fx)
	}
	if fx.Empty() {
		fx.Release()
		return
	}
	q.flushLocked(fx)
}

func (q *Queue) mergeLoadLocked(g *group, l *groupLoad, r *refill) {
	for _, e := range l.entries {
		q.mu.groups.push(g, e)
		g.fresh.end = e.seq + 1
	}
	g.more = l.more || r.groups.sent[l.id]
}

func (q *Queue) mergeTurnsLocked(r *refill, now int64, fx *store.Batch) {
	m := &q.mu.groups
	m.end = min(r.groups.end, r.groups.later)
	for i := range r.groups.turns {
		t := &r.groups.turns[i]
		g := m.known[t.Group]
		switch {
		case t.Turn.Turn >= m.end:
			return
		case g != nil && g.placed == t.Turn.Turn:
		case g != nil, t.stale:
			fx.DeleteTurn(q.id, t.Turn.Turn)
		case t.load == nil, r.groups.left[t.Group]: // it was in memory, or is the second record of one that was emptied: look again
			m.end = t.Turn.Turn
			return
		default:
			g = &group{id: t.Group, turn: t.Turn.Turn, placed: t.Turn.Turn, first: t.load.from, saved: t.saved}
			g.fresh.end = t.load.from
			m.known[g.id] = g
			q.mergeLoadLocked(g, t.load, r)
			q.settleGroupLocked(g, now, fx)
		}
	}
}
