package sqs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// settle takes the outcome of a request, and reports whether the goroutine that made it is to make another one.
func (s *sender) settle(batch []*pending) (again bool) {
	s.mu.Lock()
	defer s.unlock()
	for _, p := range batch {
		p.lane.busy = false
		s.settleLocked(p, p.err)
	}
	now := time.Now()
	if s.fifo {
		s.reopenLocked(batch, now)
	}
	s.roomLocked()
	s.mu.requests--
	if again = s.dueLocked(now); again {
		s.mu.requests++
		s.mu.starting++
		s.rushLocked(now)
	}
	return again
}

// reopenLocked lets the groups of a request that was answered send again, after those in which a message failed have lost
// what is behind it.
func (s *sender) reopenLocked(batch []*pending, now time.Time) {
	for _, p := range batch {
		if p.err != nil {
			s.holdBackLocked(p.lane)
		}
	}
	for _, p := range slices.Backward(batch) { // who is first now is first the next time
		if p.lane.turn == nil { // not yet for another message of the group
			s.readyLocked(p.lane, now)
		}
	}
}

// settleLocked ends the way of a message that is in no list any more.
func (s *sender) settleLocked(p *pending, err error) {
	if p.state != blocked {
		s.mu.messages--
		s.mu.weight -= p.weight
	}
	p.state, p.err = settled, err
	if l := p.lane; err != nil && s.fifo && l != nil {
		if l.untold == 0 && !errors.Is(err, ErrHeldBack) {
			l.failure = err
		}
		if !p.told {
			l.untold++
		}
	}
	for _, f := range s.mu.flushes {
		f.settled(p)
	}
	s.mu.flushes = slices.DeleteFunc(s.mu.flushes, func(f *flush) bool { return f.left == 0 })
	s.mu.finished = append(s.mu.finished, p)
}

// holdBackLocked fails the messages of a closed group that have not left.
func (s *sender) holdBackLocked(l *lane) {
	err := heldBack(l.failure)
	for p := l.queue.first; p != nil; p = l.queue.first {
		s.pullLocked(p)
		s.settleLocked(p, err)
	}
	for p := s.mu.blocked.first; p != nil; {
		next := p.next
		if p.group == l.key {
			s.unblockLocked(p)
			p.lane = l
			s.settleLocked(p, err)
		}
		p = next
	}
}

// wait returns the outcome of a message.
func (s *sender) wait(ctx context.Context, p *pending) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		if err := s.withdraw(ctx, p); err != nil {
			return err
		}
	}
	if p.err != nil && s.fifo {
		s.tell(p)
	}
	return p.err
}

// tell opens the group of a failed message again, if this was the last error of the group to be told.
func (s *sender) tell(p *pending) {
	s.mu.Lock()
	defer s.unlock()
	if p.told {
		return
	}
	p.told = true
	p.lane.untold--
	s.forgetLocked(p.lane)
}

// withdraw takes back a message whose context has ended. It returns nil if the message has an outcome by now.
func (s *sender) withdraw(ctx context.Context, p *pending) error {
	s.mu.Lock()
	defer s.unlock()
	switch p.state {
	case settled:
		return nil
	case departed:
		p.told = true
		return fmt.Errorf("%w: %w", ErrMayHaveBeenSent, given(ctx, ctx.Err()))
	}
	err := fmt.Errorf("%w: %w", ErrNotSent, given(ctx, ctx.Err()))
	s.dropLocked(p, err)
	s.roomLocked()
	s.rushLocked(time.Now())
	return err
}

// dropLocked settles a message that has not left.
func (s *sender) dropLocked(p *pending, err error) {
	p.told = true
	if p.state == blocked {
		s.unblockLocked(p)
	} else {
		s.pullLocked(p)
		if l := p.lane; l.queue.first == nil {
			s.unreadyLocked(l)
			s.forgetLocked(l)
		}
	}
	p.lane = nil // its group stays open
	s.settleLocked(p, err)
}

// waitForRoom returns when a message has its place in the queue, or an outcome.
func (s *sender) waitForRoom(ctx context.Context, p *pending, admitted <-chan struct{}) error {
	select {
	case <-admitted:
		return nil
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.unlock()
	if p.state != blocked {
		return nil
	}
	err := fmt.Errorf("%w: %w", ErrNotSent, given(ctx, ctx.Err()))
	s.dropLocked(p, err)
	s.roomLocked()
	s.rushLocked(time.Now())
	return err
}
