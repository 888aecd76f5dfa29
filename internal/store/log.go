package store

import (
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// ErrClosed is what an Append after Close leads to.
var ErrClosed = errors.New("store is closed")

// Pending is an appended batch on its way to the disk. Nil means that there is nothing to wait for.
type Pending struct {
	done  chan struct{}
	err   error // set before done is closed
	list  []*Batch
	bytes int // of list
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
// previous group was being synced, as far as it is not too large, and commits it as one Pebble batch, so that the callers
// share an fsync without holding any lock while it runs.
//
// The alternative, one ApplyNoSyncWait an operation under the queue's lock, costs more under the lock and can block
// there on Pebble's semaphore and memtable stalls (docs/design/0002).
type commitLog struct {
	db *pebble.DB

	mu struct {
		sync.Mutex
		full    []*Pending // groups that take no more, in the order of their commits
		open    *Pending   // the one after them, which collects what is appended now; nil when nothing was
		last    *Pending   // the newest group that was appended to
		bytes   int64      // appended and not yet durable
		failed  error      // sticky: after one failed write nothing can be promised any more
		closing bool
	}
	broken   chan struct{} // closed with the first failure
	work     chan struct{} // capacity 1: there is a group, or the log is closing
	stopped  chan struct{}
	onCommit func(bytes int)
	latest   latest // the committer's own
	pending  int64  // bytes that may wait
	largest  int64  // bytes of a group; a batch may have more
}

// newCommitLog makes a log with groups of a quarter of a memtable, or one batch. Pebble makes a batch that would fill half of a
// memtable one itself: it is in memory until that is flushed, to a table that has nothing else.
func newCommitLog(pending, memTable int64, onCommit func(int)) *commitLog {
	return &commitLog{broken: make(chan struct{}), work: make(chan struct{}, 1), stopped: make(chan struct{}),
		onCommit: onCommit, latest: latest{}, pending: pending, largest: memTable / 4}
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
	if g != nil && int64(g.bytes+len(b.buf)) > l.largest {
		l.mu.full = append(l.mu.full, g)
		g = nil
	}
	if g == nil {
		g = &Pending{done: make(chan struct{})}
		l.mu.open, l.mu.last = g, g
		l.signal()
	}
	g.list = append(g.list, b)
	g.bytes += len(b.buf)
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
		for {
			l.gather()
			g, failed, closing := l.next()
			if g == nil && closing {
				return
			}
			if g == nil {
				break
			}
			l.commit(g, failed)
		}
	}
}

// next takes the group that comes next, if there is one.
func (l *commitLog) next() (g *Pending, failed error, closing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.mu.full) > 0 {
		g = l.mu.full[0]
		l.mu.full = slices.Delete(l.mu.full, 0, 1)
	} else {
		g, l.mu.open = l.mu.open, nil
	}
	return g, l.mu.failed, l.mu.closing
}

// gather lets the callers that are ready to run join the open group before it is taken.
func (l *commitLog) gather() {
	for n, tries := -1, 0; tries < 20; tries++ {
		l.mu.Lock()
		now := 0
		if l.mu.open != nil {
			now = len(l.mu.open.list)
		}
		full := len(l.mu.full) > 0
		l.mu.Unlock()
		if full || now == n || now == 0 {
			return
		}
		n = now
		runtime.Gosched()
	}
}

func (l *commitLog) commit(g *Pending, failed error) {
	if failed != nil {
		g.err = failed
	} else if err := l.write(g); err != nil {
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
	l.mu.bytes -= int64(g.bytes)
	l.mu.Unlock()
	close(g.done)
	l.onCommit(g.bytes)
}

func (l *commitLog) write(g *Pending) error {
	// Sizes are rounded up, so that most batches fit into what is left of the one before.
	pb := l.db.NewBatchWithSize(1<<bits.Len(uint(g.bytes+g.bytes/8+64)), pebble.WithMaxRetainedSizeBytes(int(l.pending/16)))
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
