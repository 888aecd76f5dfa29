package sqs

import (
	"context"
	"slices"
	"time"
)

// flush waits for the messages that were there when it began.
type flush struct {
	last uint64 // number of the latest of them
	left int
	done chan struct{}
}

func (f *flush) settled(p *pending) {
	if p.number > f.last {
		return
	}
	if f.left--; f.left == 0 {
		close(f.done)
	}
}

func (s *sender) flush(ctx context.Context) error {
	s.mu.Lock()
	f := s.flushLocked()
	s.unlock()
	return s.flushed(ctx, f)
}

// flushLocked lets everything leave that is there.
func (s *sender) flushLocked() *flush {
	f := &flush{last: s.mu.arrived, left: s.mu.messages + s.mu.nBlocked, done: make(chan struct{})}
	if f.left == 0 {
		close(f.done)
		return f
	}
	s.mu.flushes = append(s.mu.flushes, f)
	s.rushLocked(time.Now())
	return f
}

// flushed waits for the end of a flush.
func (s *sender) flushed(ctx context.Context, f *flush) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.unlock()
	s.mu.flushes = slices.DeleteFunc(s.mu.flushes, func(other *flush) bool { return other == f })
	if f.left == 0 {
		return nil
	}
	return given(ctx, ctx.Err())
}

func (s *sender) close(ctx context.Context) error {
	s.mu.Lock()
	s.mu.closed = true
	f := s.flushLocked()
	s.unlock()
	err := s.flushed(ctx, f)
	if err != nil {
		s.abort()
	}
	s.workers.Wait() // they have settled everything, or are told to stop
	s.cancel()
	s.mu.Lock()
	defer s.unlock()
	if s.mu.timer != nil {
		s.mu.timer.Stop()
	}
	return err
}

// abort cancels the requests under way and fails what has not left.
func (s *sender) abort() {
	s.cancel()
	s.mu.Lock()
	defer s.unlock()
	s.mu.aborted = true
	for p := s.mu.blocked.first; p != nil; p = s.mu.blocked.first {
		s.dropLocked(p, ErrSenderClosed)
	}
	for _, l := range s.mu.lanes {
		for p := l.queue.first; p != nil; p = l.queue.first {
			s.dropLocked(p, ErrSenderClosed)
		}
	}
}

func (s *sender) stats() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SenderStats{Messages: s.mu.messages, Bytes: s.mu.weight, Blocked: s.mu.nBlocked, Requests: s.mu.requests}
}
