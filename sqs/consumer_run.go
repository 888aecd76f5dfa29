package sqs

import (
	"context"
	"strings"
	"time"
)

// run is one call of Consumer.Run. All of its state belongs to the goroutine of loop: everything else (receives, handlers,
// batches) runs in a goroutine of its own and comes back as a function in events, which loop calls. So there are no locks,
// and loop never waits for a server or a handler.
type run[T any] struct {
	o      ConsumerOptions
	queue  *QueueOf[T]
	fifo   bool
	handle Handler[T]

	events   chan func()
	done     chan struct{} // closed when loop has ended, for handlers that were abandoned
	now      time.Time     // when this turn of loop began
	wake     time.Time     // when tick is due; zero: never
	requests int           // under way
	drain    ending
	err      error // why the run ends, if not by its context

	// receiving
	receiving int                   // receives under way
	reserved  int                   // messages that they may bring
	eager     bool                  // the last answer was full
	failures  int                   // of receives, in a row
	fetchAt   time.Time             // no receive before that
	polls     map[*poll]func(error) // what ends a receive under way

	// messages
	held     map[*leased[T]]struct{}
	byID     map[string]*leased[T] // the latest of each message in held
	waiting  []*leased[T]          // for a worker, in the order of their receives
	busy     map[string]bool
	running  int // handlers
	settling int // messages in held that are being deleted or given back

	// batches to be sent
	deletes  []*leased[T]
	releases []*leased[T]
	lingerTo time.Time // when deletes leave at the latest; zero: there are none
}

func newRun[T any](c *Consumer[T]) *run[T] {
	return &run[T]{
		o:      c.options,
		queue:  c.queue,
		fifo:   strings.HasSuffix(c.queue.Name(), ".fifo"), // SQS lets no other queue be called so
		handle: c.chain(),
		events: make(chan func(), 16),
		done:   make(chan struct{}),
		polls:  map[*poll]func(error){},
		held:   map[*leased[T]]struct{}{},
		byID:   map[string]*leased[T]{},
		busy:   map[string]bool{},
	}
}

// loop runs until ctx has ended and nothing is left to do.
func (r *run[T]) loop(ctx context.Context) (handedBack int, err error) {
	if ctx.Err() != nil {
		return 0, nil
	}
	ended := ctx.Done()
	ctx, abort := context.WithCancel(context.WithoutCancel(ctx)) // of requests, which outlive the run's own
	defer abort()
	r.drain.abort = abort
	defer close(r.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for r.now = time.Now(); ; {
		r.step(ctx)
		if r.finished() {
			return r.drain.handedBack, r.err
		}
		r.arm(timer)
		select {
		case event := <-r.events:
			r.now = time.Now()
			event()
			r.rest()
		case <-timer.C:
			r.now = time.Now()
		case <-ended:
			r.now = time.Now()
			r.startDrain()
			ended = nil
		}
	}
}

// step does what is due, and starts what can be started.
func (r *run[T]) step(ctx context.Context) {
	if !r.wake.IsZero() && !r.now.Before(r.wake) {
		r.wake = time.Time{}
		r.tickDrain()
		r.tick(ctx)
	}
	r.dispatch(ctx)
	r.handAllBack()
	r.flush(ctx)
	r.fetch(ctx)
}

// rest takes the events that have gathered, so that their messages share batches.
func (r *run[T]) rest() {
	for range cap(r.events) {
		select {
		case event := <-r.events:
			event()
		default:
			return
		}
	}
}

func (r *run[T]) finished() bool {
	return r.drain.on && r.requests == 0 && len(r.held) == 0 && (r.running == 0 || r.drain.abandoned)
}

// wakeAt has step look at everything at t, if not before. A time that has become unnecessary costs one look.
func (r *run[T]) wakeAt(t time.Time) {
	if !t.IsZero() && (r.wake.IsZero() || t.Before(r.wake)) {
		r.wake = t
	}
}

func (r *run[T]) arm(timer *time.Timer) {
	if r.wake.IsZero() {
		timer.Stop()
		return
	}
	timer.Reset(r.wake.Sub(r.now))
}

// request calls do in a goroutine of its own, for no longer than timeout, and what it returns in the loop.
func (r *run[T]) request(ctx context.Context, timeout time.Duration, do func(ctx context.Context) func()) {
	r.requests++
	go func() {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		then := do(ctx)
		r.events <- func() { // loop does not end before
			r.requests--
			then()
		}
	}()
}

// retryPause is how long a batch that failed waits before it is sent again. The connection's own retries, with their
// backoff, come before that.
const retryPause = time.Second

// batchTimeout is how long a batch may take, retries of the connection included. Leases are extended when half of them is
// left, so that a quarter leaves room for one more attempt however short they are.
func (r *run[T]) batchTimeout() time.Duration {
	return min(10*time.Second, r.o.Visibility/4)
}
