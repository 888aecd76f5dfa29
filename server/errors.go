package server

import (
	"errors"

	"github.com/bufeomq/bufeo/internal/store"
)

// What callers can tell apart with errors.Is. ErrLocked: another process has the data folder. ErrStore: the store
// cannot work with what it found there. ErrQueues: Options.QueuesFile cannot be read, or has mistakes (QueueProblems).
// ErrClosed: the server was shut down.
var (
	ErrLocked = store.ErrLocked
	ErrStore  = errors.New("store failed")
	ErrQueues = errors.New("file of queues cannot be used")
	ErrClosed = errors.New("server is shut down")
)

// Error is a failure that whoever runs the server can do something about.
type Error struct {
	Text string // what happened, and where
	Hint string // what to do next
	Err  error  // the cause; may be nil
}

// Error is the problem in one line, without the hint.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
