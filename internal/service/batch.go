package service

import (
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
)

// batchRules are those that all batches share, and what a batch has beside them.
type batchRules struct {
	action string             // the singular name, such as SendMessage
	id     func(i int) string // of entry i
	also   func(i int) error  // what else can be wrong with entry i; nil: nothing
}

// check applies the rules to n entries, in LocalStack's order: some entries, at most ten; and in the order of the entries
// a legal id, what there is else, and an id that no earlier one has. A fault fails the whole request.
func (r *batchRules) check(n int) error {
	if n == 0 {
		return api.EmptyBatchRequest.New(r.action)
	}
	if n > api.MaxBatchEntries {
		return api.TooManyEntriesInBatchRequest.New(n)
	}
	for i := range n {
		if err := r.checkEntry(i); err != nil {
			return err
		}
	}
	return nil
}

func (r *batchRules) checkEntry(i int) error {
	id := r.id(i)
	if !validName(id, api.MaxBatchEntryID) {
		return api.InvalidBatchEntryID.New()
	}
	if r.also != nil {
		if err := r.also(i); err != nil {
			return err
		}
	}
	for j := range i {
		if r.id(j) == id {
			return api.BatchEntryIDsNotDistinct.New(id)
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

// forEntries has the engine do something for the entries that are in order, all at once, and returns what became of each
// entry. plan says what is to be done for entry i, or what is wrong with it.
func forEntries[P any](n int, plan func(i int) (P, error), do func([]P) ([]error, error)) ([]error, error) {
	faults := make([]error, n)
	plans, at := make([]P, 0, n), make([]int, 0, n)
	for i := range n {
		p, err := plan(i)
		if err != nil {
			faults[i] = err
			continue
		}
		plans, at = append(plans, p), append(at, i)
	}
	if len(plans) == 0 {
		return faults, nil
	}
	results, err := do(plans)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		faults[i] = results[n]
	}
	return faults, nil
}

// sortEntries passes the ids of the entries without a fault to succeeded and returns the failures of the others, both in
// the order of the request. An error that is no entry's fault is the request's.
func (c *Call) sortEntries(faults []error, id func(i int) string, succeeded func(id string)) (failed []api.BatchResultError, err error) {
	for i, f := range faults {
		if f == nil {
			succeeded(id(i))
			continue
		}
		failure, ok := c.entryFault(id(i), f)
		if !ok {
			return nil, f
		}
		failed = append(failed, failure)
	}
	return failed, nil
}
