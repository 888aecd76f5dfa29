package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// page sends what was not sent before, and deletes from the source what the target has. What it could not send it gives
// back.
func (j *copying) page(ctx context.Context, page []*sqs.Message) error {
	if err := j.state.received(page); err != nil {
		return err
	}
	var has, fresh []*sqs.Message
	for _, m := range page {
		if j.state.sent.has(m.ID) {
			j.result.Repeated++
			has = append(has, m)
			continue
		}
		fresh = append(fresh, m)
	}
	var failed error
	for len(fresh) > 0 && failed == nil {
		n := min(len(fresh), j.pace.chunk())
		if failed = j.pace.wait(ctx, n); failed != nil {
			break
		}
		var sent []*sqs.Message
		sent, failed = j.send(ctx, fresh[:n])
		has = append(has, sent...)
		fresh = without(fresh, sent)
	}
	if err := j.delete(ctx, entriesOf(has)); err != nil {
		return errors.Join(fmt.Errorf("sent and not deleted: %w", err), failed)
	}
	if len(fresh) > 0 {
		_ = giveBack(ctx, j.src, entriesOf(fresh)) // they come back by themselves, only later
	}
	return failed
}

// send sends messages in one request, if they fit, and returns those that the target has answered for.
func (j *copying) send(ctx context.Context, ms []*sqs.Message) (sent []*sqs.Message, err error) {
	ctx, cancel := finishing(ctx)
	defer cancel()
	out := make([]*sqs.Message, len(ms))
	for i, m := range ms {
		if out[i], err = j.translate(m); err != nil {
			return nil, err
		}
	}
	if err := j.state.sending(ms); err != nil {
		return nil, err
	}
	results, err := j.dst.WriteBatch(ctx, out)
	for _, r := range results.Results {
		m := ms[r.Index]
		sent = append(sent, m)
		j.result.Messages++
		j.result.Bytes += int64(len(m.Body))
	}
	var refused []*sqs.Message
	for _, r := range results.Errors {
		if !errors.Is(r.Err, sqs.ErrMayHaveBeenSent) {
			refused = append(refused, ms[r.Index])
		}
	}
	if noted := j.state.answered(sent, refused); noted != nil {
		return sent, noted
	}
	return sent, j.explain(err)
}

// translate makes the message that is sent of one that was received.
func (j *copying) translate(m *sqs.Message) (*sqs.Message, error) {
	out := &sqs.Message{Body: m.Body, MessageAttributes: m.MessageAttributes, GroupID: m.GroupID, TraceHeader: m.TraceHeader}
	if !strings.HasSuffix(j.dst.Name(), ".fifo") {
		out.Delay = new(time.Duration) // it has waited already
		return out, nil
	}
	if out.GroupID == "" {
		out.GroupID = j.group
	}
	if out.GroupID == "" {
		return nil, &serviceError{fmt.Errorf("message %s has no group, which a FIFO queue wants", m.ID), "--group gives one to all that have none"}
	}
	if out.DeduplicationID = m.ID; bool(*j.keepDedup) && m.DeduplicationID != "" {
		out.DeduplicationID = m.DeduplicationID
	}
	return out, nil
}

// delete deletes from the source what the target has. If only some of it cannot be deleted, it comes again and is
// recognised.
func (j *copying) delete(ctx context.Context, page []pageEntry) error {
	if bool(*j.keep) || len(page) == 0 {
		return nil
	}
	ctx, cancel := finishing(ctx)
	defer cancel()
	handles, all := handlesOf(page)
	results, err := j.src.DeleteMessageBatch(ctx, handles)
	var ids []string
	for _, r := range results.Results {
		ids = append(ids, all[r.Index])
	}
	if noted := j.state.deleted(ids); noted != nil {
		return noted
	}
	if len(ids) == 0 {
		return err
	}
	return nil
}

func giveBack(ctx context.Context, q *sqs.Queue, page []pageEntry) error {
	if len(page) == 0 {
		return nil
	}
	ctx, cancel := finishing(ctx)
	defer cancel()
	changes := make([]sqs.VisibilityChange, len(page))
	for i, e := range page {
		changes[i].ReceiptHandle = e.Handle
	}
	_, err := q.ChangeMessageVisibilityBatch(ctx, changes)
	return err
}

// unlessRefused is the error of a batch, but for entries that the service has refused: handles of an earlier call may be
// too old.
func unlessRefused(err error) error {
	batch, ok := errors.AsType[*sqs.BatchError](err)
	if !ok {
		return err
	}
	for _, e := range batch.Errors {
		if _, refused := errors.AsType[*sqs.Error](e.Err); !refused || errors.Is(e.Err, sqs.ErrNotSent) {
			return err
		}
	}
	return nil
}

// without returns the messages that are not among others.
func without(ms, others []*sqs.Message) (rest []*sqs.Message) {
	gone := map[*sqs.Message]bool{}
	for _, m := range others {
		gone[m] = true
	}
	for _, m := range ms {
		if !gone[m] {
			rest = append(rest, m)
		}
	}
	return rest
}

// lastRequest is how long requests may go on that were begun before Ctrl-C.
const lastRequest = 30 * time.Second

// finishing returns a context that goes on for a while after ctx has ended.
func finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastRequest, cancel) })
	return longer, func() { stop(); cancel() }
}
