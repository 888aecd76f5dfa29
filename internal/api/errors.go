package api

import (
	"errors"
	"fmt"
	"strings"
)

// Protocol is one of the two wire forms of SQS.
type Protocol int

// JSON is AWS JSON 1.0, Query is form parameters in and XML out.
const (
	JSON Protocol = iota
	Query
)

func (p Protocol) String() string {
	if p == Query {
		return "query"
	}
	return "json"
}

// Kind is a row of the error catalogue: what a fault is called in each protocol and how its text reads. Rows are
// pointers and compared as such; rows are added, never changed in meaning.
type Kind struct {
	Shape     string // the JSON __type, namespace included
	QueryCode string // the XML Code, and the first half of the x-amzn-query-error header
	Status    int    // HTTP status, the same in both protocols (recorded from AWS, against its JSON docs)
	Format    string // the text, for fmt.Sprintf
	// QueryFormat is the text in Query where AWS words it differently; "" means Format.
	QueryFormat string
	// Unused marks errors that the server has no occasion for.
	Unused bool
}

// Sender reports whether the caller is at fault, as opposed to the server.
func (k *Kind) Sender() bool { return k.Status < 500 }

// Fault is Sender or Receiver, as the wire spells it.
func (k *Kind) Fault() string {
	if k.Sender() {
		return "Sender"
	}
	return "Receiver"
}

// Name is the shape without its namespace, such as QueueDoesNotExist.
func (k *Kind) Name() string {
	return k.Shape[strings.LastIndexByte(k.Shape, '#')+1:]
}

// New makes an error of this kind. The arguments fill the text.
func (k *Kind) New(args ...any) *Error {
	return &Error{Kind: k, args: args}
}

// Wrap makes an error of this kind with a cause that is logged and never sent.
func (k *Kind) Wrap(cause error, args ...any) *Error {
	return &Error{Kind: k, args: args, Err: cause}
}

// Error is a fault with its text. Hint is what an operator could do about it; it goes to the log, as does the cause.
type Error struct {
	Kind *Kind
	Hint string
	Err  error
	args []any
}

// Message returns the text that protocol p carries.
func (e *Error) Message(p Protocol) string {
	format := e.Kind.Format
	if p == Query && e.Kind.QueryFormat != "" {
		format = e.Kind.QueryFormat
	}
	if len(e.args) == 0 {
		return format
	}
	return fmt.Sprintf(format, e.args...)
}

func (e *Error) Error() string {
	text := e.Kind.Name() + ": " + e.Message(JSON)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, kind) work for a Kind that was wrapped by AsError, and for two errors of one kind.
func (e *Error) Is(target error) bool {
	other, ok := errors.AsType[*Error](target)
	return ok && other.Kind == e.Kind
}
