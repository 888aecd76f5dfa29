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
	jobs    []*load.Job
	putters map[string]*load.Putter // by queue
	ends    <-chan load.PollEnd
	early   time.Time // who ends before that was woken
	sent    int
	woken   int
	inVain  int // polls that ended early without a message
	last    int // the poll that woke last
	latency load.Histogram
}

// park begins a long poll for each job, and readies what sends to the first n.
func (d *depth) park(ctx context.Context, jobs []*load.Job, n int) (*waker, error) {
	w := &waker{jobs: jobs, putters: map[string]*load.Putter{}}
	end := time.Now().Add(time.Minute)
	for _, j := range jobs[:n] {
		if w.putters[j.QueueURL] == nil {
			w.putters[j.QueueURL] = j.NewPutter(end)
		}
	}
	var err error
	if w.ends, err = load.Park(ctx, jobs, int(d.poll().Seconds())); err != nil {
		w.close()
	}
	return w, err
}

func (w *waker) close() {
	for _, p := range w.putters {
		p.Close()
	}
}

// wake sends one message to the queue of job i and waits until it has arrived.
func (w *waker) wake(ctx context.Context, i int) error {
	if err := sleep(ctx, betweenWakes); err != nil {
		return err
	}
	start := time.Now()
	w.sent++
	if err := w.putters[w.jobs[i].QueueURL].Put(ctx); err != nil {
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
	if len(w.putters) > 1 && w.last != i {
		return fmt.Errorf("a message to poll %d woke poll %d, on another queue", i, w.last)
	}
	return nil
}

// rest counts the ends of the polls that are left.
func (w *waker) rest() error {
	for end := range w.ends {
		if err := w.note(end); err != nil {
			return err
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
