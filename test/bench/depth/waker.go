package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

const (
	// betweenWakes keeps wakes from following each other at once, when the server would still be warm.
	betweenWakes = 2 * time.Millisecond
	// wakeTimeout is when a wake-up counts as lost.
	wakeTimeout = 5 * time.Second
)

// waker sends to parked polls and keeps count of those that wake.
type waker struct {
	ends    <-chan load.PollEnd
	early   time.Time // who ends before that was woken
	sent    int
	woken   int
	inVain  int // polls that ended early without a message
	last    int // the poll that woke last
	latency load.Histogram
}

// wake sends one message and waits until it has arrived.
func (w *waker) wake(ctx context.Context, p *load.Putter) error {
	if err := sleep(ctx, betweenWakes); err != nil {
		return err
	}
	start := time.Now()
	w.sent++
	if err := p.Put(ctx); err != nil {
		return err
	}
	timeout := time.NewTimer(wakeTimeout)
	defer timeout.Stop()
	for w.woken < w.sent {
		select {
		case end, ok := <-w.ends:
			if !ok || end.Messages == 0 && end.At.After(w.early) {
				return errors.New("the polls ended before all messages were sent: this machine is too slow")
			}
			if err := w.note(end); err != nil {
				return err
			}
			if end.Messages > 0 {
				w.latency.Record(end.At.Sub(start))
			}
		case <-timeout.C:
			return fmt.Errorf("message %d woke nobody within %v", w.sent, wakeTimeout)
		}
	}
	return nil
}

// note counts the end of a poll.
func (w *waker) note(end load.PollEnd) error {
	switch {
	case end.Err != nil:
		return end.Err
	case end.Messages > 0:
		w.woken += end.Messages
		w.last = end.Poll
	case end.At.Before(w.early):
		w.inVain++
	}
	return nil
}
