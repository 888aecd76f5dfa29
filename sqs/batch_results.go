package sqs

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotSent marks the entries of a batch that no request carried, because one before them failed as a whole. All other
// entries with an error may have been carried out if the error is not an *Error, or was not the first; those of messages say
// so, as ErrMayHaveBeenSent. A Sender marks so the messages that it has not sent.
var ErrNotSent = errors.New("sqs: not sent")

// errUndecided is the error of an entry that no answer has mentioned.
var errUndecided = errors.New("sqs: the server's answer does not mention this entry")

// BatchResults says what became of each entry of a batch: every entry is either in Results or in Errors, both in the
// order of the batch.
type BatchResults struct {
	Results []ResultEntry // of the entries that succeeded
	Errors  []ResultEntry // of the others; their Err is not nil
}

// ResultEntry is the outcome of one entry of a batch.
type ResultEntry struct {
	// Index is the position of the entry in the slice that made the batch. On the wire it is the entry's Id, in decimal.
	Index int
	// MessageID, MD5, MD5OfMessageAttributes and SequenceNumber are those of a message that was written.
	MessageID, MD5, MD5OfMessageAttributes, SequenceNumber string
	// Err is why the entry failed, nil if it did not: an *Error with the entry's own code and fault, or the error of the
	// request that carried it. A message with a *ChecksumError has been stored.
	Err error
}

// BatchError is the error of a batch of which some entries failed, or all. errors.Is and errors.As look at the errors of
// all entries.
type BatchError struct {
	Action  string        // as AWS names it, such as SendMessageBatch
	Entries int           // of the batch
	Errors  []ResultEntry // of the entries that failed; at least one
}

// Error returns how many entries failed, and the first one's reason.
func (e *BatchError) Error() string {
	first := e.Errors[0]
	prefix := "sqs: " + e.Action + ": "
	return fmt.Sprintf("%s%d of %d entries failed; entry %d: %s",
		prefix, len(e.Errors), e.Entries, first.Index, strings.TrimPrefix(first.Err.Error(), prefix))
}

// Unwrap returns the errors of the entries.
func (e *BatchError) Unwrap() []error {
	errs := make([]error, len(e.Errors))
	for i := range e.Errors {
		errs[i] = e.Errors[i].Err
	}
	return errs
}

// outcome sorts entries by whether they succeeded.
func outcome(action string, entries []ResultEntry) (*BatchResults, error) {
	r := &BatchResults{}
	for _, e := range entries {
		if e.Err == nil {
			r.Results = append(r.Results, e)
			continue
		}
		r.Errors = append(r.Errors, e)
	}
	if len(r.Errors) == 0 {
		return r, nil
	}
	return r, &BatchError{Action: action, Entries: len(entries), Errors: r.Errors}
}
