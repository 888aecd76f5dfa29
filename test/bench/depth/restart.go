package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// crash kills the server with much in its log that is in no table yet, starts it again, and returns how long it took from
// the start of the process until it had answered a receive from q.
func (q *queue) crash(ctx context.Context, unflushed int) (time.Duration, error) {
	if _, err := q.fill(ctx, unflushed); err != nil {
		return 0, err
	}
	q.s.kill()
	start := time.Now()
	if err := q.s.start(ctx); err != nil {
		return 0, err
	}
	res, err := q.run(ctx, load.Take, 1, 1)
	if err != nil {
		return 0, err
	}
	if res.Messages == 0 {
		return 0, fmt.Errorf("queue %s gave nothing after the restart", q.name)
	}
	return time.Since(start), nil
}

func (r *result) restarted(key string, took time.Duration) {
	r.AtMost(key, key+" after kill -9 %.2f s", took.Seconds(), 1.5)
	r.Timely()
}
