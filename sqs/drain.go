package sqs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DrainOptions say how Drain, and what is built on it, empties a queue. The zero value is ready to use.
type DrainOptions struct {
	// Visibility is how long a page of messages stays hidden from other readers while it is kept: up to 12 hours. Deleting
	// takes place within it, or the messages come again and are recognised. Default: 2 minutes.
	Visibility time.Duration
	// Wait is how long a queue has to be empty before it counts as empty: 0 to 20 seconds. With 0 Amazon SQS asks some of
	// its servers only, and a queue that has messages can seem empty. nil: 1 second.
	Wait *time.Duration
	// Limit ends after so many messages. Default: none.
	Limit int
	// Leave leaves the messages in the queue: they are visible again when their visibility ends.
	Leave bool
	// Known reports whether a message was kept earlier, by its id. One that was is deleted and not kept again. Default: none
	// was.
	Known func(messageID string) bool
	// Progress is called after each page, from the goroutine of the call.
	Progress func(DrainResult)
	// received is called with each page before anything is done with it.
	received func([]pageEntry) error
}

// DrainResult says how far a call has come.
type DrainResult struct {
	Messages int   // that were kept
	Bytes    int64 // of their bodies as the queue has them
	Repeated int   // that came again after they had been kept, and were not kept again
}

const (
	drainVisibility = 2 * time.Minute
	drainWait       = time.Second
	// lastRequest is how long a request may go on that was begun before the context of the call ended.
	lastRequest = 30 * time.Second
	// maxRecent bounds the message ids that Drain remembers, at some 60 bytes each.
	maxRecent = 200_000
)

// ErrNotDeleted marks the error of a Drain that has kept messages and could not delete them. They will be received again.
var ErrNotDeleted = errors.New("sqs: kept and not deleted")

// Drain receives messages until the queue has none, page by page of up to ten, with all of their attributes. It calls keep
// with each page, and deletes the page when keep has returned nil. So a message is deleted only after it is kept; if the
// program ends between the two, the message comes again, and Known tells.
//
// A FIFO queue does not give messages while others before them in their groups are in flight. If it gives nothing and has
// messages, Drain waits for them, for as long as Visibility, and then fails.
//
// Messages that come twice within one call are kept once, as far as the 200,000 latest go. When ctx ends, the page that
// was kept last is deleted all the same, within 30 seconds.
//
// The error is that of a request, or of keep; ErrNotDeleted if messages were kept and their deletes failed; a
// *ChecksumError (or several, joined) if messages arrived damaged, which stay in the queue while the others are kept.
func (q *QueueOf[T]) Drain(ctx context.Context, keep func(context.Context, []*MessageOf[T]) error,
	optFns ...func(*DrainOptions)) (DrainResult, error) {
	var o DrainOptions
	for _, fn := range optFns {
		fn(&o)
	}
	d := &drain[T]{q: q, o: o, keep: keep, seen: recent{known: map[string]bool{}}, undeleted: map[string]error{}}
	err := d.run(ctx)
	return d.result, err
}

type drain[T any] struct {
	q         *QueueOf[T]
	o         DrainOptions
	keep      func(context.Context, []*MessageOf[T]) error
	result    DrainResult
	seen      recent
	undeleted map[string]error // by message id: kept, and why not deleted
	waiting   time.Time        // since when a FIFO queue gives nothing although it has messages; zero: it does not
	damaged   []error
}

func (d *drain[T]) run(ctx context.Context) error {
	for {
		n := 10
		if d.o.Limit > 0 {
			n = min(n, d.o.Limit-d.result.Messages)
		}
		if n == 0 {
			return d.end()
		}
		messages, err := d.receive(ctx, n)
		if err != nil {
			return err
		}
		if len(messages) == 0 {
			if on, err := d.blocked(ctx); on {
				continue
			} else if err != nil {
				return err
			}
			return d.end()
		}
		d.waiting = time.Time{}
		if err := d.page(ctx, messages); err != nil {
			return err
		}
		if d.o.Progress != nil {
			d.o.Progress(d.result)
		}
	}
}

// receive reads a page that is not empty because of damage.
func (d *drain[T]) receive(ctx context.Context, n int) ([]*MessageOf[T], error) {
	wait := drainWait
	if d.o.Wait != nil {
		wait = *d.o.Wait
	}
	if !d.waiting.IsZero() {
		wait = max(wait, drainWait)
	}
	for {
		messages, err := d.q.Messages(ctx, n, WithVisibility(d.visibility()), WithWait(wait), WithAttributes(), WithMessageAttributes())
		if _, damaged := errors.AsType[*ChecksumError](err); damaged {
			d.damaged = append(d.damaged, err)
			if len(messages) == 0 {
				continue
			}
			err = nil
		}
		return messages, err
	}
}

func (d *drain[T]) visibility() time.Duration {
	if d.o.Visibility == 0 {
		return drainVisibility
	}
	return d.o.Visibility
}

// blocked reports whether a FIFO queue that gives nothing has messages nevertheless, and it makes sense to wait for them:
// they stand behind others of their groups that are in flight, such as those that a killed call had received. It is an
// error when it takes longer than such a call would hold them.
func (d *drain[T]) blocked(ctx context.Context) (bool, error) {
	if d.o.Leave || !strings.HasSuffix(d.q.Name(), ".fifo") {
		return false, nil
	}
	n, err := d.q.Attribute(ctx, AttributeMessages)
	if err != nil || n == "" || n == "0" { // who must not ask does not learn it
		return false, ctx.Err()
	}
	if d.waiting.IsZero() {
		d.waiting = time.Now()
	}
	if time.Since(d.waiting) <= d.visibility() {
		return true, nil
	}
	return false, fmt.Errorf("sqs: %s messages cannot be received, because others before them in their groups are in flight", n)
}

// page keeps the messages that are new, and deletes all of them.
func (d *drain[T]) page(ctx context.Context, messages []*MessageOf[T]) error {
	if err := d.note(messages); err != nil {
		return err
	}
	fresh := make([]*MessageOf[T], 0, len(messages))
	for _, m := range messages {
		if d.seen.has(m.ID) || d.o.Known != nil && d.o.Known(m.ID) {
			d.result.Repeated++
			continue
		}
		fresh = append(fresh, m)
	}
	if len(fresh) > 0 {
		if err := d.keep(ctx, fresh); err != nil {
			return err
		}
	}
	for _, m := range fresh {
		d.seen.add(m.ID)
		d.result.Messages++
		d.result.Bytes += int64(len(m.stored))
	}
	if d.o.Leave {
		if len(fresh) == 0 {
			return errWentRound
		}
		return nil
	}
	return d.delete(ctx, messages)
}

func (d *drain[T]) note(messages []*MessageOf[T]) error {
	if d.o.received == nil {
		return nil
	}
	page := make([]pageEntry, len(messages))
	for i, m := range messages {
		page[i] = pageEntry{m.ID, m.ReceiptHandle}
	}
	return d.o.received(page)
}

// errWentRound ends a run that leaves messages where they are, once it meets its own again.
var errWentRound = errors.New("sqs: all messages that come have been read already: their visibility is over")

func (d *drain[T]) delete(ctx context.Context, messages []*MessageOf[T]) error {
	ctx, cancel := lasting(ctx)
	defer cancel()
	results, err := d.q.DeleteMessageBatch(ctx, ReceiptHandles(messages))
	for _, r := range results.Results {
		delete(d.undeleted, messages[r.Index].ID)
	}
	for _, r := range results.Errors {
		d.undeleted[messages[r.Index].ID] = r.Err
	}
	if len(results.Results) == 0 { // nothing gets through
		return fmt.Errorf("%w: %w", ErrNotDeleted, err)
	}
	return nil
}

// lasting returns a context that goes on for a while after ctx has ended.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(lastRequest, cancel)
	})
	return longer, func() { stop(); cancel() }
}

// end is the result of a queue that is empty.
func (d *drain[T]) end() error {
	for _, err := range d.undeleted {
		return fmt.Errorf("%w: %d messages, one of them because of: %w", ErrNotDeleted, len(d.undeleted), err)
	}
	return errors.Join(d.damaged...)
}

// recent remembers the ids of the latest messages.
type recent struct {
	known map[string]bool
	order []string // a ring once it is full
	next  int
}

func (r *recent) has(id string) bool { return r.known[id] }

func (r *recent) add(id string) {
	if r.known[id] {
		return
	}
	r.known[id] = true
	if len(r.order) < maxRecent {
		r.order = append(r.order, id)
		return
	}
	delete(r.known, r.order[r.next])
	r.order[r.next] = id
	r.next = (r.next + 1) % maxRecent
}
