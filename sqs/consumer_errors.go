package sqs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Causes with which the context of a Handler ends.
var (
	// ErrLeaseLost means that the message is not the consumer's any more: others may have it, or it is gone.
	ErrLeaseLost = errors.New("sqs: the lease of the message is lost")
	// ErrDrainTimeout means that the consumer is to end, and has waited for as long as it may.
	ErrDrainTimeout = errors.New("sqs: the consumer's drain timeout is over")
)

// What a Handler can return, wrapped or not, to have something else done than a retry.
var (
	// ErrDrop deletes the message although it was not worked on: fmt.Errorf("%w: no such order", sqs.ErrDrop).
	ErrDrop = errors.New("sqs: drop the message")
	// ErrKeep leaves the message as it is, neither deleted nor given back. Its lease is not extended any more.
	ErrKeep = errors.New("sqs: keep the message")
)

// RetryError is a failed attempt that says when the next one is to be.
type RetryError struct {
	After time.Duration // how long the message stays invisible: 0 to 12 hours after it was received
	Err   error         // why the attempt failed; may be nil
}

// RetryAfter returns a *RetryError: what a Handler returns when it knows when to try again. err may be nil.
func RetryAfter(d time.Duration, err error) error { return &RetryError{After: d, Err: err} }

// Error returns the reason and the delay.
func (e *RetryError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("sqs: retry after %v", e.After)
	}
	return fmt.Sprintf("%v (retry after %v)", e.Err, e.After)
}

// Unwrap returns the reason.
func (e *RetryError) Unwrap() error { return e.Err }

// PanicError is the error of a Handler that panicked.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine that panicked, as debug.Stack formats it
}

// Error returns the value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("sqs: handler panicked: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// errGoexit is the error of a handler that ended its goroutine, as t.FailNow does.
var errGoexit = errors.New("sqs: handler called runtime.Goexit")

func recovering[T any](h Handler[T]) Handler[T] {
	return func(ctx context.Context, m *MessageOf[T]) (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = &PanicError{Value: value, Stack: debug.Stack()}
			}
		}()
		return h(ctx, m)
	}
}

// lostByName are the codes with which a server says of a receipt handle that it is good for nothing any more. Everything
// else that it may say (throttling, no access for now) does not end a lease before its time.
var lostByName = []ErrorCode{
	ErrInvalidParameterValue, ErrReceiptHandleIsInvalid, ErrMessageNotInflight, ErrInvalidIDFormat, ErrQueueDoesNotExist,
}

func leaseEnded(err error) bool {
	for _, code := range lostByName {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
