package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// lastRequest is how long requests may go on that were begun before Ctrl-C.
const lastRequest = 30 * time.Second

// copying is a copy that is under way.
type copying struct {
	*copyFlags
	src, dst *sqs.Queue
	explain  func(error) error // of the target's service
	state    *copyState
	pace     pace
	shown    func()
	result   copied
	damaged  []error
	waiting  time.Time // since when a FIFO queue gives nothing although it has messages; zero: it does not
}

// run receives, sends and deletes, page by page, until the source is empty.
func (j *copying) run(ctx context.Context) error {
	if err := j.takeUp(ctx); err != nil {
		return err
	}
	seen := recentIDs{unbounded: bool(*j.keep)}
	for {
		n := 10
		if j.limit > 0 {
			n = min(n, j.limit-j.result.Messages)
		}
		if n == 0 {
			return j.end()
		}
		page, err := j.receive(ctx, n)
		switch {
		case err != nil:
			return j.ended(ctx, err)
		case len(page) == 0 && bool(*j.follow):
			continue
		case len(page) == 0:
			if on, err := j.blocked(ctx); on {
				continue
			} else if err != nil {
				return err
			}
			return j.end()
		}
		j.waiting = time.Time{}
		round := bool(*j.keep)
		for _, m := range page {
			round = round && seen.has(m.ID)
			seen.add(m.ID)
		}
		if round {
			return errors.New("all messages that come have been copied already: their visibility is over; --visibility makes it longer")
		}
		err = j.page(ctx, page)
		j.shown()
		if err != nil {
			if err == ctx.Err() { // and nothing else is wrong
				return j.ended(ctx, err)
			}
			return err
		}
	}
}

// ended is the result of a copy that an error has ended: none after Ctrl-C with --follow, which has no other end.
func (j *copying) ended(ctx context.Context, err error) error {
	if bool(*j.follow) && ctx.Err() != nil {
		return nil //nolint:nilerr // see above
	}
	return err
}

// takeUp finishes the page in whose middle an earlier call ended.
func (j *copying) takeUp(ctx context.Context) error {
	sent, unsent := j.state.interrupted()
	if !bool(*j.keep) {
		handles, ids := handlesOf(sent)
		_, err := j.src.DeleteMessageBatch(ctx, handles)
		if err := unlessRefused(err); err != nil {
			return err
		}
		// What was refused is not in flight any more: if it is still there, it comes and is recognised.
		if err := j.state.deleted(ids); err != nil {
			return err
		}
	}
	return unlessRefused(giveBack(ctx, j.src, unsent))
}

func (j *copying) receive(ctx context.Context, n int) ([]*sqs.Message, error) {
	wait := time.Second
	if *j.follow {
		wait = 20 * time.Second
	}
	if j.wait.d != nil {
		wait = *j.wait.d
	}
	if !j.waiting.IsZero() {
		wait = max(wait, time.Second)
	}
	for {
		page, err := j.src.Messages(ctx, n, sqs.WithVisibility(j.invisible()), sqs.WithWait(wait), sqs.WithAttributes(), sqs.WithMessageAttributes())
		if _, damaged := errors.AsType[*sqs.ChecksumError](err); damaged {
			j.damaged = append(j.damaged, err)
			if err = nil; len(page) == 0 {
				continue
			}
		}
		return page, err
	}
}

// blocked reports whether it makes sense to wait for messages of a FIFO queue that gives nothing, as the library's Drain
// does: an earlier call that was killed may have others of their groups in flight.
func (j *copying) blocked(ctx context.Context) (bool, error) {
	if bool(*j.keep) || !strings.HasSuffix(j.src.Name(), ".fifo") {
		return false, nil
	}
	n, err := j.src.Attribute(ctx, sqs.AttributeMessages)
	if err != nil || n == "0" { // who must not ask does not learn it
		return false, ctx.Err()
	}
	if j.waiting.IsZero() {
		j.waiting = time.Now()
	}
	if time.Since(j.waiting) <= j.invisible() {
		return true, nil
	}
	return false, fmt.Errorf("%s messages cannot be received, because others before them in their groups are in flight", n)
}

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
		_, answered := errors.AsType[*sqs.Error](r.Err)
		if answered || errors.Is(r.Err, sqs.ErrNotSent) {
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

// end is the result of a source that is empty.
func (j *copying) end() error {
	if n := j.state.undeleted(); n > 0 && !bool(*j.keep) {
		return &serviceError{
			fmt.Errorf("%d messages were sent and could not be deleted: they come again", n),
			"run the same command when they are visible again; with --state it knows them",
		}
	}
	return errors.Join(append(j.damaged, j.state.remove())...)
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

// finishing returns a context that goes on for a while after ctx has ended.
func finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastRequest, cancel) })
	return longer, func() { stop(); cancel() }
}
