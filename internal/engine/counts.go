package engine

import "context"

// Counts counts the queue's messages at this moment, exactly: what has expired is removed first. (Exact but for
// messages that had expired before the engine was opened, which count until they are deleted; and when more than
// several thousand delayed messages are due and not yet received, the current second counts as over.)
func (q *Queue) Counts(ctx context.Context) (Counts, error) {
	if last, idle := q.idles(); idle {
		return Counts{}, q.e.wait(last)
	}
	now, err := q.lockSettled(ctx)
	if err != nil {
		return Counts{}, err
	}
	c := q.countLocked(now)
	pending := q.mu.last
	q.unlock(now)
	return c, q.e.wait(pending)
}

// countLocked counts in a settled queue.
func (q *Queue) countLocked(now int64) Counts {
	c := Counts{InFlight: q.mu.flight.len(), Delayed: q.delayedLocked(now)}
	c.Visible = int(q.mu.counters.Live) - c.InFlight - c.Delayed
	return c
}

// lockSettled takes the lock at a moment when nothing that is stored has expired, everything due is ready, and the
// delayed messages that are due are in memory as far as there is room.
func (q *Queue) lockSettled(ctx context.Context) (now int64, err error) {
	for {
		if now, err = q.lock(); err != nil {
			return 0, err
		}
		for !q.advanceLocked(now) {
		}
		switch {
		case q.hasExpiredLocked(now):
			q.unlock(now)
			_, err = q.expireSlice(ctx)
		case q.delaysOutsideLocked(now, maxDelays):
			r := q.startRefillLocked()
			q.unlock(now)
			<-r.done
			err = r.err
		default:
			return now, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// delayedLocked counts the delayed messages that are not yet visible. In a FIFO queue the delay holds for every message
// that was never received, and the second in which it ends counts as delayed.
func (q *Queue) delayedLocked(now int64) int {
	if q.fifo {
		return q.recentLocked(now - q.mu.settings.delay)
	}
	d := &q.mu.delays
	if d.complete() {
		return q.stillDelayed(now)
	}
	if d.horizon.at > now { // nothing on disk is due
		n := int(q.mu.counters.Delayed)
		for e := range q.mu.delayed() {
			if e.in != inDelays {
				n--
			}
		}
		return n - (d.heap.len() - q.stillDelayed(now))
	}
	n := int64(0)
	for second, count := range q.mu.bySecond {
		if second > now/1000 {
			n += count
		}
	}
	return int(n)
}

// recentLocked counts the messages of a FIFO queue that were sent after a time and never received.
func (q *Queue) recentLocked(after int64) int {
	if q.mu.settings.delay == 0 {
		return 0
	}
	n := int64(0)
	for second, count := range q.mu.bySecond {
		if second*1000+999 > after {
			n += count
		}
	}
	return int(n)
}

// stillDelayed counts those in memory; advance leaves due ones there only when too many are ready.
func (q *Queue) stillDelayed(now int64) int {
	d := &q.mu.delays
	if top := d.heap.top(); top == nil || top.delayedTo > now {
		return d.heap.len()
	}
	n := 0
	for _, e := range d.heap.items {
		if e.delayedTo > now {
			n++
		}
	}
	return n
}
