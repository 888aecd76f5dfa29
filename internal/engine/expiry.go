package engine

import (
	"context"
	"math"

	"github.com/bufeomq/bufeo/internal/store"
)

// Expired messages, which retention.go hides, are deleted in the background, in slices, so that no queue is locked for long;
// a receive from a FIFO queue that finds too little deletes a slice itself, as what has expired locks its group until it is gone.

const (
	// expiryInterval is how often a queue's expired messages are deleted at most.
	expiryInterval = 10_000 // ms
	// expirySliceSize bounds what is deleted under one hold of the lock.
	expirySliceSize = 1000
)

// expiryScan notes what is removed while expiry reads the disk.
type expiryScan struct {
	removed   map[uint64]bool
	cancelled bool
}

// startExpiryLocked deletes what has expired, in the background.
func (q *Queue) startExpiryLocked() {
	q.mu.expiryAt = math.MaxInt64 // not again while it runs
	q.e.background(func() {
		more, err := true, error(nil)
		for more && err == nil {
			more, err = q.expireSlice(q.e.ctx)
		}
		if err != nil && q.e.ctx.Err() == nil {
			q.e.o.Log.Error("deleting expired messages failed", "queue", q.key.ARN(), "error", err.Error())
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.mu.contents != nil {
			q.mu.expiryAt = 0
		}
		if !q.mu.gone {
			q.rescheduleLocked(q.e.now())
		}
	})
}

// expireSlice deletes some of what has expired and reports whether there may be more. A segment that has expired as a whole
// goes unread, unless it has messages in an index, whose keys have to be known; of others up to expirySliceSize messages
// are read outside the lock.
func (q *Queue) expireSlice(ctx context.Context) (more bool, err error) {
	serial := q.expirySerial()
	select {
	case serial <- struct{}{}:
	case <-ctx.Done():
		return false, q.e.closing(ctx.Err())
	}
	defer func() { <-serial }()
	now, err := q.lock()
	if err != nil {
		return false, nil // deleted: nothing to do
	}
	g := q.expiredSegmentLocked(now)
	if g == nil {
		if now >= q.e.opened+q.e.grace {
			q.mu.skipped = 0 // the limbo is empty
		}
		q.unlock(now)
		return false, nil
	}
	if g.MaxSent+q.mu.settings.retention <= now && g.Indexed == 0 {
		q.dropSegmentLocked(*g)
		q.unlock(now)
		return true, nil
	}
	id, mixed, pending, scan := g.id, g.Mixed, q.mu.last, &expiryScan{removed: map[uint64]bool{}}
	q.mu.expiring = scan
	cutoff := now - q.mu.settings.retention
	q.mu.Unlock()
	found, least, err := q.readExpired(id, mixed, cutoff, pending)
	q.lockWithoutRefill()
	defer q.mu.Unlock()
	if q.mu.contents != nil && q.mu.expiring == scan {
		q.mu.expiring = nil
	}
	if q.mu.gone {
		return false, err
	}
	defer func() { q.rescheduleLocked(q.e.now()) }()
	if err != nil {
		return false, err
	}
	if !scan.cancelled {
		q.removeExpiredLocked(id, found, least, scan)
	}
	return true, nil
}

// expirySerial is held, outside mu, by whoever deletes expired messages.
func (q *Queue) expirySerial() chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.mu.expiry == nil {
		q.mu.expiry = make(chan struct{}, 1)
	}
	return q.mu.expiry
}

// lockWithoutRefill takes the lock at a moment when no refill is running: a refill that has read a message which is
// deleted now would bring it back.
func (q *Queue) lockWithoutRefill() {
	for {
		q.mu.Lock()
		if q.mu.contents == nil || q.mu.refill == nil {
			return
		}
		r := q.mu.refill
		q.mu.Unlock()
		<-r.done
	}
}

// readExpired reads expired messages of a segment, and the least SentAt of those that it leaves. In a segment that is
// not mixed they are at the front.
func (q *Queue) readExpired(id uint64, mixed bool, cutoff int64, pending *store.Pending) (found []*entry, least int64, err error) {
	if err := q.e.wait(pending); err != nil {
		return nil, 0, err
	}
	least = cutoff + 1
	err = q.e.st.Messages(q.id, id*store.SegmentSize, func(seq uint64, m *Message) bool {
		if segmentOf(seq) != id {
			return false
		}
		if m.SentAt > cutoff {
			if !mixed {
				least = m.SentAt
				return false
			}
			if least == cutoff+1 || m.SentAt < least {
				least = m.SentAt
			}
			return true
		}
		if len(found) == expirySliceSize {
			least = m.SentAt
			return false
		}
		e := &entry{seq: seq, sent: m.SentAt, size: m.Size(), groupID: m.GroupID}
		if m.Delay > 0 {
			e.delayedTo = m.VisibleAt()
		}
		found = append(found, e)
		return true
	})
	return found, least, err
}

// removeExpiredLocked deletes those of found that are still there.
func (q *Queue) removeExpiredLocked(id uint64, found []*entry, least int64, scan *expiryScan) {
	m := &q.mu
	fx := store.NewBatch()
	delayed := map[uint64]*entry{}
	for e := range m.delayed() {
		delayed[e.seq] = e
	}
	for _, e := range found {
		if scan.removed[e.seq] {
			continue
		}
		switch {
		case m.held[e.seq] != nil:
			e = m.held[e.seq]
		case e.delayedTo != 0 && delayed[e.seq] != nil:
			e = delayed[e.seq]
		case e.groupID != "" && e.delayedTo == 0:
			e = q.takeGroupedLocked(e)
		case e.delayedTo == 0:
			if known := m.fresh.take(e.seq); known != nil {
				e = known
			}
		}
		if !e.received && e.groupID != "" && e.delayedTo == 0 && m.groups.known[e.groupID] == nil {
			// It may be the one that the group's place in the rotation names. This is before all that are left.
			fx.PutGroupHead(q.id, e.groupID, m.segments.first(e.seq))
		}
		q.removeLocked(e, fx)
		q.settleOwnersLocked(e, q.e.now(), fx)
	}
	if g := m.segments.at(id); g.Live > 0 {
		g.MinSent = least
	}
	q.flushLocked(fx)
	q.wakeVisibleLocked() // FIFO groups may have become available
}

// takeGroupedLocked takes a message that was never received out of its group's window, if it is in memory.
func (q *Queue) takeGroupedLocked(e *entry) *entry {
	g := q.mu.groups.known[e.groupID]
	if g == nil {
		return e
	}
	if known := g.fresh.take(e.seq); known != nil {
		q.mu.groups.loaded--
		return known
	}
	return e
}

// dropSegmentLocked deletes a segment that has expired as a whole, without reading it.
func (q *Queue) dropSegmentLocked(g segment) {
	m := &q.mu
	from := g.id * store.SegmentSize
	to := min(from+store.SegmentSize, m.counters.NextSeq)
	if m.refill != nil {
		m.refill.cancelled = true
	}
	// Not everything before it is gone, too: where the clock was changed, younger numbers are not younger messages.
	for _, e := range m.fresh.cut(from, to) {
		q.uncache(e)
	}
	if m.fresh.end >= from {
		m.fresh.end = max(m.fresh.end, to)
	}
	fx := store.NewBatch()
	for seq := from; seq < to; seq++ {
		if e := m.held[seq]; e != nil {
			q.detachLocked(e)
			q.uncache(e)
			q.forgetAttemptLocked(e.seq, fx)
			e.gone = true
			delete(m.held, e.seq)
			if q.fifo {
				e.group.received.drop()
				q.settleFIFOLocked(e.group, q.e.now(), false, fx)
			}
		}
	}
	m.counters.Live -= g.Live
	q.countBytesLocked(-g.Bytes)
	m.segments.at(g.id).Live = 0
	fx.DropMessages(q.id, from, to)
	q.flushLocked(fx)
}
