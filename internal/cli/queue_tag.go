package cli

import (
	"context"

	"github.com/spf13/cobra"
)

const queueTagExample = `  bufeo queue tag orders team=shop "floor=second floor"`

func newQueueTag(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "tag QUEUE NAME=VALUE...",
		Short:   "Add tags to a queue, or change them",
		Example: queueTagExample,
		Args:    arguments(2, -1),
	}
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		tags, err := pairs("tag", args[1:])
		if err != nil {
			return err
		}
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		return q.Tag(ctx, tags)
	})
	return cmd
}

const queueUntagExample = `  bufeo queue untag orders team floor`

func newQueueUntag(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "untag QUEUE NAME...",
		Short:   "Remove tags from a queue",
		Example: queueUntagExample,
		Args:    arguments(2, -1),
	}
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		return q.Untag(ctx, args[1:]...)
	})
	return cmd
}
