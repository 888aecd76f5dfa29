package store

import (
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// ErrClosed is what an Append after Close leads to.
var ErrClosed = errors.New("store is closed")

// Pending is an appended batch on its way to the disk. Nil means that there is nothing to wait for.
type Pending struct {
	done chan struct{}
	err  error // set before done is closed
	list []*Batch
}

// Wait returns when the batch and everything appended before it is durable, with the error that kept it from becoming so.
func (p *Pending) Wait() error {
	if p == nil {
		return nil
	}
	<-p.done
	return p.err
}

// Done is closed when Wait would not block.
func (p *Pending) Done() <-chan struct{} { return p.done }

// commitLog makes batches durable in the order of their Append. One goroutine takes all that was appended while the
// previous group was being synced and commits it as one Pebble batch, so that the callers share an fsync without
// holding any lock while it runs.
//
// The alternative, one ApplyNoSyncWait an operation under the queue's lock, costs more under the lock and can block
// there on Pebble's semaphore and memtable stalls (docs/design/0002).
type commitLog struct {
	db *pebble.DB

	mu struct {
		sync.Mutex
		open    *Pending // collects what is appended now; nil when nothing was
		last    *Pending // the newest group that was appended to
		bytes   int64    // appended and not yet durable
		failed  error    // sticky: after one failed write nothing can be promised any more
		closing bool
	}
	broken   chan struct{} // closed with the first failure
	work     chan struct{} // capacity 1: there is an open group, or the log is closing
	stopped  chan struct{}
	onCommit func(bytes int)
	latest   latest // the committer's own
	pending  int64  // bytes that may wait
}

func newCommitLog(pending int64, onCommit func(int)) *commitLog {
	return &commitLog{broken: make(chan struct{}), work: make(chan struct{}, 1), stopped: make(chan struct{}),
		onCommit: onCommit, latest: latest{}, pending: pending}
}

func (l *commitLog) start(db *pebble.DB) {
	l.db = db
	go l.run()
}

// append fixes the place of b in the order, takes ownership of it and returns at once.
func (l *commitLog) append(b *Batch) *Pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.failed != nil || l.mu.closing {
		return failedPending(cmpErr(l.mu.failed, ErrClosed))
	}
	g := l.mu.open
	if g == nil {
		g = &Pending{done: make(chan struct{})}
		l.mu.open, l.mu.last = g, g
		l.signal()
	}
	g.list = append(g.list, b)
	l.mu.bytes += int64(len(b.buf))
	return g
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func failedPending(err error) *Pending {
	p := &Pending{done: make(chan struct{}), err: err}
	close(p.done)
	return p
}

func (l *commitLog) signal() {
	select {
	case l.work <- struct{}{}:
	default:
	}
}

// barrier returns the newest group: when it is done, so is everything appended so far.
func (l *commitLog) barrier() *Pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.failed != nil {
		return failedPending(l.mu.failed)
	}
	return l.mu.last
}

func (l *commitLog) backlog() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return float64(l.mu.bytes) / float64(l.pending)
}

// fail refuses everything that is appended from now on.
func (l *commitLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.failed == nil {
		l.mu.failed = err
		close(l.broken)
	}
}

func (l *commitLog) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mu.failed
}

func (l *commitLog) run() {
	defer close(l.stopped)
	for range l.work {
		l.gather()
		l.mu.Lock()
		g, failed, closing := l.mu.open, l.mu.failed, l.mu.closing
		l.mu.open = nil
		l.mu.Unlock()
		if g != nil {
			l.commit(g, failed)
		}
		if closing {
			return
		}
	}
}

// gather lets the callers that are ready to run join the open group before it is taken.
func (l *commitLog) gather() {
	for n, tries := -1, 0; tries < 20; tries++ {
		l.mu.Lock()
		now := 0
		if l.mu.open != nil {
			now = len(l.mu.open.list)
		}
		l.mu.Unlock()
		if now == n {
			return
		}
		n = now
		runtime.Gosched()
	}
}

func (l *commitLog) commit(g *Pending, failed error) {
	bytes := 0
	for _, b := range g.list {
		bytes += len(b.buf)
	}
	if failed != nil {
		g.err = failed
	} else if err := l.write(g, bytes); err != nil {
		g.err = fmt.Errorf("write to the store: %w", err)
	}
	for _, b := range g.list {
		b.release()
	}
	g.list = nil
	if g.err != nil {
		l.fail(g.err)
	}
	l.mu.Lock()
	l.mu.bytes -= int64(bytes)
	l.mu.Unlock()
	close(g.done)
	l.onCommit(bytes)
}

func (l *commitLog) write(g *Pending, bytes int) error {
	// Sizes are rounded up, so that most batches fit into what is left of the one before.
	pb := l.db.NewBatchWithSize(1<<bits.Len(uint(bytes+bytes/8+64)), pebble.WithMaxRetainedSizeBytes(int(l.pending/16)))
	defer pb.Close()
	clear(l.latest)
	l.latest.count(g.list)
	for _, b := range g.list {
		if err := b.applyTo(pb, l.latest); err != nil {
			return err
		}
	}
	return commit(l.db, pb)
}

// close commits what was appended and stops the goroutine.
func (l *commitLog) close() {
	l.mu.Lock()
	closing := l.mu.closing
	l.mu.closing = true
	l.mu.Unlock()
	if !closing {
		l.signal()
	}
	<-l.stopped
}
