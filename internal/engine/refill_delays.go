package engine

import (
	"cmp"
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

const (
	// maxDue is how many due messages a refill brings in, with their bodies, while somebody may wait for it: what some fifty
	// receives take. On a slow disk they wait until that many are read from where they are.
	maxDue = 512
	// maxDueAhead is how many one brings in that begins ahead of need. Those that are due at once were often sent in turns with
	// others: the more of them are read together, the more of them are side by side.
	maxDueAhead = 4 * maxDue
	// minDue is how many there should be before one is handed out while others that are due are on disk, or it might be far
	// from the oldest. Refills begin long before, so that nobody waits for them.
	minDue = maxDue / 2
)

// delayRefill is a refill's part about delayed messages.
type delayRefill struct {
	size    int      // how many may come at most; 0: none
	dueSize int      // how many that are due
	from    delayPos // the horizon at the start
	horizon delayPos // behind what was read
	due     []*entry // in the order of their numbers, many with their bodies
	later   []*entry
}

// delaysOutsideLocked reports whether delayed messages may be due that are on disk only, while memory has fewer than want
// that are visible.
func (q *Queue) delaysOutsideLocked(now int64, want int) bool {
	d := &q.mu.delays
	return d.heap.len() == 0 && !d.complete() && d.horizon.at <= now && q.mu.readyLen() < want
}

// wantDelaysLocked says what a refill is to read.
func (q *Queue) wantDelaysLocked(r *delayRefill) {
	d := &q.mu.delays
	r.from = d.horizon
	if d.heap.len() == 0 && !d.complete() && q.mu.readyLen() < maxDelays {
		r.size, r.dueSize = maxDelays/2, maxDue
		if q.mu.readyLen() >= maxDue {
			r.dueSize = maxDueAhead
		}
	}
}

// readDelays reads the next of the delayed messages and where they end. Those that are due will be received next, so it
// reads their bodies, too: together, in the order in which they are on disk.
func (q *Queue) readDelays(r *refill) error {
	d := &r.delays
	if d.size == 0 {
		return nil
	}
	now := q.e.now()
	d.horizon = allDelays
	err := q.e.st.Delays(q.id, d.from.at, d.from.seq, func(m store.Delay) bool {
		switch {
		case m.Seq >= r.end: // in added
			return true
		case m.VisibleAt <= now && len(d.due) == d.dueSize, len(d.due)+len(d.later) >= d.size:
			d.horizon = delayPos{m.VisibleAt, m.Seq}
			return false
		}
		e := &entry{seq: m.Seq, sent: m.Sent, size: m.Size, delayedTo: m.VisibleAt, groupID: m.Group}
		if m.VisibleAt <= now {
			d.due = append(d.due, e)
		} else {
			d.later = append(d.later, e)
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(d.due, func(a, b *entry) int { return cmp.Compare(a.seq, b.seq) })
	return q.readBodies(r, d.due)
}

func (q *Queue) mergeDelaysLocked(r *refill) {
	d := &q.mu.delays
	if r.delays.size == 0 || d.horizon != r.delays.from {
		// The horizon was drawn nearer meanwhile: what was read would leave a gap. The next refill reads it again.
		return
	}
	d.horizon = r.delays.horizon
	q.mu.due.merge(r.delays.due)
	for _, e := range r.delays.later {
		d.add(e)
	}
	for _, e := range r.added {
		if e.in == nowhere && !posOf(e).before(r.delays.from) {
			d.add(e)
		}
	}
}
