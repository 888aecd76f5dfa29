package load

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Result is what one slice of load, or several merged, came to.
type Result struct {
	Elapsed    time.Duration
	Steps      int // operations that succeeded; what Latency has counted
	Messages   int // that went all of the operation's way: stored, or deleted at the end of a cycle
	Requests   int // HTTP requests written, failed ones included
	Errors     int
	FirstError error // one of them, as an example
	Latency    Histogram
	Unsent     int // operations that a schedule had and that were not begun when it ended
}

// Merge adds what o came to.
func (r *Result) Merge(o *Result) {
	r.Elapsed += o.Elapsed
	r.Steps += o.Steps
	r.Messages += o.Messages
	r.Requests += o.Requests
	r.Errors += o.Errors
	if r.FirstError == nil {
		r.FirstError = o.FirstError
	}
	r.Latency.Merge(&o.Latency)
	r.Unsent += o.Unsent
}

// StepsPerSecond is the rate of operations.
func (r *Result) StepsPerSecond() float64 { return perSecond(r.Steps, r.Elapsed) }

// MessagesPerSecond is the rate of messages.
func (r *Result) MessagesPerSecond() float64 { return perSecond(r.Messages, r.Elapsed) }

func perSecond(n int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

const (
	// grace is how long after its end a slice waits for the answers under way: longer than a long poll.
	grace = 30 * time.Second
	// maxErrors is after how many errors a worker gives up: what is broken stays broken.
	maxErrors = 20
	// errorPause keeps a refused worker from spinning.
	errorPause = 10 * time.Millisecond
)

// worker repeats one step on one connection.
type worker struct {
	Result
	client     client
	step       step
	done       *atomic.Int64 // messages of all workers
	untilEmpty bool
}

// Run puts the load of conns connections on j's target for d. Connections are made before the clock starts and closed
// after it stops. The error is for a slice that could not take place; requests that failed are in the Result.
func (j *Job) Run(ctx context.Context, conns int, d time.Duration) (*Result, error) {
	return j.RunUntil(ctx, conns, math.MaxInt, d)
}

// RunUntil is Run that ends when n messages are through, or a few more: what is under way then is finished.
func (j *Job) RunUntil(ctx context.Context, conns, n int, d time.Duration) (*Result, error) {
	return j.together(ctx, conns, d, func(w *worker, start time.Time) { w.run(ctx, start.Add(d), int64(n)) })
}

// together has conns workers do their work at the same time.
func (j *Job) together(ctx context.Context, conns int, d time.Duration, work func(w *worker, start time.Time)) (*Result, error) {
	var done atomic.Int64
	workers := make([]*worker, conns)
	deadline := time.Now().Add(d + grace)
	for i := range workers {
		w := &worker{step: j.newStep(), done: &done, untilEmpty: j.untilEmpty, client: client{target: j.Target, deadline: deadline}}
		defer w.client.close()
		if err := w.client.connect(ctx); err != nil {
			return nil, err
		}
		workers[i] = w
	}
	start := time.Now()
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			work(w, start)
			w.Requests = w.client.requests
		})
	}
	wg.Wait()
	sum := &Result{Elapsed: time.Since(start)}
	for _, w := range workers {
		sum.Merge(&w.Result)
	}
	return sum, context.Cause(ctx)
}

func (w *worker) run(ctx context.Context, end time.Time, most int64) {
	for start := time.Now(); start.Before(end) && w.done.Load() < most && ctx.Err() == nil && w.Errors < maxErrors; {
		n, err := w.step(ctx, &w.client)
		now := time.Now()
		if err != nil {
			w.fail(ctx, err)
			pause(ctx, errorPause)
			start = time.Now()
			continue
		}
		w.succeed(n, now.Sub(start))
		if n == 0 && w.untilEmpty {
			return
		}
		start = now
	}
}

func (w *worker) succeed(messages int, took time.Duration) {
	w.Steps++
	w.Messages += messages
	w.done.Add(int64(messages))
	w.Latency.Record(took)
}

func (w *worker) fail(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // stopped, not failed
	}
	w.Errors++
	if w.FirstError == nil {
		w.FirstError = err
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
