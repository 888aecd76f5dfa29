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
// Order of checks: queue; the rules of all batches (see checkBatch). These fail the request. Then handle present and
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
	err = checkBatch(api.DeleteMessage.Name, len(in.Entries), func(i int) string { return in.Entries[i].ID })
	if err != nil {
		return nil, err
	}
	faults, err := deleteEntries(ctx, q, in.Entries)
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	out := &api.DeleteMessageBatchOutput{}
	for i, e := range in.Entries {
		if faults[i] == nil {
			out.Successful = append(out.Successful, api.DeleteMessageSuccess{ID: e.ID})
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

// deleteEntries returns what became of each entry. Those without a handle are not sent on.
func deleteEntries(ctx context.Context, q *engine.Queue, entries []api.DeleteMessageEntry) ([]error, error) {
	faults := make([]error, len(entries))
	handles, at := make([]string, 0, len(entries)), make([]int, 0, len(entries))
	for i, e := range entries {
		if e.ReceiptHandle == "" {
			faults[i] = api.MissingParameter.New("ReceiptHandle")
			continue
		}
		handles, at = append(handles, e.ReceiptHandle), append(at, i)
	}
	if len(handles) == 0 {
		return faults, nil
	}
	results, err := q.DeleteMessages(ctx, handles)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		faults[i] = handleFault(results[n], handles[n], 0)
	}
	return faults, nil
}
