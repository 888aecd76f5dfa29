package engine

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Options of Open. Nil means the defaults.
type Options struct {
	// Log receives what an operator should know. Nil means slog.Default.
	Log *slog.Logger
	// Now is the clock; it must not go back. Nil means the wall clock without its jumps (see clock).
	Now func() time.Time
	// Rand makes message ids and nonces. Nil means math/rand/v2, which the runtime seeds from the system.
	Rand func() uint64
	// RelaxedCooldowns switches off the 60 s after DeleteQueue and between two PurgeQueue calls, for test suites.
	RelaxedCooldowns bool
	// NoFairQueues hands out the messages of standard queues strictly oldest first, whichever tenant's they are.
	NoFairQueues bool
	// CacheBytes bounds the message bodies kept in memory for delivery. Default 64 MiB.
	CacheBytes int64
	// ExpiryGrace is how long messages that were already past their retention when the engine was opened are hidden
	// before they are deleted: a wrong clock at start should not destroy data. Default 1 h; negative: none.
	ExpiryGrace time.Duration
	// MaxQueues is how many queues Create makes. 0: no limit.
	MaxQueues int
	// MaxStorage and MaxQueueStorage bound the bytes of messages of all queues and of each one that Send adds to. 0: no limit.
	MaxStorage, MaxQueueStorage int64
}

func (o *Options) withDefaults() Options {
	d := Options{}
	if o != nil {
		d = *o
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Now == nil {
		d.Now = newClock().now
	}
	if d.Rand == nil {
		d.Rand = rand.Uint64
	}
	if d.CacheBytes == 0 {
		d.CacheBytes = 64 << 20
	}
	if d.ExpiryGrace == 0 {
		d.ExpiryGrace = time.Hour
	}
	return d
}

// Engine holds the queues of one store. Its methods, and those of its queues, may be called from any goroutine.
type Engine struct {
	o      Options
	st     *store.Store
	seal   *sealer
	sched  *scheduler
	cached atomic.Int64 // bytes of bodies in memory
	limits limits
	opened int64 // ms; what had expired before is in limbo until graceEnd
	grace  int64 // ms
	// maxInFlight is api.MaxInFlight, but for tests that have less time.
	maxInFlight int

	draining  chan struct{} // closed by Drain
	drainOnce sync.Once
	ctx       context.Context //nolint:containedctx // ends with Close; background work, which no caller waits for, runs under it
	cancel    context.CancelFunc

	work struct { // refills and expiry runs
		sync.Mutex
		sync.WaitGroup
		closed bool
	}

	mu struct {
		sync.RWMutex
		closed bool
		names  map[Key]*Queue
		sorted map[scope][]string // names by account and region, sorted
		tombs  map[Key]int64      // deleted queues, ms
		nextID store.QueueID
		last   *store.Pending // newest change of the names
	}
}

// scope is an account in a region.
type scope struct{ account, region string }

// Open reads the names of the queues; each queue is loaded when it is first used. The engine owns the store from here
// on: Close closes it.
func Open(st *store.Store, o *Options) (*Engine, error) {
	e := &Engine{o: o.withDefaults(), st: st, seal: newSealer(st.HandleKey()), draining: make(chan struct{})}
	e.opened = e.now()
	e.maxInFlight = api.MaxInFlight
	e.grace = e.o.ExpiryGrace.Milliseconds()
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if err := e.readNames(); err != nil {
		return nil, err
	}
	e.sched = newScheduler(e)
	e.resumeMoves()
	return e, nil
}

func (e *Engine) now() int64 { return e.o.Now().UnixMilli() }

// Drain ends all long polls with an empty answer; later receives do not wait. It cannot be undone.
func (e *Engine) Drain() { e.drainOnce.Do(func() { close(e.draining) }) }

// Close ends background work, makes everything appended durable and closes the store. Calls that are still running
// fail with ErrClosed.
func (e *Engine) Close() error {
	e.Drain()
	e.mu.Lock()
	if e.mu.closed {
		e.mu.Unlock()
		return nil
	}
	e.mu.closed = true
	e.mu.Unlock()
	e.cancel()
	e.sched.stop()
	e.work.Lock()
	e.work.closed = true
	e.work.Unlock()
	e.work.Wait()
	return e.st.Close()
}

// Health is nil while writes succeed, else what stopped them.
func (e *Engine) Health() error { return e.st.Err() }

// Failed is closed when Health is no longer nil. Nothing can be written any more then, and memory is ahead of the disk:
// the engine has to be closed, and its store opened anew.
func (e *Engine) Failed() <-chan struct{} { return e.st.Failed() }

// Damaged reports whether something on disk was found to be damaged.
func (e *Engine) Damaged() bool { return e.st.Damaged() }

// DiskFull reports whether sends are refused because too little space is left.
func (e *Engine) DiskFull() bool { return e.st.Full() }

// wait is the one place where an answer waits for the disk. It does so whoever has gone meanwhile: what was appended will be
// there, and a wait that could be cut short would cost each request more than its place in the log.
func (e *Engine) wait(p *store.Pending) error {
	if plantedFault == faultAnswerBeforeSync {
		return nil
	}
	return e.closing(p.Wait())
}

// closing says ErrClosed for what went wrong because the engine is closing.
func (e *Engine) closing(err error) error {
	if errors.Is(err, store.ErrClosed) || errors.Is(err, context.Canceled) && e.ctx.Err() != nil {
		return ErrClosed
	}
	return err
}

// background runs f unless the engine is closing, which waits for it.
func (e *Engine) background(f func()) bool {
	e.work.Lock()
	defer e.work.Unlock()
	if e.work.closed {
		return false
	}
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		f()
	}()
	return true
}
