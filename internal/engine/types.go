package engine

import (
	"errors"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Key names a queue: the same name in another region or account is another queue.
type Key = store.Key

// Definition is what a client says about a queue: the attributes that were set, in canonical form, and the tags.
// Defaults are not in it; package api has them.
type Definition = store.Definition

// Message is a stored message, without the state of its deliveries. It is immutable: do not change one that the
// engine handed out.
type Message = store.Message

// The errors that callers tell apart. Everything else is a failure of the store.
var (
	ErrNoQueue         = errors.New("queue does not exist")
	ErrDeletedRecently = errors.New("a queue of this name was deleted less than 60 seconds ago")
	ErrPurgeInProgress = errors.New("queue was purged less than 60 seconds ago")
	ErrBadHandle       = errors.New("receipt handle was never issued")
	ErrOtherQueue      = errors.New("receipt handle belongs to another queue")
	ErrMessageGone     = errors.New("message is deleted")
	ErrBeyondLimit     = errors.New("visibility timeout beyond 12 hours after the receive")
	ErrHandleExpired   = errors.New("receipt handle has expired") // FIFO queues only
	ErrMoveRunning     = errors.New("a move task of this queue is running")
	ErrNoMove          = errors.New("move task does not exist")
	ErrMoveOver        = errors.New("move task is over")
	ErrOverLimit       = errors.New("too many messages in flight")
	ErrOverloaded      = errors.New("too many writes are waiting for the disk")
	ErrDiskFull        = errors.New("free space is below the reserve")
	ErrTooManyQueues   = errors.New("as many queues as there may be")
	ErrStorage         = errors.New("messages of all queues would take more than they may")
	ErrQueueStorage    = errors.New("messages of the queue would take more than they may")
	ErrClosed          = errors.New("engine is closed")
)

// NewMessage is a message to send. The caller has checked it.
type NewMessage struct {
	Body        string
	Attributes  []api.MessageAttribute
	TraceHeader string // AWSTraceHeader
	GroupID     string // MessageGroupId: required on FIFO queues, optional on others; "" is none
	// DeduplicationID is the client's MessageDeduplicationId or the hex SHA-256 of the body. Required on FIFO queues,
	// "" on others.
	DeduplicationID string
	SenderID        string        // who sent it
	Delay           time.Duration // -1: the queue's DelaySeconds. FIFO queues ignore it
}

// Sent is what became of one NewMessage.
type Sent struct {
	ID             string // message id, a UUID; of a duplicate, the original's
	BodyMD5        string // hex, of the body that was sent
	SequenceNumber string // FIFO queues: 20 digits; of a duplicate, the original's
}

// ReceiveParams asks for up to Max messages.
type ReceiveParams struct {
	Max        int
	Visibility time.Duration // -1: the queue's VisibilityTimeout
	Wait       time.Duration // -1: the queue's ReceiveMessageWaitTimeSeconds; 0: do not wait
	// AttemptID is ReceiveRequestAttemptId: a receive that repeats one of the last five minutes gets the same messages
	// and handles again, as long as none of them has changed. FIFO queues only; "" is none.
	AttemptID string
	// Memory pays for the messages. Nil: there is always enough.
	Memory Memory
}

// Memory is what a receive pays for its messages out of.
type Memory interface {
	// Reserve is asked for each message, by its size, before the message is received. What it refuses stays where it is, and
	// the receive returns what it has. It is called under the queue's lock and must not wait.
	Reserve(bytes int64) bool
	// Await is asked by a receive that has nothing, or repeats another, because Reserve refused the least that it needs.
	// It waits for as much, or for more, up to most, out of which Reserve pays first. It returns false if it is not worth waiting,
	// or any longer: then the receive is ErrOverloaded.
	Await(least, most int64) bool
	// Return gives back all that was reserved, since nothing was received. It is called before a receive waits.
	Return()
}

// Delivery is one received message.
type Delivery struct {
	*Message
	Handle         string // receipt handle
	SequenceNumber string // FIFO queues: 20 digits
	ReceiveCount   int
	FirstReceive   int64 // ms since the epoch
}

// VisibilityChange sets the visibility timeout of one delivery, from now.
type VisibilityChange struct {
	Handle  string
	Timeout time.Duration
}

// Counts are exact at the moment they are taken.
type Counts struct {
	Visible, InFlight, Delayed int
}

// MoveRequest asks for a move task.
type MoveRequest struct {
	Destination string // ARN of a queue of the same type; "": each message back to the queue it is a dead letter of
	PerSecond   int    // 0: as fast as it goes
}

// MoveStatus is what became of a move task.
type MoveStatus = store.MoveStatus

// The statuses.
const (
	MoveRunning   = store.MoveRunning
	MoveCompleted = store.MoveCompleted
	MoveCancelled = store.MoveCancelled
	MoveFailed    = store.MoveFailed
)

// Move is a move task, running or over.
type Move struct {
	ID string // a UUID
	MoveRequest
	Status        MoveStatus
	Started       time.Time
	Moved, ToMove int64  // ToMove: what could be received at the start
	FailureReason string // of MoveFailed
}

// PeekState says why a message can or cannot be received now.
type PeekState int

// The states of a stored message.
const (
	Visible PeekState = iota
	InFlight
	Delayed
)

// Peeked is a stored message seen without receiving it.
type Peeked struct {
	*Message
	State          PeekState
	SequenceNumber string // FIFO queues
	ReceiveCount   int
	FirstReceive   int64 // ms since the epoch; 0: never received
}

// QueueInfo is a queue as seen from outside.
type QueueInfo struct {
	Key
	Definition
	Created, Modified time.Time
}
