package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// SendMessageBatch stores up to ten messages. Those that are in order are stored together, whatever becomes of the
// others.
//
// Inputs: QueueUrl; Entries, 1 to 10, each with an Id and the inputs of SendMessage.
//
// Order of checks: queue; the rules of all batches (see batchRules), on a FIFO queue with deduplication id and group of
// each entry among them; the sum of the sizes, against 1 MiB whatever the queue's maximum is. These fail the request.
// Then each entry as in maker.make, which fails the entry.
//
// Errors: QueueDoesNotExist, EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId,
// BatchEntryIdsNotDistinct, BatchRequestTooLong; InvalidParameterValue for a missing group (recorded: SendMessage says
// MissingParameter) or deduplication id; by entry, those of SendMessage; ServiceUnavailable for all entries at once.
//
// AWS quirks kept: HTTP status 200 when every entry failed. An entry above the queue's maximum "cannot be validated",
// where SendMessage calls it "invalid" (recorded).
//
// Gaps: those of SendMessage. Whether AWS fails an entry or the request for a missing body is not recorded: here it is
// the entry.
func (s *Service) SendMessageBatch(ctx context.Context, c *Call, in *api.SendMessageBatchInput) (*api.SendMessageBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	info := q.Info()
	mk := newMaker(c, info, api.SendMessageBatch.Name, api.BatchMessageTooLong)
	rules := batchRules{
		action: api.SendMessage.Name,
		id:     func(i int) string { return in.Entries[i].ID },
		also:   func(i int) error { return mk.checkFIFOEntry(&in.Entries[i]) },
	}
	if err := rules.check(len(in.Entries)); err != nil {
		return nil, err
	}
	if err := checkBatchSize(in.Entries); err != nil {
		return nil, err
	}
	messages, out, err := mk.makeAll(in.Entries)
	if err != nil || len(messages) == 0 {
		return out, err
	}
	sent, err := q.SendNoting(ctx, messages, c.appended)
	if err != nil {
		return nil, fault(err, info.Name)
	}
	for i := range out.Successful {
		r := &out.Successful[i]
		r.MessageID, r.MD5OfMessageBody, r.SequenceNumber = sent[i].ID, sent[i].BodyMD5, sent[i].SequenceNumber
	}
	return out, nil
}

// makeAll makes the messages of a batch, and the answer as far as it is known before they are stored.
func (mk *maker) makeAll(entries []api.SendMessageEntry) ([]engine.NewMessage, *api.SendMessageBatchOutput, error) {
	out := &api.SendMessageBatchOutput{Successful: make([]api.SendMessageSuccess, 0, len(entries))}
	messages := make([]engine.NewMessage, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		m, err := mk.make(e)
		if err == nil {
			messages = append(messages, m)
			out.Successful = append(out.Successful, sendSuccess(e))
			continue
		}
		failed, ok := mk.call.entryFault(e.ID, err)
		if !ok {
			return nil, nil, err
		}
		out.Failed = append(out.Failed, failed)
	}
	return messages, out, nil
}

func checkBatchSize(entries []api.SendMessageEntry) error {
	total := 0
	for i := range entries {
		total += messageSize(&entries[i])
	}
	if total > api.MaxBatchBytes {
		return api.BatchRequestTooLong.New(total)
	}
	return nil
}

// sendSuccess is what is known of an entry before it is stored. The attributes are in canonical form by now.
func sendSuccess(e *api.SendMessageEntry) api.SendMessageSuccess {
	return api.SendMessageSuccess{
		ID:                           e.ID,
		MD5OfMessageAttributes:       attributesMD5(e.MessageAttributes),
		MD5OfMessageSystemAttributes: attributesMD5(e.MessageSystemAttributes),
	}
}
