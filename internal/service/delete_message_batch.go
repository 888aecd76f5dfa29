package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// DeleteMessageBatch deletes the messages of up to ten deliveries.
//
// Inputs: QueueUrl; Entries, 1 to 10, each with an Id and a ReceiptHandle.
//
// Order of checks: queue; the rules of all batches (see batchRules). These fail the request. Then handle present and
// handle, which fail the entry.
//
// Errors: QueueDoesNotExist, EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId,
// BatchEntryIdsNotDistinct; by entry, those of DeleteMessage.
//
// AWS quirks kept: one handle in two entries deletes once and succeeds twice.
//
// Gaps: none.
func (s *Service) DeleteMessageBatch(ctx context.Context, c *Call, in *api.DeleteMessageBatchInput) (*api.DeleteMessageBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	id := func(i int) string { return in.Entries[i].ID }
	rules := batchRules{action: api.DeleteMessage.Name, id: id}
	if err := rules.check(len(in.Entries)); err != nil {
		return nil, err
	}
	out := &api.DeleteMessageBatchOutput{}
	faults, err := deleteEntries(ctx, q, in.Entries)
	if err == nil {
		out.Failed, err = c.sortEntries(faults, id, func(id string) {
			out.Successful = append(out.Successful, api.DeleteMessageSuccess{ID: id})
		})
	}
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return out, nil
}

// deleteEntries returns what became of each entry. Those without a handle are not sent on.
func deleteEntries(ctx context.Context, q *engine.Queue, entries []api.DeleteMessageEntry) ([]error, error) {
	handle := func(i int) (string, error) { return requiredHandle(entries[i].ReceiptHandle) }
	faults, err := forEntries(len(entries), handle, func(handles []string) ([]error, error) {
		return q.DeleteMessages(ctx, handles)
	})
	for i := range faults {
		faults[i] = handleFault(faults[i], entries[i].ReceiptHandle, 0)
	}
	return faults, err
}
