package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const dumpLong = `Write the messages of a queue to a file, or to stdout as -, and leave them in the queue.

They are received for that: each counts as received once more, and is invisible to others for --visibility. A queue that
takes longer to read than that ends the dump with an error. The file is there when it is whole.

Of a FIFO queue, nobody sees more than the first messages of each group without deleting them. If that is not all, dump
says so and fails.

The forms of the file are those of "bufeo save".`

const dumpExample = `  bufeo dump orders orders.jsonl
  bufeo dump orders - | jq -r .Body
  bufeo dump orders orders.jsonl --visibility 10m --overwrite`

func newDump(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dump QUEUE FILE",
		Short:   "Write the messages of a queue to a file, and leave them in the queue",
		Long:    dumpLong,
		Example: dumpExample,
		Args:    arguments(2, 2),
	}
	var f takeFlags
	f.add(cmd.Flags())
	t := p.addTarget(cmd.Flags())
	t.completeFile(cmd, 1)
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if err := f.validate(); err != nil {
			return err
		}
		if args[1] != "-" {
			if err := f.free(args[1]); err != nil {
				return err
			}
		}
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		return f.dump(ctx, c, classed(q, f.class), args[1])
	})
	return cmd
}

func (f *takeFlags) dump(ctx context.Context, c *client, q *sqs.Queue, file string) error {
	shown := c.p.progress(f.progress, "dumping "+q.Name(), waiting(ctx, q, f.limit), messages()...)
	options := f.options(func(r sqs.DrainResult) { shown.show(int64(r.Messages), r.Messages) })
	var r sqs.DrainResult
	var err error
	if file == "-" {
		r, err = q.Dump(ctx, c.p.Stdout, options)
	} else {
		r, err = q.DumpFile(ctx, file, options)
	}
	shown.end()
	switch {
	case err == nil && file == "-":
		c.p.say("%d messages, %d bytes", r.Messages, r.Bytes)
	case err == nil:
		err = c.print(takenView("Dumped", file, r))
	case file != "-":
		c.p.say("%s was not written", file)
	}
	if err != nil || f.limit > 0 && r.Messages >= f.limit {
		return err
	}
	return unseen(ctx, q)
}

// unseen fails if a FIFO queue has messages behind those that were read.
func unseen(ctx context.Context, q *sqs.Queue) error {
	if !strings.HasSuffix(q.Name(), ".fifo") {
		return nil
	}
	n, err := q.Attribute(ctx, sqs.AttributeMessages)
	if err != nil || n == "0" {
		return err
	}
	return &serviceError{
		fmt.Errorf("%s has %s more messages, behind those of their groups that were read", q.Name(), n),
		"`bufeo save` takes all messages, and `bufeo load` brings them back",
	}
}
