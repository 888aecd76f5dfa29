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
// Order of checks: queue; the rules of all batches (see batchRules). These fail the request. Then each entry as in
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
	id := func(i int) string { return in.Entries[i].ID }
	rules := batchRules{action: api.ChangeMessageVisibility.Name, id: id}
	if err := rules.check(len(in.Entries)); err != nil {
		return nil, err
	}
	out := &api.ChangeMessageVisibilityBatchOutput{}
	faults, err := changeEntries(ctx, q, in.Entries)
	if err == nil {
		out.Failed, err = c.sortEntries(faults, id, func(id string) {
			out.Successful = append(out.Successful, api.ChangeVisibilitySuccess{ID: id})
		})
	}
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return out, nil
}

// changeEntries returns what became of each entry. Those that are not in order are not sent on.
func changeEntries(ctx context.Context, q *engine.Queue, entries []api.ChangeVisibilityEntry) ([]error, error) {
	change := func(i int) (engine.VisibilityChange, error) {
		return visibilityChange(entries[i].ReceiptHandle, entries[i].VisibilityTimeout)
	}
	faults, err := forEntries(len(entries), change, func(changes []engine.VisibilityChange) ([]error, error) {
		return q.ChangeVisibility(ctx, changes)
	})
	for i := range faults {
		faults[i] = handleFault(faults[i], entries[i].ReceiptHandle, orZero(entries[i].VisibilityTimeout))
	}
	return faults, err
}
