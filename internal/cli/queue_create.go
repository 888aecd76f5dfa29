package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const queueCreateLong = `Create a queue. If it exists already, with the attributes that are given here, nothing happens.

Attributes have AWS's names and units, as in --attribute VisibilityTimeout=60. A name that ends in .fifo makes a FIFO
queue. --dead-letter names the queue that gets messages which were received --max-receive-count times.`

const queueCreateExample = `  bufeo queue create orders
  bufeo queue create orders --attribute VisibilityTimeout=60 --tag team=shop
  bufeo queue create orders --dead-letter orders-dead --max-receive-count 5
  bufeo queue create payments.fifo --attribute ContentBasedDeduplication=true`

func newQueueCreate(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Create a queue",
		Long:    queueCreateLong,
		Example: queueCreateExample,
		Args:    arguments(1, 1),
	}
	var settings queueSettings
	var tags []string
	settings.add(cmd)
	cmd.Flags().StringArrayVar(&tags, "tag", nil, "`NAME=VALUE` of a tag; repeat for more")
	t := p.addTarget(cmd.Flags())
	t.complete(cmd, nil)
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		conn, err := c.connection()
		if err != nil {
			return err
		}
		as, err := settings.attributes(ctx, func(name string) (*sqs.Queue, error) { return c.queue(ctx, name) })
		if err != nil {
			return err
		}
		if isFIFO(args[0]) && as[sqs.AttributeFIFOQueue] == "" {
			as[sqs.AttributeFIFOQueue] = "true"
		}
		tagged, err := pairs("--tag", tags)
		if err != nil {
			return err
		}
		q, err := conn.CreateQueue(ctx, args[0], func(o *sqs.CreateOptions) { o.Attributes, o.Tags = as, tagged })
		if err != nil {
			return err
		}
		return c.print(queueNamedView(q))
	})
	return cmd
}

// queueSettings are the flags that say how a queue is to be.
type queueSettings struct {
	given      []string
	deadLetter string
	maxReceive int
}

func (s *queueSettings) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.given, "attribute", nil, "`NAME=VALUE` of an attribute, as AWS spells them; repeat for more")
	cmd.Flags().StringVar(&s.deadLetter, "dead-letter", "", "`QUEUE` that gets messages which were received too often")
	cmd.Flags().IntVar(&s.maxReceive, "max-receive-count", 0, "how often that is: `N` from 1 to 1000")
}

// attributes are the settings as the service takes them. The dead-letter queue has to exist; find finds it.
func (s *queueSettings) attributes(ctx context.Context, find func(name string) (*sqs.Queue, error)) (sqs.Attributes, error) {
	as, err := pairs("--attribute", s.given)
	if err != nil {
		return nil, err
	}
	if (s.deadLetter == "") != (s.maxReceive == 0) {
		return nil, &usageError{"--dead-letter and --max-receive-count belong together", "as in --dead-letter orders-dead --max-receive-count 5"}
	}
	if s.deadLetter == "" {
		return as, nil
	}
	dead, err := find(s.deadLetter)
	if err != nil {
		return nil, err
	}
	arn, err := dead.Attribute(ctx, sqs.AttributeQueueARN)
	if err != nil {
		return nil, err
	}
	as[sqs.AttributeRedrivePolicy] = sqs.RedrivePolicy{DeadLetterTargetARN: arn, MaxReceiveCount: s.maxReceive}.String()
	return as, nil
}

func queueNamedView(q *sqs.Queue) view {
	return view{
		object:  queueNamed{q.Name(), q.URL()},
		title:   "Queue",
		columns: []string{"QueueName", "QueueUrl"},
		rows:    [][]string{{q.Name(), q.URL()}},
	}
}
