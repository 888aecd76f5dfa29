package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const queueSetLong = `Change attributes of a queue: all that are given, or none if the service refuses one.

Attributes have AWS's names and units. An empty value unsets those that can be unset, as in --attribute RedrivePolicy=`

const queueSetExample = `  bufeo queue set orders --attribute VisibilityTimeout=60 --attribute DelaySeconds=5
  bufeo queue set orders --dead-letter orders-dead --max-receive-count 5
  bufeo queue set orders --attribute RedrivePolicy=`

func newQueueSet(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "set QUEUE",
		Short:   "Change attributes of a queue",
		Long:    queueSetLong,
		Example: queueSetExample,
		Args:    arguments(1, 1),
	}
	var settings queueSettings
	settings.add(cmd)
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		as, err := settings.attributes(ctx, func(name string) (*sqs.Queue, error) { return c.besides(ctx, q, name) })
		if err != nil {
			return err
		}
		if len(as) == 0 {
			return &usageError{"queue set was not told what to change", "as in --attribute VisibilityTimeout=60"}
		}
		return q.SetAttributes(ctx, as)
	})
	return cmd
}
