package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const messageLong = `Delete messages that were received, give them back, or keep them for longer.

A HANDLE is the ReceiptHandle that "bufeo receive" printed.`

func newMessage(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "message",
		Short: "Delete, release or keep messages that were received",
		Long:  messageLong,
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMessageDelete(p), newMessageExtend(p), newMessageRelease(p))
	return cmd
}

func newMessageDelete(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete QUEUE HANDLE...",
		Short:   "Delete messages that were received",
		Example: "  bufeo message delete orders AQEBz…\n  bufeo receive orders --max 10 --output text | cut -f 3 | xargs bufeo message delete orders",
		Args:    arguments(2, -1),
	}
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		_, err = q.DeleteMessageBatch(ctx, args[1:])
		return err
	})
	return cmd
}

func newMessageRelease(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "release QUEUE HANDLE...",
		Short:   "Give messages back: others can receive them at once",
		Example: "  bufeo message release orders AQEBz…",
		Args:    arguments(2, -1),
	}
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		return c.changeVisibility(ctx, args[0], args[1:], 0)
	})
	return cmd
}

func newMessageExtend(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "extend QUEUE HANDLE...",
		Short:   "Keep messages invisible for longer",
		Example: "  bufeo message extend orders --for 5m AQEBz…",
		Args:    arguments(2, -1),
	}
	span := addSpan(cmd.Flags(), "for", "how long from now, up to 12h after they were received")
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if span.d == nil {
			return &usageError{"message extend wants to know for how long", "as in --for 5m"}
		}
		return c.changeVisibility(ctx, args[0], args[1:], *span.d)
	})
	return cmd
}

func (c *client) changeVisibility(ctx context.Context, queue string, handles []string, d time.Duration) error {
	q, err := c.queue(ctx, queue)
	if err != nil {
		return err
	}
	changes := make([]sqs.VisibilityChange, len(handles))
	for i, h := range handles {
		changes[i] = sqs.VisibilityChange{ReceiptHandle: h, Timeout: d}
	}
	_, err = q.ChangeMessageVisibilityBatch(ctx, changes)
	return err
}
