package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// shallow is how many messages the queue has that a deep one is compared with.
const shallow = 5_000

// queue is a queue and what is known of its messages.
type queue struct {
	s    *server
	job  load.Job
	sum  load.Result // of everything
	name string
}

// newQueue creates a queue. With groups it is a FIFO queue, whose messages go to so many groups in turn.
func (s *server) newQueue(ctx context.Context, name string, groups int) (*queue, error) {
	if groups > 0 {
		name += ".fifo"
	}
	url, err := s.target.CreateQueue(ctx, name)
	if err != nil {
		return nil, err
	}
	return &queue{s: s, name: name, job: load.Job{
		Target: &s.target, QueueURL: url, Ledger: load.NewLedger(), Batch: 10, BodySize: s.d.body, Groups: groups,
	}}, nil
}

// longest is how long one fill or one slice may take.
const longest = time.Hour

// fill sends n messages in batches of ten.
func (q *queue) fill(ctx context.Context, n int) (*load.Result, error) {
	return q.run(ctx, load.Send, q.s.d.conns, n)
}

// take receives and deletes n messages in batches of ten.
func (q *queue) take(ctx context.Context, n int) (*load.Result, error) {
	return q.run(ctx, load.Take, q.s.d.conns, n)
}

func (q *queue) run(ctx context.Context, kind load.Kind, conns, n int) (*load.Result, error) {
	q.job.Kind = kind
	res, err := q.job.RunUntil(ctx, conns, n, longest)
	if err != nil {
		return nil, err
	}
	if q.sum.Merge(res); res.Errors > 0 {
		return res, fmt.Errorf("queue %s: %d errors, one of them: %w", q.name, res.Errors, res.FirstError)
	}
	return res, nil
}

// topUp sees to it that there are n messages.
func (q *queue) topUp(ctx context.Context, n int) error {
	t := q.job.Ledger.Totals()
	if missing := n - (t.Acked - t.Received); missing > 0 {
		_, err := q.fill(ctx, missing)
		return err
	}
	return nil
}

// audit compares what the queue says it holds with what was sent and what was taken.
type audit struct{ sent, lost, doubled, surplus int }

func (q *queue) audit(ctx context.Context) (audit, error) {
	stored, err := q.s.target.Stored(ctx, q.job.QueueURL)
	t := q.job.Ledger.Totals()
	left := t.Acked - t.Received
	return audit{t.Acked, max(left-stored, 0), t.Doubled, max(stored-left, 0) + t.Strangers}, err
}

// audited adds the audits of all queues to the row's checks.
func (r *result) audited(ctx context.Context, queues ...*queue) error {
	var sum audit
	for _, q := range queues {
		a, err := q.audit(ctx)
		if err != nil {
			return err
		}
		sum.sent += a.sent
		sum.lost += a.lost
		sum.doubled += a.doubled
		sum.surplus += a.surplus
	}
	r.Note("%d messages sent", sum.sent)
	r.AtMost("lost", "lost %.0f", float64(sum.lost), 0)
	r.AtMost("doubled", "doubled %.0f", float64(sum.doubled), 0)
	r.AtMost("surplus", "surplus %.0f", float64(sum.surplus), 0)
	return nil
}
