package sqs

import (
	"context"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// VisibilityChange is one entry of ChangeMessageVisibilityBatch.
type VisibilityChange struct {
	ReceiptHandle string
	Timeout       time.Duration // from now; 0 makes the message visible at once
}

// ChangeMessageVisibility makes a message that was read visible again after d from now. d is 0 to 12 hours, and no more
// than 12 hours after the read; 0 gives the message back. It fails with ErrInvalidParameterValue for a message that is
// not in flight any more, and with ErrReceiptHandleIsInvalid for what is no handle of this queue.
func (q *QueueOf[T]) ChangeMessageVisibility(ctx context.Context, receiptHandle string, d time.Duration) error {
	in := api.ChangeMessageVisibilityInput{QueueURL: q.url, ReceiptHandle: receiptHandle, VisibilityTimeout: optionalSeconds(&d)}
	_, err := call(ctx, q.conn, api.ChangeMessageVisibility, q.path, &in)
	return err
}

// ChangeMessageVisibilityBatch does so for many messages, in as many requests of up to ten as it takes. Changes that
// failed by the server's fault are sent again. The error is nil if all were made, and a *BatchError otherwise; the results
// are there in both cases, while boto's were always empty.
func (q *QueueOf[T]) ChangeMessageVisibilityBatch(ctx context.Context, changes []VisibilityChange) (*BatchResults, error) {
	b := newBatch(q.conn, len(changes))
	b.send = func(ctx context.Context, chunk []int) ([]api.BatchResultError, error) {
		in := api.ChangeMessageVisibilityBatchInput{QueueURL: q.url, Entries: pick(chunk, func(i int) api.ChangeVisibilityEntry {
			return api.ChangeVisibilityEntry{
				ID:                entryID(i),
				ReceiptHandle:     changes[i].ReceiptHandle,
				VisibilityTimeout: optionalSeconds(&changes[i].Timeout),
			}
		})}
		out, err := call(ctx, q.conn, api.ChangeMessageVisibilityBatch, q.path, &in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Successful {
			b.succeed(s.ID)
		}
		return out.Failed, nil
	}
	b.run(ctx)
	return outcome(api.ChangeMessageVisibilityBatch.Name, b.entries)
}
