package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const receiveLong = `Receive messages: they stay in the queue, invisible to others for a while, unless --delete is given.

A message that is not deleted is received again after its visibility timeout. With --delete it is deleted after it was
printed. The ReceiptHandle is what "bufeo message delete", "release" and "extend" want.

With --follow, each message is printed as one line of JSON as it comes, until Ctrl-C or --count messages;
"bufeo send --jsonl" reads that.`

const receiveExample = `  bufeo receive orders
  bufeo receive orders --max 10 --wait 20s --delete
  bufeo receive orders --visibility 0 --max 10 --output table
  bufeo receive orders --follow --delete >> orders.jsonl
  bufeo receive orders --follow --count 100`

// receiveFlags are the flags of receive.
type receiveFlags struct {
	max, count     int
	wait           *span
	visibility     *span
	delete, follow *toggle
	class          *oneOf
}

func newReceive(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "receive QUEUE",
		Short:   "Receive messages",
		Long:    receiveLong,
		Example: receiveExample,
		Args:    arguments(1, 1),
	}
	f := &receiveFlags{}
	flags := cmd.Flags()
	flags.IntVar(&f.max, "max", 1, "receive up to `N` messages")
	f.wait = addSpan(flags, "wait", "how long to wait for a message if there is none, up to 20s (default the queue's; with --follow 20s)")
	f.visibility = addSpan(flags, "visibility", "how long the messages stay invisible, up to 12h (default the queue's)")
	f.delete = addToggle(flags, "delete", "", "delete the messages after they were printed")
	f.follow = addToggle(flags, "follow", "", "go on, and print a line of JSON for each message")
	flags.IntVar(&f.count, "count", 0, "with --follow: end after `N` messages")
	f.class = addClass(flags)
	t := p.addTarget(flags)
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if err := f.validate(); err != nil {
			return err
		}
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		if *f.follow {
			return f.goOn(ctx, c, classed(q, f.class))
		}
		return f.once(ctx, c, classed(q, f.class))
	})
	return cmd
}

func (f *receiveFlags) validate() error {
	switch {
	case f.max < 1:
		return &usageError{"--max is less than 1", "as in --max 10"}
	case f.count < 0:
		return &usageError{"--count is less than 0", "as in --count 100"}
	case f.count > 0 && !bool(*f.follow):
		return &usageError{"--count is for --follow", "--max says how many messages to receive"}
	case bool(*f.follow) && f.wait.d != nil && *f.wait.d < time.Second:
		return &usageError{"--follow has to wait for messages", "give --wait 1s at least, or leave it out for 20s"}
	}
	return nil
}

// options are how to ask: for everything that a message has.
func (f *receiveFlags) options(wait *time.Duration) func(*sqs.ReadOptions) {
	return func(o *sqs.ReadOptions) {
		o.Wait, o.Visibility = wait, f.visibility.d
		o.Attributes, o.MessageAttributes = []string{sqs.AttributeAll}, []string{sqs.AttributeAll}
	}
}

// once receives up to --max messages, in several requests if there are more than ten. Only the first one waits.
func (f *receiveFlags) once(ctx context.Context, c *client, q *sqs.Queue) error {
	var all []*sqs.Message
	wait, broken := f.wait.d, error(nil)
	for len(all) < f.max && broken == nil {
		page, err := q.Messages(ctx, min(10, f.max-len(all)), f.options(wait))
		if broken = err; len(page) == 0 {
			break
		}
		all, wait = append(all, page...), new(time.Duration)
	}
	if broken != nil && len(all) == 0 {
		return broken
	}
	c.complainOfBodies(all)
	if err := c.print(receivedView(all)); err != nil {
		return err
	}
	if err := f.settle(ctx, q, all); err != nil {
		return err
	}
	return broken
}

// goOn receives until ctx ends, which is no failure, or --count messages.
func (f *receiveFlags) goOn(ctx context.Context, c *client, q *sqs.Queue) error {
	wait := f.wait.d
	if wait == nil {
		wait = new(20 * time.Second)
	}
	for n := 0; f.count == 0 || n < f.count; {
		most := 10
		if f.count > 0 {
			most = min(10, f.count-n)
		}
		page, received := q.Messages(ctx, most, f.options(wait))
		if err := f.printLines(ctx, c, q, page); err != nil {
			return err
		}
		n += len(page)
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		if received != nil {
			return received
		}
	}
	return nil
}

// printLines prints messages and settles them.
func (f *receiveFlags) printLines(ctx context.Context, c *client, q *sqs.Queue, page []*sqs.Message) error {
	c.complainOfBodies(page)
	for _, m := range page {
		if err := c.json(receivedOf(m), ""); err != nil {
			return err
		}
	}
	return f.settle(ctx, q, page)
}

// settle deletes what was printed, if that is wanted; also when ctx has ended meanwhile.
func (f *receiveFlags) settle(ctx context.Context, q *sqs.Queue, printed []*sqs.Message) error {
	if !bool(*f.delete) || len(printed) == 0 {
		return nil
	}
	_, err := q.DeleteMessageBatch(context.WithoutCancel(ctx), sqs.ReceiptHandles(printed))
	return err
}

// complainOfBodies tells of bodies that are not of the class. They are printed as they are.
func (c *client) complainOfBodies(ms []*sqs.Message) {
	for _, m := range ms {
		if m.DecodeError != nil {
			fmt.Fprintf(c.p.Stderr, "message %s is not of the class, and shown as it is: %s\n", m.ID, reason(m.DecodeError))
		}
	}
}

// received is a message as it is printed.
type received struct {
	sqs.Record
	ReceiptHandle          string
	MD5OfBody              string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func receivedOf(m *sqs.Message) received {
	r := received{sqs.RecordOf(m), m.ReceiptHandle, m.MD5, m.MD5OfMessageAttributes}
	r.Body = m.Body
	return r
}

func receivedView(ms []*sqs.Message) view {
	all := make([]received, 0, len(ms))
	v := view{title: "Messages", columns: []string{"MessageId", "Body", "ReceiptHandle"}}
	for _, m := range ms {
		all = append(all, receivedOf(m))
		v.rows = append(v.rows, []string{m.ID, m.Body, m.ReceiptHandle})
	}
	v.object = map[string]any{"Messages": all}
	return v
}
