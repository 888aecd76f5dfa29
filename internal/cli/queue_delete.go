package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const queueDeleteLong = `Delete a queue, with all its messages.

The name can be used again 60 seconds later.`

const queueDeleteExample = `  bufeo queue delete orders
  bufeo queue delete orders --yes`

func newQueueDelete(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete QUEUE",
		Short:   "Delete a queue with all its messages",
		Long:    queueDeleteLong,
		Example: queueDeleteExample,
		Args:    arguments(1, 1),
	}
	cmd.RunE = p.destroying(cmd, "deletes, with all its messages,", func(ctx context.Context, q *sqs.Queue) error { return q.Delete(ctx) })
	return cmd
}

const queuePurgeLong = `Delete all messages of a queue, those in flight and delayed ones included. The queue stays.

SQS allows it once in 60 seconds.`

const queuePurgeExample = `  bufeo queue purge orders
  bufeo queue purge orders --yes`

func newQueuePurge(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "purge QUEUE",
		Short:   "Delete all messages of a queue",
		Long:    queuePurgeLong,
		Example: queuePurgeExample,
		Args:    arguments(1, 1),
	}
	cmd.RunE = p.destroying(cmd, "deletes all messages of", func(ctx context.Context, q *sqs.Queue) error { return q.Purge(ctx) })
	return cmd
}

// destroying is the body of a command that does one thing to a queue, after a question.
func (p *Process) destroying(cmd *cobra.Command, what string, do func(context.Context, *sqs.Queue) error) func(*cobra.Command, []string) error {
	yes := addYes(cmd.Flags())
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	return t.run(func(ctx context.Context, c *client, args []string) error {
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, what, q, bool(*yes)); err != nil {
			return err
		}
		return do(ctx, q)
	})
}
