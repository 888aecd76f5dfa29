package cli

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const queueShowLong = `Show a queue: its URL, its attributes, its numbers of messages among them, and its tags.

In text and table, a tag is a row "tag:NAME".`

const queueShowExample = `  bufeo queue show orders
  bufeo queue show http://127.0.0.1:9324/000000000000/orders --output table
  bufeo queue show arn:aws:sqs:eu-west-1:123456789012:orders --aws`

// queueShown is all about a queue.
type queueShown struct {
	queueNamed
	Attributes sqs.Attributes
	Tags       map[string]string
}

func newQueueShow(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show QUEUE",
		Short:   "Show a queue's attributes, tags and numbers of messages",
		Long:    queueShowLong,
		Example: queueShowExample,
		Args:    arguments(1, 1),
	}
	t := p.addTarget(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		shown := queueShown{queueNamed: queueNamed{q.Name(), q.URL()}}
		if shown.Attributes, err = q.Attributes(ctx); err != nil {
			return err
		}
		if shown.Tags, err = q.Tags(ctx); err != nil {
			return err
		}
		return c.print(queueShowView(&shown))
	})
	return cmd
}

func queueShowView(s *queueShown) view {
	if s.Tags == nil {
		s.Tags = map[string]string{}
	}
	v := view{
		object:  s,
		title:   s.QueueName,
		columns: []string{"Name", "Value"},
		rows:    [][]string{{"QueueUrl", s.QueueURL}},
	}
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		v.rows = append(v.rows, []string{name, s.Attributes[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		v.rows = append(v.rows, []string{"tag:" + name, s.Tags[name]})
	}
	return v
}

func number(n int) string { return strconv.Itoa(n) }
