package load

import (
	"context"
	"sync/atomic"
	"time"
)

// schedule says when steps begin, in an open loop.
type schedule struct {
	every time.Duration
	total int64
	next  atomic.Int64
}

// longIdle is how long a connection can be unused before it is made anew: servers close those that are idle, and a request
// that crosses with that fails through no fault of theirs.
const longIdle = 5 * time.Second

// RunAt is Run in an open loop: rate steps a second begin by a schedule. What the endpoint does not keep up with is not
// left out but becomes late, and a step that waited for a connection counts from when it should have begun: a stall shows
// in the latency of all that was due during it, and not of one request for each connection (coordinated omission). Steps
// that were due and not begun when d is over are Unsent, and count as long as they have waited.
func (j *Job) RunAt(ctx context.Context, conns int, rate float64, d time.Duration) (*Result, error) {
	s := &schedule{every: time.Duration(float64(time.Second) / rate), total: max(int64(rate*d.Seconds()), 1)}
	return j.together(ctx, conns, d, func(w *worker, start time.Time) { w.runAt(ctx, s, start, start.Add(d)) })
}

func (w *worker) runAt(ctx context.Context, s *schedule, start, end time.Time) {
	for ctx.Err() == nil {
		turn := s.next.Add(1) - 1
		if turn >= s.total {
			return
		}
		due := start.Add(time.Duration(turn) * s.every)
		if wait := time.Until(due); wait > 0 {
			if wait > longIdle {
				w.client.close()
			}
			pause(ctx, wait)
			due = time.Now() // that a timer is late, by up to a millisecond, is no fault of the endpoint
		} else if !time.Now().Before(end) {
			w.Unsent++
			w.Latency.Record(end.Sub(due))
			continue
		}
		n, err := w.step(ctx, &w.client)
		if err != nil {
			w.fail(ctx, err)
			continue
		}
		w.succeed(n, time.Since(due))
	}
}
