package sqs

import (
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// ConsumerOptions say how a Consumer works. The zero value means the defaults.
type ConsumerOptions struct {
	// Workers is how many handlers run at a time, at most. Default: 10.
	Workers int
	// Prefetch is how many messages may wait here for a worker, besides those that are worked on. Others cannot have them
	// meanwhile, so that slow handlers want few or none (0). nil: as many as Workers.
	Prefetch *int
	// MaxMessages is how many messages one receive asks for, at most: 1 to 10. Default: 10.
	MaxMessages int
	// Receivers is how many receives may be under way at a time. There is more than one only while their answers come
	// back full. Default: one for every 10 messages that Workers and Prefetch have room for.
	Receivers int
	// Wait is how long the server waits for a message if there is none: 0 to 20 seconds. It is cut to a third of
	// Visibility, because the lease of a message is counted from when the wait began. nil: 20 seconds.
	Wait *time.Duration
	// Attributes names the system attributes that messages are to have, besides those that the consumer needs: the receive
	// count always, and on FIFO queues group, deduplication id and sequence number. Default: no others.
	Attributes []string
	// MessageAttributes names the message attributes to ask for, as in ReadOptions. Default: none.
	MessageAttributes []string

	// Visibility is how long a lease lasts, and hence how long a message stays invisible when the program dies: 2 seconds
	// to 12 hours, in whole seconds (rounded up). Default: 1 minute.
	Visibility time.Duration
	// Extend is how long after its receive, and after each extension, a lease is extended; it is less than Visibility, and
	// what is between them is time for attempts that fail. Default: half of Visibility.
	Extend time.Duration

	// RetryDelay says for how long a message stays invisible after a failed attempt. receives is how often it was received,
	// 1 after its first attempt. It is called from one goroutine at a time. Default: Backoff(time.Second, 5*time.Minute).
	RetryDelay func(receives int) time.Duration
	// DeleteLinger is how long a delete waits for others to share its request with. On FIFO queues it does not wait.
	// Negative: not at all. Default: 100 ms.
	DeleteLinger time.Duration
	// DrainTimeout is how long handlers may go on when Run's context has ended. 0: not at all. nil: 20 seconds, which leave
	// room in the 30 seconds that orchestrators give a program before they kill it.
	DrainTimeout *time.Duration

	// Hooks are told what happens. Default: none.
	Hooks ConsumerHooks
}

// WithWorkers sets ConsumerOptions.Workers.
func WithWorkers(n int) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.Workers = n }
}

// WithPrefetch sets ConsumerOptions.Prefetch.
func WithPrefetch(n int) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.Prefetch = &n }
}

// WithLease sets ConsumerOptions.Visibility.
func WithLease(d time.Duration) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.Visibility = d }
}

// WithRetryDelay sets ConsumerOptions.RetryDelay.
func WithRetryDelay(delay func(receives int) time.Duration) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.RetryDelay = delay }
}

// WithDrainTimeout sets ConsumerOptions.DrainTimeout.
func WithDrainTimeout(d time.Duration) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.DrainTimeout = &d }
}

// WithConsumerHooks sets ConsumerOptions.Hooks.
func WithConsumerHooks(h ConsumerHooks) func(*ConsumerOptions) {
	return func(o *ConsumerOptions) { o.Hooks = h }
}

// Backoff returns a RetryDelay that is first after the first attempt, and twice as long after each other one, up to most.
func Backoff(first, most time.Duration) func(receives int) time.Duration {
	return func(receives int) time.Duration {
		d := min(first, most)
		for ; receives > 1 && 0 < d && d < most; receives-- {
			d = min(2*d, most)
		}
		return d
	}
}

func (o ConsumerOptions) withDefaults() ConsumerOptions {
	if o.Workers == 0 {
		o.Workers = 10
	}
	if o.Prefetch == nil {
		o.Prefetch = &o.Workers
	}
	if o.MaxMessages == 0 {
		o.MaxMessages = api.MaxBatchEntries
	}
	if o.Receivers == 0 {
		o.Receivers = max(1, o.room()/api.MaxBatchEntries)
	}
	if o.Visibility == 0 {
		o.Visibility = time.Minute
	}
	o.Visibility = time.Duration(seconds(o.Visibility)) * time.Second
	if o.Extend == 0 {
		o.Extend = o.Visibility / 2
	}
	wait := 20 * time.Second // SQS's longest
	if o.Wait != nil {
		wait = *o.Wait
	}
	o.Wait = new(min(wait, (o.Visibility / 3).Truncate(time.Second)))
	if o.RetryDelay == nil {
		o.RetryDelay = Backoff(time.Second, 5*time.Minute)
	}
	if o.DeleteLinger == 0 {
		o.DeleteLinger = 100 * time.Millisecond
	}
	if o.DrainTimeout == nil {
		o.DrainTimeout = new(20 * time.Second)
	}
	return o
}

func (o *ConsumerOptions) validate() error {
	switch {
	case o.Workers < 1:
		return fmt.Errorf("sqs: ConsumerOptions.Workers is %d, want 1 or more", o.Workers)
	case *o.Prefetch < 0:
		return fmt.Errorf("sqs: ConsumerOptions.Prefetch is %d, want 0 or more", *o.Prefetch)
	case o.MaxMessages < 1 || o.MaxMessages > api.MaxBatchEntries:
		return fmt.Errorf("sqs: ConsumerOptions.MaxMessages is %d, want 1 to 10", o.MaxMessages)
	case o.Receivers < 1:
		return fmt.Errorf("sqs: ConsumerOptions.Receivers is %d, want 1 or more", o.Receivers)
	case *o.Wait < 0 || *o.Wait > 20*time.Second:
		return fmt.Errorf("sqs: ConsumerOptions.Wait is %v, want 0 to 20 s", *o.Wait)
	case o.Visibility < 2*time.Second || o.Visibility > maxLease:
		return fmt.Errorf("sqs: ConsumerOptions.Visibility is %v, want 2 s to 12 h", o.Visibility)
	case o.Extend < 0 || o.Extend >= o.Visibility:
		return fmt.Errorf("sqs: ConsumerOptions.Extend is %v, want less than Visibility, which is %v", o.Extend, o.Visibility)
	case *o.DrainTimeout < 0:
		return fmt.Errorf("sqs: ConsumerOptions.DrainTimeout is %v, want 0 or more", *o.DrainTimeout)
	}
	return nil
}

// room is how many messages a run holds at a time, settled ones excepted.
func (o *ConsumerOptions) room() int { return o.Workers + *o.Prefetch }
