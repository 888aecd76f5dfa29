package sqs

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// DeleteMessage deletes a message by the receipt handle of its last delivery, which a read put into ReceiptHandle. To
// delete it again is no error. It fails with ErrReceiptHandleIsInvalid for what is no handle of this queue.
func (q *QueueOf[T]) DeleteMessage(ctx context.Context, receiptHandle string) error {
	in := api.DeleteMessageInput{QueueURL: q.url, ReceiptHandle: receiptHandle}
	_, err := call(ctx, q.conn, api.DeleteMessage, q.path, &in)
	return err
}

// DeleteMessageBatch deletes messages by their receipt handles, in as many requests of up to ten as it takes. Deletes that
// failed by the server's fault are sent again. The error is nil if all were deleted, and a *BatchError otherwise; the
// results are there in both cases.
//
//	_, err := q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(messages))
func (q *QueueOf[T]) DeleteMessageBatch(ctx context.Context, receiptHandles []string) (*BatchResults, error) {
	b := newBatch(q.conn, len(receiptHandles))
	b.send = func(ctx context.Context, chunk []int) ([]api.BatchResultError, error) {
		in := api.DeleteMessageBatchInput{QueueURL: q.url, Entries: pick(chunk, func(i int) api.DeleteMessageEntry {
			return api.DeleteMessageEntry{ID: entryID(i), ReceiptHandle: receiptHandles[i]}
		})}
		out, err := call(ctx, q.conn, api.DeleteMessageBatch, q.path, &in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Successful {
			b.succeed(s.ID)
		}
		return out.Failed, nil
	}
	b.run(ctx)
	return outcome(api.DeleteMessageBatch.Name, b.entries)
}
