package sqs

import (
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// rushLocked starts a goroutine for each request that is due.
func (s *sender) rushLocked(now time.Time) {
	for s.dueLocked(now) {
		s.mu.requests++
		s.mu.starting++
		s.workers.Go(s.work)
	}
}

// dueLocked reports whether another request is to be made. If only time is missing, it sees to a call at that time.
func (s *sender) dueLocked(now time.Time) bool {
	if s.mu.items == 0 || s.mu.requests >= s.options.Parallel || s.mu.aborted {
		return false
	}
	if s.mu.requests == 0 {
		return true
	}
	messages := s.mu.items
	if s.options.OnePerGroup && s.fifo {
		messages = s.mu.ready.Len()
	}
	batches := s.mu.starting + 1
	if messages >= batches*api.MaxBatchEntries || s.mu.bytes >= batches*api.MaxBatchBytes {
		return true
	}
	if s.mu.starting > 0 {
		return false // who is starting takes these along, or asks again
	}
	left := *s.options.Linger - now.Sub(s.mu.ready.Front().Value.(*lane).queue.first.at)
	if left <= 0 || len(s.mu.flushes) > 0 || s.mu.closed {
		return true
	}
	s.armLocked(left)
	return false
}

// armLocked has the timer fire once after d. One that is armed already fires before that, finds that it is too early, and
// is armed again: cheaper than to reset it for each message.
func (s *sender) armLocked(d time.Duration) {
	if s.mu.armed {
		return
	}
	s.mu.armed = true
	if s.mu.timer == nil {
		s.mu.timer = time.AfterFunc(d, s.lingered)
		return
	}
	s.mu.timer.Reset(d)
}

func (s *sender) lingered() {
	s.mu.Lock()
	defer s.unlock()
	s.mu.armed = false
	s.rushLocked(time.Now())
}

// chooseLocked takes the messages of one request out of the queue: those that have waited longest, as many as fit.
func (s *sender) chooseLocked() []*pending {
	d := draft{batch: make([]*pending, 0, min(s.mu.items, api.MaxBatchEntries))}
	for e := s.mu.ready.Front(); e != nil && !d.full; {
		l := e.Value.(*lane)
		e = e.Next()
		s.drawLocked(l, &d)
	}
	return d.batch
}

// draft is a request whose messages are being chosen.
type draft struct {
	batch []*pending
	size  int
	full  bool // the next message did not fit: it is not overtaken by smaller ones
}

func (d *draft) fits(p *pending) bool {
	d.full = len(d.batch) == api.MaxBatchEntries || len(d.batch) > 0 && d.size+p.size > api.MaxBatchBytes
	return !d.full
}

// drawLocked takes from a lane what fits. A group that was drawn from is busy until the request is answered.
func (s *sender) drawLocked(l *lane, d *draft) {
	for p := l.queue.first; p != nil && d.fits(p); p = l.queue.first {
		s.pullLocked(p)
		p.state = departed
		d.batch = append(d.batch, p)
		d.size += p.size
		l.busy = s.fifo
		if s.fifo && s.options.OnePerGroup {
			break
		}
	}
	if l.busy || l.queue.first == nil {
		s.unreadyLocked(l)
	}
}
