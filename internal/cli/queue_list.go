package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const queueListExample = `  bufeo queue list
  bufeo queue list orders
  bufeo queue list --counts --output table
  bufeo queue list --aws --region eu-west-1 --output text`

// queueListed is a queue in the list. The counts are there with --counts.
type queueListed struct {
	queueNamed
	Messages           *int `json:"ApproximateNumberOfMessages,omitempty"`
	MessagesNotVisible *int `json:"ApproximateNumberOfMessagesNotVisible,omitempty"`
	MessagesDelayed    *int `json:"ApproximateNumberOfMessagesDelayed,omitempty"`
}

func newQueueList(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list [PREFIX]",
		Short:   "List the queues, or those whose names start with PREFIX",
		Example: queueListExample,
		Args:    arguments(0, 1),
	}
	counts := addToggle(cmd.Flags(), "counts", "", "with their numbers of messages, one request for each queue")
	t := p.addTarget(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		conn, err := c.connection()
		if err != nil {
			return err
		}
		all, err := conn.AllQueues(ctx, firstOf(args...))
		if err != nil {
			return err
		}
		listed := make([]queueListed, 0, len(all))
		for _, q := range all {
			l := queueListed{queueNamed: queueNamed{q.Name(), q.URL()}}
			if *counts {
				if err := l.count(ctx, q); errors.Is(err, sqs.ErrQueueDoesNotExist) {
					continue // deleted since
				} else if err != nil {
					return err
				}
			}
			listed = append(listed, l)
		}
		return c.print(queueListView(listed, bool(*counts)))
	})
	return cmd
}

// count fills in what the service says of the queue's messages.
func (l *queueListed) count(ctx context.Context, q *sqs.Queue) error {
	as, err := q.Attributes(ctx, sqs.AttributeMessages, sqs.AttributeMessagesNotVisible, sqs.AttributeMessagesDelayed)
	if err != nil {
		return err
	}
	for name, to := range map[string]**int{
		sqs.AttributeMessages: &l.Messages, sqs.AttributeMessagesNotVisible: &l.MessagesNotVisible, sqs.AttributeMessagesDelayed: &l.MessagesDelayed,
	} {
		n, err := as.Int(name)
		if err != nil {
			return err
		}
		*to = &n
	}
	return nil
}

func queueListView(listed []queueListed, counts bool) view {
	v := view{
		object:  map[string]any{"Queues": listed},
		title:   "Queues",
		columns: []string{"QueueName", "QueueUrl"},
	}
	if counts {
		v.columns = append(v.columns, "Messages", "NotVisible", "Delayed")
	}
	for _, l := range listed {
		row := []string{l.QueueName, l.QueueURL}
		if counts {
			row = append(row, number(*l.Messages), number(*l.MessagesNotVisible), number(*l.MessagesDelayed))
		}
		v.rows = append(v.rows, row)
	}
	return v
}
