package engine

import (
	"cmp"
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Purge deletes every message that was sent before it: visible, in flight and delayed; also the
// deduplication ids of a FIFO queue. Long polls go on.
// ErrPurgeInProgress: less than 60 seconds since the last one. (One in the future was a wrong clock's.)
func (q *Queue) Purge(ctx context.Context) error {
	now, err := q.lock()
	if err != nil {
		return err
	}
	c := &q.mu.counters
	if !q.e.o.RelaxedCooldowns && c.PurgedAt != 0 && now >= c.PurgedAt && now < c.PurgedAt+api.PurgeInterval.Milliseconds() {
		pending := q.mu.last
		q.unlock(now)
		return cmp.Or(q.e.wait(pending), ErrPurgeInProgress)
	}
	fx := store.NewBatch()
	fx.PurgeQueue(q.id)
	q.countBytesLocked(-c.Bytes)
	*c = store.Counters{NextSeq: c.NextSeq, Low: c.NextSeq, LowTurn: c.NextSeq, PurgedAt: now}
	q.forgetLocked()
	fx.PutCounters(q.id, c)
	q.appendLocked(fx)
	pending := q.mu.last
	q.unlock(now)
	return q.e.wait(pending)
}
