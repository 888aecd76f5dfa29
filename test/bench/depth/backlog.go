package main

import (
	"context"
	"errors"
)

// maxResident is in megabytes: the promise for a server with millions of messages.
const maxResident = 300

// backlog: many messages in one standard queue.
func (d *depth) backlog(ctx context.Context, r *result) error { return d.deep(ctx, r, 0) }

// fifo: many messages in a FIFO queue, ten in each group.
func (d *depth) fifo(ctx context.Context, r *result) error { return d.deep(ctx, r, 10) }

// deep fills a queue, takes from it and from a shallow one in turns, and kills the server.
func (d *depth) deep(ctx context.Context, r *result, perGroup int) (err error) {
	r.Size = d.scaled(r.row.full, 40_000)
	groups := func(n int) int {
		if perGroup == 0 {
			return 0
		}
		return n / perGroup
	}
	s, err := d.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	small, err := s.newQueue(ctx, "small", groups(shallow))
	if err != nil {
		return err
	}
	deep, err := s.newQueue(ctx, "deep", groups(r.Size))
	if err != nil {
		return err
	}
	d.tell("%s: sending %d messages", r.row.name, r.Size)
	filled, err := deep.fill(ctx, r.Size)
	if err != nil {
		return err
	}
	r.Note("%d messages sent at %.0f/s", r.Size, filled.MessagesPerSecond())
	if err := s.settle(ctx); err != nil {
		return err
	}
	d.tell("%s: taking from both", r.row.name)
	got, err := d.compare(ctx, small, deep, roundsFor(r.Size), func() error { return small.topUp(ctx, shallow) })
	if err != nil {
		return err
	}
	r.compared("ratio", "receive and delete", got)
	d.tell("%s: kill -9", r.row.name)
	took, err := deep.crash(ctx, d.scaled(100_000, 1000))
	if err != nil {
		return err
	}
	r.restarted("restart", took)
	for _, q := range []*queue{deep, small} { // deletes that came back would show as doubled
		if _, err := q.take(ctx, perSlice/5); err != nil {
			return err
		}
	}
	r.AtMost("rss_mb", "resident %.0f MB", s.megabytes(), maxResident)
	return r.audited(ctx, small, deep)
}
