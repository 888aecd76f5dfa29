package sqs

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// All yields the messages of the queue until a read finds none, after its waiting time. It reads ten at a time, as the
// loop goes on. Each message is the loop's to delete; one that is not deleted is read again after its visibility, by the
// same loop if that lasts as long. Messages that were read but not reached when the loop is left are given back.
//
// An error ends the loop, but for a *ChecksumError, after which it may go on. ReadOptions.AttemptID is not used.
func (q *QueueOf[T]) All(ctx context.Context, optFns ...func(*ReadOptions)) iter.Seq2[*MessageOf[T], error] {
	optFns = append(optFns[:len(optFns):len(optFns)], withoutAttempt)
	return func(yield func(*MessageOf[T], error) bool) {
		for {
			messages, err := q.Messages(ctx, api.MaxNumberOfMessages, optFns...)
			for i, m := range messages {
				if !yield(m, nil) {
					q.giveBack(ctx, messages[i+1:])
					return
				}
			}
			if err == nil && len(messages) == 0 {
				return
			}
			if err != nil && (!yield(nil, err) || !damaged(err)) {
				return
			}
		}
	}
}

// withoutAttempt: a second read with the same id would return the messages of the first.
func withoutAttempt(o *ReadOptions) { o.AttemptID = "" }

// giveBack makes messages visible at once. If that does not work, their visibility ends by itself.
func (q *QueueOf[T]) giveBack(ctx context.Context, messages []*MessageOf[T]) {
	if len(messages) == 0 {
		return
	}
	changes := make([]VisibilityChange, len(messages))
	for i, m := range messages {
		changes[i].ReceiptHandle = m.ReceiptHandle
	}
	// The loop is often left because the context ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = q.ChangeMessageVisibilityBatch(ctx, changes)
}

func damaged(err error) bool {
	_, is := errors.AsType[*ChecksumError](err)
	return is
}

// Clear deletes the messages of the queue that can be read, one by one, and returns how many. Unlike Purge it leaves
// messages in flight and delayed ones alone, and can be repeated at any time. It stops at the first error. boto's clear
// was another name for purge.
func (q *QueueOf[T]) Clear(ctx context.Context) (int, error) {
	raw, n := As(q, RawMessage{}), 0
	for {
		messages, err := raw.Messages(ctx, api.MaxNumberOfMessages)
		results, deleteErr := raw.DeleteMessageBatch(ctx, ReceiptHandles(messages))
		n += len(results.Results)
		if err = errors.Join(err, deleteErr); err != nil || len(messages) == 0 {
			return n, err
		}
	}
}

// countVisibility is boto's vtimeout.
const countVisibility = 10 * time.Second

// CountSlow counts the messages of the queue that can be read, by reading them all, each once: boto's count_slow. It
// hides them from other readers for ten seconds, unless WithVisibility says otherwise, and raises their receive counts,
// so that a queue with a RedrivePolicy may lose them to its dead-letter queue. Count asks the server instead.
func (q *QueueOf[T]) CountSlow(ctx context.Context, optFns ...func(*ReadOptions)) (int, error) {
	seen, again := map[string]struct{}{}, 0
	optFns = append([]func(*ReadOptions){WithVisibility(countVisibility)}, optFns...)
	for m, err := range As(q, RawMessage{}).All(ctx, optFns...) {
		if err != nil {
			return len(seen), err
		}
		if _, known := seen[m.ID]; !known {
			seen[m.ID], again = struct{}{}, 0
			continue
		}
		// SQS may give one out twice. Ten in a row are visible again, and so will the others be: without an end here, a
		// queue that takes longer to read than its messages stay hidden would be read for ever.
		if again++; again == api.MaxNumberOfMessages {
			break
		}
	}
	return len(seen), nil
}
