package sqs

import "time"

// ConsumerHooks are told what a Consumer does: for metrics, and for a log of what fails. Any of them may be nil. A run
// calls them one at a time and waits for them, so they must be quick.
type ConsumerHooks struct {
	// Received is called after each receive, those without messages included.
	Received func(ConsumerReceive)
	// Handled is called after each message that a handler has worked on.
	Handled func(ConsumerHandled)
	// Extended is called after each request that extended leases.
	Extended func(ConsumerBatch)
	// Settled is called after each request that deleted messages, or made them visible again.
	Settled func(ConsumerBatch)
	// Lost is called when the lease of a message ends before its time.
	Lost func(ConsumerLost)
}

// ConsumerReceive is a receive that has ended.
type ConsumerReceive struct {
	Start    time.Time
	Took     time.Duration // waiting for messages included
	Messages int           // received
	Err      error         // nil if the server answered; with a *ChecksumError there may be messages
}

// ConsumerHandled is a message that a handler has worked on.
type ConsumerHandled struct {
	MessageID string
	GroupID   string        // on FIFO queues
	Receives  int           // how often the message was received
	Waited    time.Duration // from its receive to the start of the handler
	Took      time.Duration // by the handler
	Outcome   Outcome
	Err       error // what the handler returned; a panic is a *PanicError
}

// ConsumerBatch is a request about several messages that has ended.
type ConsumerBatch struct {
	Action string // as AWS names it: DeleteMessageBatch or ChangeMessageVisibilityBatch
	Done   int    // messages for which it was carried out
	Failed int    // the others; most will be tried again
	Took   time.Duration
	Err    error // nil if none failed
}

// ConsumerLost is a message whose lease was lost.
type ConsumerLost struct {
	MessageID string
	GroupID   string // on FIFO queues
	// Handled is true if the handler has succeeded and only the delete was missing: the message will be handled again.
	Handled bool
	// Err is what the server said, or the error of the last attempt to extend the lease or to delete the message. It is nil
	// if there was none: 12 hours have passed.
	Err error
}

// Outcome is what became of a message after its handler.
type Outcome string

// The outcomes.
const (
	OutcomeDone       Outcome = "done"        // the handler succeeded; the message is being deleted
	OutcomeRetried    Outcome = "retried"     // it failed; the message becomes visible after the retry delay
	OutcomeDropped    Outcome = "dropped"     // it returned ErrDrop; the message is being deleted
	OutcomeKept       Outcome = "kept"        // it returned ErrKeep; the message is left as it is
	OutcomeLost       Outcome = "lost"        // the lease was lost before; the message is left as it is
	OutcomeHandedBack Outcome = "handed back" // it failed after the drain timeout; the message becomes visible at once
)
