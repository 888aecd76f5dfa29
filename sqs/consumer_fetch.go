package sqs

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"
)

// poll is a receive under way.
type poll struct{ asked int }

// Limits of receiving.
const (
	longestPause = 30 * time.Second // between receives that fail: what a server that comes back is left waiting, at most
	shortPause   = time.Second      // between receives that find nothing and were not to wait
	maxSettling  = 1000             // messages whose delete or return is under way: with more, nothing is received
)

// fetch starts receives when there is room for their messages: not for one message at a time while others wait anyway, and
// more than one receive only while their answers come back full.
func (r *run[T]) fetch(ctx context.Context) {
	least := min(r.o.MaxMessages, max(1, *r.o.Prefetch/2))
	for !r.drain.on && !r.now.Before(r.fetchAt) && r.settling < maxSettling {
		n := min(r.o.MaxMessages, r.o.room()-r.running-len(r.waiting)-r.reserved)
		if n < least {
			return
		}
		if r.receiving > 0 && (!r.eager || r.receiving >= r.o.Receivers) {
			return
		}
		r.receive(ctx, n)
	}
}

func (r *run[T]) receive(ctx context.Context, n int) {
	p := &poll{n}
	ctx, cancel := context.WithCancelCause(ctx)
	r.polls[p] = cancel
	r.receiving++
	r.reserved += n
	start := r.now
	// Two attempts that wait, and their backoff; who has not answered by then is not going to.
	r.request(ctx, 2**r.o.Wait+longestPause, func(ctx context.Context) func() {
		messages, err := r.queue.Messages(ctx, n, r.asks)
		return func() {
			cancel(nil)
			delete(r.polls, p)
			r.received(p, start, messages, err)
		}
	})
}

// asks makes the options of a receive. On FIFO queues an attempt id lets the connection's retries get the messages of an
// answer that was lost; without it, their groups would stand still for as long as the lease.
func (r *run[T]) asks(o *ReadOptions) {
	o.Visibility, o.Wait = &r.o.Visibility, r.o.Wait
	o.Attributes = append(slices.Clone(r.o.Attributes), SystemAttributeReceiveCount)
	if r.fifo {
		o.Attributes = append(o.Attributes, SystemAttributeGroupID, SystemAttributeDeduplicationID, SystemAttributeSequenceNumber)
		o.AttemptID = rand.Text()
	}
	slices.Sort(o.Attributes)
	o.Attributes = slices.Compact(o.Attributes)
	if slices.Contains(o.Attributes, AttributeAll) {
		o.Attributes = []string{AttributeAll}
	}
	o.MessageAttributes = r.o.MessageAttributes
}

// received takes in the answer to a receive whose request was sent at start.
func (r *run[T]) received(p *poll, start time.Time, messages []*MessageOf[T], err error) {
	r.receiving--
	r.reserved -= p.asked
	r.eager = len(messages) == p.asked
	for _, m := range messages {
		r.take(m, start)
	}
	cutOff := r.drain.on && err != nil
	_, damaged := errors.AsType[*ChecksumError](err)
	switch {
	case err == nil || damaged:
		r.failures = 0
		if len(messages) == 0 && *r.o.Wait == 0 {
			r.pause(shortPause)
		}
	case errors.Is(err, ErrQueueDoesNotExist):
		if r.err == nil && !cutOff {
			r.err = err
		}
		r.startDrain()
	default:
		r.failures++
		r.pause(Backoff(retryPause, longestPause)(r.failures))
	}
	if hook := r.o.Hooks.Received; hook != nil && !cutOff {
		hook(ConsumerReceive{Start: start, Took: r.now.Sub(start), Messages: len(messages), Err: err})
	}
}

func (r *run[T]) pause(d time.Duration) {
	r.fetchAt = r.now.Add(d)
	r.wakeAt(r.fetchAt)
}
