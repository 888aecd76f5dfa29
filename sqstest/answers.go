package sqstest

import (
	"context"
	"slices"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// reversible returns how many things an answer lists, and what reverses their order.
func reversible(out any) (n int, reverse func()) {
	switch out := out.(type) {
	case *api.ReceiveMessageOutput:
		return len(out.Messages), func() { slices.Reverse(out.Messages) }
	case *api.SendMessageBatchOutput:
		return results(out.Successful, out.Failed)
	case *api.DeleteMessageBatchOutput:
		return results(out.Successful, out.Failed)
	case *api.ChangeMessageVisibilityBatchOutput:
		return results(out.Successful, out.Failed)
	}
	return 0, nil
}

func results[T any](successful []T, failed []api.BatchResultError) (n int, reverse func()) {
	return max(len(successful), len(failed)), func() {
		slices.Reverse(successful)
		slices.Reverse(failed)
	}
}

// changes reports whether the rule has something to change in an answer.
func (r *Rule) changes(out any) bool {
	if received, ok := out.(*api.ReceiveMessageOutput); ok && r.Duplicate && len(received.Messages) > 0 {
		return true
	}
	n, _ := reversible(out)
	return r.Reorder && n > 1
}

// change does what the rule, which may be nil, wants done to an answer of the queue k.
func (f *faults) change(r *Rule, k engine.Key, out any) {
	if r == nil {
		return
	}
	if received, ok := out.(*api.ReceiveMessageOutput); ok && r.Duplicate {
		f.reveal(k, received.Messages)
	}
	if _, reverse := reversible(out); r.Reorder && reverse != nil {
		reverse()
	}
}

// reveal makes messages visible again that were received just now. Its errors have the same cause as a message that is
// delivered once only: the queue was deleted or purged meanwhile.
func (f *faults) reveal(k engine.Key, received []api.Message) {
	q, err := f.srv.seam.Engine.Queue(k)
	if err != nil {
		return
	}
	now := make([]engine.VisibilityChange, len(received))
	for i, m := range received {
		now[i].Handle = m.ReceiptHandle
	}
	_, _ = q.ChangeVisibility(context.Background(), now)
}
