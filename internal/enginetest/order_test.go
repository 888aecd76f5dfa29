package enginetest

import (
	"fmt"
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/engine"
)

// search finds every world that the engine can be in after some calls that were made at once: there must be an order of
// them in which each answer is right. It tries all of them.
//
// After a crash the world must be one on the way of such an order, behind every call that was answered before the crash:
// what is on disk is a prefix of what was decided.
type search struct {
	calls   []*call // answered
	blocked []*call // long polls that go on waiting
	found   *disk   // what a crash left, or nil

	early uint64 // calls that were answered before the crash, by bit
	seen  map[state]bool
	ends  []*world
	after []*world // after the crash

	complaint string // from the way that led farthest
	got       int
}

// maxStates is how many states a search looks at, a few seconds' worth: rarely, there are too many.
const maxStates = 5_000

// undecided ends a run whose answers cannot be explained in time, nor refuted.
type undecided struct{}

type state struct {
	left  uint64
	print uint64
}

func (s *search) run(from []*world) {
	s.seen = map[state]bool{}
	for i, c := range s.calls {
		if c.early {
			s.early |= 1 << i
		}
	}
	for _, w := range from {
		s.visit(w, 1<<len(s.calls)-1)
	}
}

// visit goes on from a world with the calls of left.
func (s *search) visit(w *world, left uint64) {
	st := state{left, w.print()}
	if s.seen[st] {
		return
	}
	if s.seen[st] = true; len(s.seen) > maxStates {
		panic(undecided{})
	}
	if s.found != nil && left&s.early == 0 && s.found.is(w) {
		s.after = append(s.after, w)
	}
	if s.found != nil {
		s.parts(w, left)
	}
	for _, next := range w.taskSteps() {
		s.visit(next, left)
	}
	if left == 0 && s.mayWait(w) {
		s.ends = append(s.ends, w)
	} else if left == 0 {
		s.got, s.complaint = 1000, complaint
	}
	for i, c := range s.calls {
		if left&(1<<i) == 0 {
			continue
		}
		worlds := c.to(w)
		for _, next := range worlds {
			s.visit(next, left&^(1<<i))
		}
		if got := len(s.calls) - bits.OnesCount64(left); len(worlds) == 0 && got >= s.got {
			s.got, s.complaint = got+1, fmt.Sprintf("after %d: %s", got, complaint)
		}
		if c.receive && (len(s.calls) > 1 || s.found != nil) {
			s.moves(c, w, left)
		}
	}
	for _, c := range s.blocked {
		s.moves(c, w, left)
	}
}

// parts compares the disk with what a receive has done that a crash cut short: it moves dead letters one after the other,
// and when it reads from the disk it takes messages in several steps.
func (s *search) parts(w *world, left uint64) {
	for i, c := range s.calls {
		if left&(1<<i) == 0 || left&s.early != 0 || !c.receive {
			continue
		}
		for n := range len(c.got) + 1 {
			part := w.clone()
			q := part.queues[c.queue]
			if q != nil {
				q.nameAll(c.got)
			}
			if q == nil || q.number != c.number || n > 0 && q.message(engine.FormatID(c.got[n-1].ID)) == nil {
				break
			}
			part.move(q, slices.DeleteFunc(part.comesUpon(q), func(m *message) bool { return s.found.has(q, m) }))
			if c.part(part, q, n); s.found.is(part) {
				s.after = append(s.after, part)
			}
		}
	}
}

// moves lets a receive that is not answered yet move dead letters. Others may see what it has moved while it reads the
// next from the disk: in a FIFO queue it is one at a time. In a standard queue it is all at once, or there would be too
// many worlds.
func (s *search) moves(c *call, w *world, left uint64) {
	q := w.queues[c.queue]
	if q == nil || q.number != c.number {
		return
	}
	due := w.comesUpon(q)
	if !q.fifo {
		if len(due) > 0 {
			next := w.clone()
			next.move(next.queues[c.queue], due)
			s.visit(next, left)
		}
		return
	}
	begun := map[string]bool{} // it may have come to some groups and not to others
	for _, m := range due {
		if !begun[m.content.GroupID] {
			next := w.clone()
			next.move(next.queues[c.queue], []*message{m})
			s.visit(next, left)
		}
		begun[m.content.GroupID] = true
	}
}

// mayWait reports whether the long polls may still be waiting: there is nothing for them.
func (s *search) mayWait(w *world) bool {
	for _, c := range s.blocked {
		q := w.queues[c.queue]
		if q == nil || q.number != c.number {
			complaint = c.text + ": waits on a queue that is deleted"
			return false
		}
		if m := w.deliverable(q); m != nil {
			complaint = c.text + ": goes on waiting while there is " + m.id
			return false
		}
	}
	return true
}

var seed = maphash.MakeSeed()

// print tells worlds apart.
func (w *world) print() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	number := func(ns ...int64) {
		for _, n := range ns {
			maphash.WriteComparable(&h, n)
		}
	}
	text := func(ss ...string) {
		for _, s := range ss {
			h.WriteString(s)
			h.WriteByte(0)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.queues)) {
		q := w.queues[name]
		text(name, q.last)
		number(int64(q.number), q.purged)
		for _, a := range q.attrs {
			text(a.Name, a.Value)
		}
		for _, t := range q.tasks {
			text(t.id, t.failure, t.group)
			number(int64(t.status), t.moved)
			for _, g := range slices.Sorted(maps.Keys(t.expected)) {
				text(g, fmt.Sprint(t.expected[g]))
			}
		}
		msgs := q.msgs
		if q.fifo { // the order of groups says nothing
			msgs = slices.Clone(msgs)
			slices.SortStableFunc(msgs, func(a, b *message) int { return strings.Compare(a.content.GroupID, b.content.GroupID) })
		}
		for _, m := range msgs {
			id := m.id
			if strings.HasPrefix(id, unnamed) {
				id = unnamed
			}
			text(id, m.task, m.content.Body, m.content.GroupID, m.content.TraceHeader, m.seq, m.source, m.handle)
			number(m.sentAt, m.delay, m.visibleAt, int64(m.receives), m.first)
			maphash.WriteComparable(&h, [2]bool{m.received, m.arriving})
		}
		for _, k := range slices.Sorted(maps.Keys(q.dedup)) {
			text(k, q.dedup[k].id)
			number(q.dedup[k].at)
		}
		for _, k := range slices.Sorted(maps.Keys(q.attempts)) {
			text(k)
			text(q.attempts[k].handles...)
			number(q.attempts[k].at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.deleted)) {
		text(name)
		number(w.deleted[name])
	}
	return h.Sum64()
}

// distinct drops worlds that are the same.
func distinct(ws []*world) (out []*world) {
	seen := map[uint64]bool{}
	for _, w := range ws {
		if p := w.print(); !seen[p] {
			seen[p] = true
			out = append(out, w)
		}
	}
	return out
}

func (w *world) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.queues)) {
		q := w.queues[name]
		fmt.Fprintf(&b, "  %s %v\n", name, q.attrs)
		for _, m := range q.msgs {
			fmt.Fprintf(&b, "    %s %s/%s %s*%d, visible from %d ms, sent %d ms, arriving %v\n", m.id, m.content.Body[:min(8, len(m.content.Body))],
				m.content.GroupID, m.source, m.receives, w.visibleFrom(q, m)-w.now, m.sentAt-w.now, m.arriving)
		}
	}
	return b.String()
}
