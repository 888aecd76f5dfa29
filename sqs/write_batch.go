package sqs

import (
	"context"
	"fmt"

	"github.com/bufeomq/bufeo/internal/api"
)

// WriteBatch sends messages, in as many requests of up to ten messages and 1 MiB as it takes, and sets on each what Write
// sets. Bodies are encoded by the queue's codec; boto's write_batch did not encode, so that what it wrote read back
// garbled. No messages, no request.
//
// Messages that the server failed to store by its own fault are sent again. On a FIFO queue a message that is sent again
// follows those of its request that were stored before it. The error is nil if all messages were stored, and a *BatchError
// otherwise; the results are there in both cases. An entry's error is ErrMayHaveBeenSent if its message may be stored
// nevertheless: a request that carried it was lost on its way or on the way back. All others were not stored, but for those
// with a *ChecksumError.
func (q *QueueOf[T]) WriteBatch(ctx context.Context, messages []*MessageOf[T]) (*BatchResults, error) {
	b := newBatch(q.conn, len(messages))
	encoded := make([]*api.SendMessageEntry, len(messages))
	for i, m := range messages {
		e, err := q.encode(m)
		if err != nil {
			b.entries[i].Err = err
			continue
		}
		e.ID = entryID(i)
		encoded[i] = e
	}
	lost := make([]bool, len(messages)) // whether a request may have been carried out without our seeing its answer
	b.size = func(i int) int { return entrySize(encoded[i]) }
	b.send = func(ctx context.Context, chunk []int) ([]api.BatchResultError, error) {
		in := api.SendMessageBatchInput{QueueURL: q.url, Entries: pick(chunk, func(i int) api.SendMessageEntry { return *encoded[i] })}
		out, err := callWatched(ctx, q.conn, api.SendMessageBatch, q.path, &in, func(err error) {
			for _, i := range chunk {
				lost[i] = lost[i] || mayHaveArrived(err)
			}
		})
		if err != nil {
			return nil, err
		}
		for i := range out.Successful {
			s := &out.Successful[i]
			if e := b.entry(s.ID); e != nil {
				e.written(s, q.written(messages[e.Index], encoded[e.Index], s))
			}
		}
		return out.Failed, nil
	}
	b.run(ctx)
	for i := range b.entries {
		if e := &b.entries[i]; e.Err == errUndecided || e.Err != nil && e.MessageID == "" && lost[i] {
			e.Err = fmt.Errorf("%w: %w", ErrMayHaveBeenSent, e.Err)
		}
	}
	return outcome(api.SendMessageBatch.Name, b.entries)
}

// written records a message that was stored, and what is wrong with it nevertheless.
func (e *ResultEntry) written(s *api.SendMessageSuccess, err error) {
	e.MessageID = s.MessageID
	e.MD5 = s.MD5OfMessageBody
	e.MD5OfMessageAttributes = s.MD5OfMessageAttributes
	e.SequenceNumber = s.SequenceNumber
	e.Err = err
}

// entrySize is what a message counts towards the 1 MiB of a batch: its encoded body, and of each attribute name, type and
// value. System attributes do not count.
func entrySize(e *api.SendMessageEntry) int {
	size := len(e.MessageBody)
	for i := range e.MessageAttributes {
		a := &e.MessageAttributes[i]
		size += len(a.Name) + len(a.Value.DataType) + len(a.Value.StringValue) + len(a.Value.BinaryValue)
	}
	return size
}

// pick makes the wire entries of a chunk.
func pick[E any](chunk []int, entry func(i int) E) []E {
	entries := make([]E, len(chunk))
	for k, i := range chunk {
		entries[k] = entry(i)
	}
	return entries
}
