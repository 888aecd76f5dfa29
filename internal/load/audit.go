package load

import (
	"context"
	"fmt"
	"time"
)

// Audit is what a queue and the Ledger of its messages say about each other.
type Audit struct {
	Acked   int // acknowledged sends
	Lost    int // acknowledged, and neither in the queue nor delivered
	Doubled int // delivered once more within the visibility timeout
	Surplus int // in the queue, or delivered, without having been acknowledged or after having been deleted

	Disorder int // delivered after a later message of their group, if the Ledger watches the order
}

// OK reports whether the endpoint kept its word.
func (a Audit) OK() bool { return a.Lost == 0 && a.Doubled == 0 && a.Surplus == 0 && a.Disorder == 0 }

// Add adds what o found on another queue.
func (a *Audit) Add(o Audit) {
	a.Acked += o.Acked
	a.Lost += o.Lost
	a.Doubled += o.Doubled
	a.Surplus += o.Surplus
	a.Disorder += o.Disorder
}

// AuditSent checks a queue that was only sent to: it holds as many messages as were acknowledged.
func (t *Target) AuditSent(ctx context.Context, queueURL string, l *Ledger) (Audit, error) {
	n, err := t.Stored(ctx, queueURL)
	if err != nil {
		return Audit{}, fmt.Errorf("count messages: %w", err)
	}
	acked := l.Totals().Acked
	return Audit{Acked: acked, Lost: max(acked-n, 0), Surplus: max(n-acked, 0)}, nil
}

// AuditEmptied receives and deletes what is left, then checks that each message was delivered exactly once and that the
// queue is empty: a delete that was acknowledged and not done shows as a message still in flight.
func (t *Target) AuditEmptied(ctx context.Context, queueURL string, l *Ledger) (Audit, error) {
	if err := t.drain(ctx, queueURL, l); err != nil {
		return Audit{}, fmt.Errorf("drain: %w", err)
	}
	n, err := t.Stored(ctx, queueURL)
	if err != nil {
		return Audit{}, fmt.Errorf("count messages: %w", err)
	}
	s := l.Totals()
	return Audit{Acked: s.Acked, Lost: s.Missing, Doubled: s.Doubled, Surplus: s.Strangers + n, Disorder: s.Disorder}, nil
}

// AuditAll is AuditEmptied for queues with much in them: conns connections receive and delete what is left, ten at a time,
// for at most limit. What is still there then is not looked at but counted. A number that is wrong is asked for again until
// settle is over: on some services it is behind the messages. In a FIFO queue, what is there and cannot be received is
// Surplus, not Lost.
func (t *Target) AuditAll(ctx context.Context, queueURL string, l *Ledger, conns int, limit, settle time.Duration) (Audit, error) {
	j := &Job{Kind: Take, Target: t, QueueURL: queueURL, Ledger: l, Batch: 10, untilEmpty: true}
	res, err := j.Run(ctx, conns, limit)
	if err == nil {
		err = res.FirstError
	}
	cut := err == nil && res.Elapsed >= limit
	if err == nil && !cut {
		err = t.drain(ctx, queueURL, l)
	}
	if err != nil {
		return Audit{}, fmt.Errorf("drain: %w", err)
	}
	s := l.Totals()
	want := 0
	if cut {
		want = s.Missing
	}
	n, err := t.storedSoon(ctx, queueURL, want, settle)
	if err != nil {
		return Audit{}, fmt.Errorf("count messages: %w", err)
	}
	a := Audit{Acked: s.Acked, Lost: s.Missing, Doubled: s.Doubled, Surplus: s.Strangers + n, Disorder: s.Disorder}
	switch {
	case cut:
		a.Lost, a.Surplus = max(s.Missing-n, 0), s.Strangers+max(n-s.Missing, 0)
	case l.order != nil: // what a message in flight holds back is in the queue, and cannot be received
		a.Lost = max(s.Missing-n, 0)
	}
	return a, nil
}

// storedSoon is Stored, asked for until it is as wanted or the time is over.
func (t *Target) storedSoon(ctx context.Context, queueURL string, want int, settle time.Duration) (int, error) {
	for end := time.Now().Add(settle); ; pause(ctx, settle/10) {
		n, err := t.Stored(ctx, queueURL)
		if err != nil || n == want || !time.Now().Before(end) {
			return n, err
		}
	}
}

// drain stops at the first receive that waits a second for nothing.
func (t *Target) drain(ctx context.Context, queueURL string, l *Ledger) error {
	j := &Job{Target: t, QueueURL: queueURL, Ledger: l, Batch: 10}
	c := client{target: t}
	defer c.close()
	take := j.newTaker(1).take
	for {
		c.close() // a long drain outlives any deadline that is set once
		c.deadline = time.Now().Add(controlTimeout)
		for range 100 {
			if n, err := take(ctx, &c); n == 0 || err != nil {
				return err
			}
		}
	}
}
