package sqs

import (
	"errors"
	"time"
)

// What a Sender says beside what a server does.
var (
	// ErrFull is the error of a message that found a Sender's queue full, if SenderOptions.FailWhenFull is set.
	ErrFull = errors.New("sqs: the sender's queue is full")
	// ErrSenderClosed is the error of messages that were given to a Sender after Close, and of those that a Close which was
	// cut short left in its queue. They were not sent.
	ErrSenderClosed = errors.New("sqs: the sender is closed")
	// ErrMayHaveBeenSent marks the errors after which nobody but the server knows whether the message is stored: its request
	// was under way when the context ended, or the answer was lost. Sent again, a message can be in the queue twice, unless
	// it has a DeduplicationID and the queue is a FIFO queue.
	ErrMayHaveBeenSent = errors.New("sqs: the message may have been sent")
	// ErrHeldBack is the error of a message that was not sent because an earlier one of its group failed.
	ErrHeldBack = errors.New("sqs: held back: an earlier message of the group failed")
)

// SenderOptions say how a Sender behaves. The zero value means the defaults.
type SenderOptions struct {
	// Linger is how long a message waits for others to fill its request, while another request is under way; when there is
	// none, nothing waits. nil: 5 ms. 0: never.
	Linger *time.Duration
	// Parallel is how many requests are under way at most. Default: 8. On a FIFO queue each group has one of them at most.
	Parallel int
	// MaxMessages is how many messages the Sender holds at most, from Send to the answer. Default: 10,000.
	MaxMessages int
	// MaxBytes is the memory that those messages may take: bodies as encoded, attributes, ids, and 256 bytes for each.
	// Default: 64 MiB.
	MaxBytes int
	// FailWhenFull makes Send and Enqueue fail with ErrFull, at once, when either of these is reached. Default: they wait
	// until there is room, in the order in which they were called.
	FailWhenFull bool
	// OnePerGroup sends at most one message of a FIFO group with a request, so that a failed message holds back all later
	// ones without exception, at the price of a round trip for each message of a group. Default: a request takes several
	// messages of a group, in order; those behind a failed one in the same request may have been stored.
	OnePerGroup bool
	// OnBatch is called when the outcome of messages that left together is known, and before their senders learn it, for
	// metrics. It is called by several goroutines at once and must not wait for anything. Default: none.
	OnBatch func(SenderBatch)
	// OnFull is called each time that a message finds no room. Default: none.
	OnFull func()
}

// SenderBatch is what a Sender tells SenderOptions.OnBatch of the messages that left together.
type SenderBatch struct {
	Messages int           // how many; 1 to 10
	Bytes    int           // what they count towards the 1 MiB of a request
	Failed   int           // how many of them failed in the end
	Attempts int           // requests made for them: 1 unless something had to be repeated
	Waited   time.Duration // of the first of them, from Send until its request left
	Took     time.Duration // from then until the last answer, repetitions and the waits before them included
	Err      error         // of the first message that failed; nil if none did
}

// SenderStats is what a Sender holds at a moment, for gauges.
type SenderStats struct {
	Messages int // held, from Send to the answer, those that wait for room excepted
	Bytes    int // of them, as MaxBytes counts
	Blocked  int // messages that wait for room
	Requests int // under way
}

// WithLinger sets SenderOptions.Linger. WithLinger(0) lets no message wait for others.
func WithLinger(d time.Duration) func(*SenderOptions) {
	return func(o *SenderOptions) { o.Linger = &d }
}

// WithParallelRequests sets SenderOptions.Parallel.
func WithParallelRequests(n int) func(*SenderOptions) {
	return func(o *SenderOptions) { o.Parallel = n }
}

// WithSenderLimits sets SenderOptions.MaxMessages and SenderOptions.MaxBytes. 0 leaves a default as it is.
func WithSenderLimits(messages, bytes int) func(*SenderOptions) {
	return func(o *SenderOptions) { o.MaxMessages, o.MaxBytes = messages, bytes }
}

// WithFailWhenFull sets SenderOptions.FailWhenFull.
func WithFailWhenFull() func(*SenderOptions) {
	return func(o *SenderOptions) { o.FailWhenFull = true }
}

const (
	// Less than what a round trip to a server in the same region takes, which is what linger adds to at most.
	defaultLinger = 5 * time.Millisecond
	// 8 requests of ten, 15 ms each, are 5,300 messages a second, beyond which linger fills the requests anyway.
	defaultParallel    = 8
	defaultMaxMessages = 10_000
	defaultMaxBytes    = 64 << 20
	// What a message costs beside its content: its entry, its place in the queue, the channel that tells of its end.
	messageOverhead = 256
)

func (o SenderOptions) withDefaults() SenderOptions {
	if o.Linger == nil {
		o.Linger = new(defaultLinger)
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	if o.MaxMessages <= 0 {
		o.MaxMessages = defaultMaxMessages
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o
}
