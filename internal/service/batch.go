package service

import (
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
)

// checkBatch applies the rules that all batches share, in LocalStack's order: some entries, at most ten, and in the
// order of the entries a legal id that no earlier one has. A fault fails the whole request. action is the singular
// name, such as SendMessage; id returns the id of entry i.
func checkBatch(action string, n int, id func(i int) string) error {
	if n == 0 {
		return api.EmptyBatchRequest.New(action)
	}
	if n > api.MaxBatchEntries {
		return api.TooManyEntriesInBatchRequest.New(n)
	}
	for i := range n {
		if !validName(id(i), api.MaxBatchEntryID) {
			return api.InvalidBatchEntryID.New()
		}
		for j := range i {
			if id(j) == id(i) {
				return api.BatchEntryIDsNotDistinct.New(id(i))
			}
		}
	}
	return nil
}

// entryFault shapes the fault of one entry. Code is the Query code in both protocols (recorded). What is not an
// *api.Error is no entry's fault: ok is false, and the caller fails the request with it.
func (c *Call) entryFault(id string, err error) (f api.BatchResultError, ok bool) {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return f, false
	}
	return api.BatchResultError{
		Code:        e.Kind.QueryCode,
		ID:          id,
		Message:     e.Message(c.Protocol),
		SenderFault: e.Kind.Sender(),
	}, true
}
