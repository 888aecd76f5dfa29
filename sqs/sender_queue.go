package sqs

import (
	"container/list"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// sender is what a Sender is beside the type of its bodies. There is no goroutine that waits for something to do:
// whoever changes what there is to send (put, a timer, a request that has ended) calls rush, which starts what is due.
type sender struct {
	conn      *Connection
	url, path string
	fifo      bool
	options   SenderOptions

	ctx     context.Context //nolint:containedctx // of all requests, which outlive the calls of Send; ends when a Close is cut short
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu struct {
		sync.Mutex
		lanes    map[string]*lane
		ready    list.List // of lanes that have something to send and may; who waits longest comes first
		items    int       // queued in them
		bytes    int       // of those, towards the 1 MiB of requests
		blocked  pendings  // in order of arrival
		nBlocked int
		messages int // admitted and not settled
		weight   int // of those
		arrived  uint64
		requests int // goroutines that send
		starting int // of those, the ones that have not chosen their messages yet
		flushes  []*flush
		timer    *time.Timer
		armed    bool
		closed   bool
		aborted  bool
		finished []*pending // settled; their channels are closed after unlocking
	}
}

func newSender(conn *Connection, url, path string, o SenderOptions) *sender {
	s := &sender{conn: conn, url: url, path: path, fifo: strings.HasSuffix(path, ".fifo"), options: o}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.mu.lanes = map[string]*lane{}
	return s
}

// unlock gives the lock back and tells those whose messages were settled under it.
func (s *sender) unlock() {
	finished := s.mu.finished
	s.mu.finished = nil
	s.mu.Unlock()
	for _, p := range finished {
		close(p.done)
	}
}

// put takes a message in, or says why not. It does not wait.
func (s *sender) put(p *pending) error {
	full, err := s.take(p)
	if full && s.options.OnFull != nil {
		s.options.OnFull()
	}
	return err
}

func (s *sender) take(p *pending) (full bool, err error) {
	s.mu.Lock()
	defer s.unlock()
	if s.mu.closed {
		return false, ErrSenderClosed
	}
	if p.weight > s.options.MaxBytes {
		return true, fmt.Errorf("%w: the message takes %d bytes, and MaxBytes is %d", ErrFull, p.weight, s.options.MaxBytes)
	}
	if err := s.closedGroupLocked(p); err != nil {
		return false, err
	}
	full = s.mu.blocked.first != nil || !s.fitsLocked(p)
	if full && s.options.FailWhenFull {
		return true, ErrFull
	}
	s.mu.arrived++
	p.number = s.mu.arrived
	p.at = time.Now()
	if full {
		s.mu.blocked.push(p)
		s.mu.nBlocked++
		return true, nil
	}
	s.admitLocked(p)
	s.rushLocked(p.at)
	return false, nil
}

func (s *sender) fitsLocked(p *pending) bool {
	return s.mu.messages < s.options.MaxMessages && s.mu.weight+p.weight <= s.options.MaxBytes
}

// closedGroupLocked returns the error of a message whose group is closed.
func (s *sender) closedGroupLocked(p *pending) error {
	if !s.fifo {
		return nil
	}
	if l := s.mu.lanes[p.group]; l != nil && l.untold > 0 {
		return heldBack(l.failure)
	}
	return nil
}

// heldBack is not the cause, also to errors.Is: that message may have been sent, this one was not.
func heldBack(cause error) error { return fmt.Errorf("%w: %w: %v", ErrNotSent, ErrHeldBack, cause) } //nolint:errorlint // see above

// admitLocked gives a message its place in the queue.
func (s *sender) admitLocked(p *pending) {
	s.mu.messages++
	s.mu.weight += p.weight
	if p.admitted != nil {
		close(p.admitted)
		p.admitted = nil
	}
	key := ""
	if s.fifo {
		key = p.group
	}
	l := s.mu.lanes[key]
	if l == nil {
		l = &lane{key: key}
		s.mu.lanes[key] = l
	}
	p.state, p.lane = queued, l
	l.queue.push(p)
	l.items++
	l.bytes += p.size
	switch {
	case l.turn != nil:
		s.mu.items++
		s.mu.bytes += p.size
	case !l.busy:
		s.readyLocked(l, p.at)
	}
}

// readyLocked lets a lane send, if it has something: first, if its messages have waited long enough already.
func (s *sender) readyLocked(l *lane, now time.Time) {
	if l.queue.first == nil {
		s.forgetLocked(l)
		return
	}
	if now.Sub(l.queue.first.at) >= *s.options.Linger {
		l.turn = s.mu.ready.PushFront(l)
	} else {
		l.turn = s.mu.ready.PushBack(l)
	}
	s.mu.items += l.items
	s.mu.bytes += l.bytes
}

// unreadyLocked is the reverse.
func (s *sender) unreadyLocked(l *lane) {
	if l.turn == nil {
		return
	}
	s.mu.ready.Remove(l.turn)
	l.turn = nil
	s.mu.items -= l.items
	s.mu.bytes -= l.bytes
}

// pullLocked takes a message out of its lane's queue.
func (s *sender) pullLocked(p *pending) {
	l := p.lane
	l.queue.remove(p)
	l.items--
	l.bytes -= p.size
	if l.turn != nil {
		s.mu.items--
		s.mu.bytes -= p.size
	}
}

// forgetLocked drops a lane that has nothing to remember: there may be as many groups as there are messages.
func (s *sender) forgetLocked(l *lane) {
	if s.fifo && l.queue.first == nil && !l.busy && l.untold == 0 {
		delete(s.mu.lanes, l.key)
	}
}

// roomLocked admits messages that wait for room, in order: a large one is not overtaken by small ones.
func (s *sender) roomLocked() {
	for p := s.mu.blocked.first; p != nil && s.fitsLocked(p); p = s.mu.blocked.first {
		s.unblockLocked(p)
		s.admitLocked(p)
	}
}

func (s *sender) unblockLocked(p *pending) {
	s.mu.blocked.remove(p)
	s.mu.nBlocked--
}
