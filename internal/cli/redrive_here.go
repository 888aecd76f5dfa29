package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// A message is hidden from others for lease while the queue is gone through, so that it is seen once. One that comes
// again means that this took longer, and that everything was seen.
const (
	lease = 10 * time.Minute
	// tidying is how long giving back may take after Ctrl-C.
	tidying = 30 * time.Second
)

// moving goes through a dead-letter queue.
type moving struct {
	c      *client
	flags  *redriveFlags
	from   *sqs.Queue
	to     *sqs.Queue // nil: where each message came from
	match  matcher
	byARN  map[string]*sqs.Queue
	seen   map[string]bool // by id: whether it was moved
	held   []string        // receipt handles of messages that stay
	result moved
	would  []wouldMoveOne
}

// moved is what is printed in the end.
type moved struct{ Moved, Kept, Failed int }

// wouldMoveOne is a message that --dry-run has found.
type wouldMoveOne struct {
	MessageID   string `json:"MessageId"`
	Body        string
	Destination string
}

func (f *redriveFlags) moveHere(ctx context.Context, c *client, q, to *sqs.Queue, match matcher) error {
	dry := bool(*f.dryRun)
	if !dry {
		if err := c.p.confirm(ctx, "moves "+f.describe()+destination(to)+" from", q, bool(*f.yes)); err != nil {
			return err
		}
	}
	m := &moving{c: c, flags: f, from: classed(q, f.class), match: match, byARN: map[string]*sqs.Queue{}, seen: map[string]bool{}}
	if to != nil {
		m.to = classed(to, f.class)
	}
	err := m.all(ctx)
	err = errors.Join(err, m.giveBack(ctx))
	if m.result.Failed > 0 {
		err = errors.Join(err, fmt.Errorf("messages that were not moved: %d", m.result.Failed))
	}
	if dry {
		return errors.Join(c.print(wouldView(m.would)), err)
	}
	r := m.result
	return errors.Join(c.print(view{
		object:  r,
		title:   "Redrive",
		columns: []string{"Moved", "Kept", "Failed"},
		rows:    [][]string{{number(r.Moved), number(r.Kept), number(r.Failed)}},
	}), err)
}

func wouldView(all []wouldMoveOne) view {
	v := view{
		object: map[string]any{"Messages": append([]wouldMoveOne{}, all...)},
		title:  "Would be moved", columns: []string{"MessageId", "Destination", "Body"},
	}
	for _, w := range all {
		v.rows = append(v.rows, []string{w.MessageID, w.Destination, w.Body})
	}
	return v
}

// all takes page after page until the queue has no more, or begins again.
func (m *moving) all(ctx context.Context) error {
	shown := m.c.p.progress(m.flags.progress, "going through "+m.from.Name(), waiting(ctx, m.from, 0), messages()...)
	defer shown.end()
	for ctx.Err() == nil {
		// A receive that is cut off could hide messages that nobody has seen.
		page, err := m.from.Messages(context.WithoutCancel(ctx), 10, func(o *sqs.ReadOptions) {
			o.Visibility, o.Wait = new(lease), m.flags.wait.d
			o.Attributes, o.MessageAttributes = []string{sqs.AttributeAll}, []string{sqs.AttributeAll}
		})
		if len(page) == 0 {
			return err
		}
		again, moveErr := m.page(ctx, page)
		if err = errors.Join(err, moveErr); err != nil || again {
			return err
		}
		shown.show(int64(len(m.seen)), len(m.seen))
		m.pause(ctx, len(page))
	}
	return ctx.Err()
}

// pause keeps to --rate.
func (m *moving) pause(ctx context.Context, n int) {
	if m.flags.rate == 0 || bool(*m.flags.dryRun) {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(n) * time.Second / time.Duration(m.flags.rate)):
	}
}

// parcel is a message on its way: what is sent, and the delivery that it replaces.
type parcel struct {
	id, handle string
	copied     *sqs.Message
}

// page sorts the messages of a page by where they go, and moves them there. again: some were seen before, and stay.
func (m *moving) page(ctx context.Context, page []*sqs.Message) (again bool, err error) {
	loads := map[*sqs.Queue][]parcel{}
	for _, msg := range page {
		wasMoved, seen := m.seen[msg.ID]
		m.seen[msg.ID] = wasMoved
		switch {
		case wasMoved: // and not deleted, by a fault
			err = errors.Join(err, m.from.DeleteMessage(context.WithoutCancel(ctx), msg.ReceiptHandle))
		case seen, ctx.Err() != nil:
			again = again || seen
			m.held = append(m.held, msg.ReceiptHandle)
		case !m.match(msg):
			m.result.Kept++
			m.held = append(m.held, msg.ReceiptHandle)
		default:
			m.pack(ctx, msg, loads)
		}
	}
	for to, parcels := range loads {
		err = errors.Join(err, m.move(ctx, to, parcels))
	}
	return again, err
}

// pack adds a message to the load for its queue.
func (m *moving) pack(ctx context.Context, msg *sqs.Message, loads map[*sqs.Queue][]parcel) {
	to, copied, err := m.prepare(ctx, msg)
	switch {
	case err != nil:
		m.stay(msg.ID, msg.ReceiptHandle, err)
	case bool(*m.flags.dryRun):
		m.would = append(m.would, wouldMoveOne{msg.ID, copied.Body, to.Name()})
		m.held = append(m.held, msg.ReceiptHandle)
	default:
		loads[to] = append(loads[to], parcel{msg.ID, msg.ReceiptHandle, copied})
	}
}

// prepare finds out where a message goes, and makes the one that is sent there.
func (m *moving) prepare(ctx context.Context, msg *sqs.Message) (*sqs.Queue, *sqs.Message, error) {
	to, err := m.destination(ctx, msg)
	if err != nil {
		return nil, nil, err
	}
	r := sqs.RecordOf(msg)
	copied := r.Message()
	if copied.Body = msg.Body; m.flags.edit != "" {
		if copied.Body, err = m.c.p.edit(ctx, m.flags.edit, msg.Body); err != nil {
			return nil, nil, err
		}
	}
	if isFIFO(to.Name()) {
		// The id that it had once would make it a repetition of itself. This one makes it arrive once, should the command
		// be killed and started again.
		copied.DeduplicationID = msg.ID
	} else {
		copied.DeduplicationID = ""
	}
	return to, copied, nil
}

// destination is --to, or what the service says about where the message came from.
func (m *moving) destination(ctx context.Context, msg *sqs.Message) (*sqs.Queue, error) {
	if m.to != nil {
		return m.to, nil
	}
	arn := msg.Attributes[sqs.SystemAttributeDeadLetterQueueSourceARN]
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return nil, errors.New("nobody knows which queue it came from: give --to")
	}
	if m.byARN[arn] == nil {
		q, err := m.from.Connection().Queue(ctx, parts[5], sqs.WithOwner(parts[4]))
		if err != nil {
			return nil, err
		}
		m.byARN[arn] = classed(q, m.flags.class)
	}
	return m.byARN[arn], nil
}

// move sends messages and deletes those that have arrived. Once it has begun, Ctrl-C does not stop it half way.
func (m *moving) move(ctx context.Context, to *sqs.Queue, parcels []parcel) error {
	ctx = context.WithoutCancel(ctx)
	messages := make([]*sqs.Message, len(parcels))
	for i, p := range parcels {
		messages[i] = p.copied
	}
	results, _ := to.WriteBatch(ctx, messages)
	var fatal error
	for _, e := range results.Errors {
		m.stay(parcels[e.Index].id, parcels[e.Index].handle, e.Err)
		if _, ok := errors.AsType[*sqs.Error](e.Err); !ok || errors.Is(e.Err, sqs.ErrQueueDoesNotExist) {
			fatal = e.Err // the next ones would fail as well
		}
	}
	var arrived []string
	for _, e := range results.Results {
		m.seen[parcels[e.Index].id] = true
		m.result.Moved++
		arrived = append(arrived, parcels[e.Index].handle)
	}
	if len(arrived) == 0 {
		return fatal
	}
	_, err := m.from.DeleteMessageBatch(ctx, arrived)
	return errors.Join(fatal, err)
}

// stay says why a message stays that was to be moved.
func (m *moving) stay(id, handle string, err error) {
	m.result.Failed++
	m.held = append(m.held, handle)
	fmt.Fprintf(m.c.p.Stderr, "message %s stays: %s\n", id, reason(err))
}

// giveBack makes everything visible again that stays.
func (m *moving) giveBack(ctx context.Context) error {
	if len(m.held) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidying)
	defer cancel()
	changes := make([]sqs.VisibilityChange, len(m.held))
	for i, h := range m.held {
		changes[i] = sqs.VisibilityChange{ReceiptHandle: h}
	}
	if _, err := m.from.ChangeMessageVisibilityBatch(ctx, changes); err != nil {
		return fmt.Errorf("messages that stay are hidden for up to %v: %w", lease, err)
	}
	return nil
}
