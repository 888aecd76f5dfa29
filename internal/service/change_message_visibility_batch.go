package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// ChangeMessageVisibilityBatch changes up to ten deliveries.
//
// Inputs: QueueUrl; Entries, 1 to 10, each with an Id, a ReceiptHandle and a VisibilityTimeout.
//
// Order of checks: queue; the rules of all batches (see checkBatch). These fail the request. Then each entry as in
// ChangeMessageVisibility, which fails the entry.
//
// Errors: QueueDoesNotExist, EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId,
// BatchEntryIdsNotDistinct; by entry, those of ChangeMessageVisibility.
//
// Gaps: none. AWS's model calls the timeout of an entry optional without a word on what its absence means; here it
// fails the entry, as in ChangeMessageVisibility.
func (s *Service) ChangeMessageVisibilityBatch(ctx context.Context, c *Call, in *api.ChangeMessageVisibilityBatchInput) (*api.ChangeMessageVisibilityBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	err = checkBatch(api.ChangeMessageVisibility.Name, len(in.Entries), func(i int) string { return in.Entries[i].ID })
	if err != nil {
		return nil, err
	}
	faults, err := changeEntries(ctx, q, in.Entries)
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	out := &api.ChangeMessageVisibilityBatchOutput{}
	for i, e := range in.Entries {
		if faults[i] == nil {
			out.Successful = append(out.Successful, api.ChangeVisibilitySuccess{ID: e.ID})
			continue
		}
		failed, ok := c.entryFault(e.ID, faults[i])
		if !ok {
			return nil, fault(faults[i], q.Info().Name)
		}
		out.Failed = append(out.Failed, failed)
	}
	return out, nil
}

// changeEntries returns what became of each entry. Those that are not in order are not sent on.
func changeEntries(ctx context.Context, q *engine.Queue, entries []api.ChangeVisibilityEntry) ([]error, error) {
	faults := make([]error, len(entries))
	changes, at := make([]engine.VisibilityChange, 0, len(entries)), make([]int, 0, len(entries))
	for i, e := range entries {
		change, err := visibilityChange(e.ReceiptHandle, e.VisibilityTimeout)
		if err != nil {
			faults[i] = err
			continue
		}
		changes, at = append(changes, change), append(at, i)
	}
	if len(changes) == 0 {
		return faults, nil
	}
	results, err := q.ChangeVisibility(ctx, changes)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		faults[i] = handleFault(results[n], changes[n].Handle, *entries[i].VisibilityTimeout)
	}
	return faults, nil
}
