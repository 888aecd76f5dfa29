package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const saveLong = `Move the messages of a queue to a file. "bufeo load" brings them back.

They are written to FILE.partial, which becomes FILE when the queue is empty. A page of messages is deleted from the queue
when it is on disk. If save ends before, whatever the reason, the same command goes on where it ended, and no message is lost
or there twice; the formats boto and separated cannot go on.

Each line of the file is a message in JSON, with all that the queue knew of it. The formats boto and separated are bodies
only, for boto.sqs and other programs: attributes are lost.`

const saveExample = `  bufeo save orders orders.jsonl
  bufeo save orders orders.jsonl --yes --progress plain
  bufeo save orders orders.txt --format boto --class boto --separator '---\n'
  bufeo save orders first.jsonl --limit 1000`

func newSave(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "save QUEUE FILE",
		Short:   "Move the messages of a queue to a file",
		Long:    saveLong,
		Example: saveExample,
		Args:    arguments(2, 2),
	}
	var f takeFlags
	f.add(cmd.Flags())
	yes := addYes(cmd.Flags())
	t := p.addTarget(cmd.Flags())
	t.completeFile(cmd, 1)
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if err := f.savable(args[1]); err != nil {
			return err
		}
		q, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		what := "moves all messages to " + args[1] + ", out of"
		if f.limit > 0 {
			what = fmt.Sprintf("moves up to %d messages to %s, out of", f.limit, args[1])
		}
		if err := c.p.confirm(ctx, what, q, bool(*yes)); err != nil {
			return err
		}
		return f.save(ctx, c, classed(q, f.class), args[1])
	})
	return cmd
}

// savable refuses what would lose messages, before anything is asked or done.
func (f *takeFlags) savable(file string) error {
	if err := f.validate(); err != nil {
		return err
	}
	if file == "-" {
		return &usageError{
			"save deletes messages when they are on disk, and what reads stdout may not put them there",
			"save to a file; or print them with `bufeo dump QUEUE -`, or `bufeo receive QUEUE --follow --delete`",
		}
	}
	if err := f.free(file); err != nil {
		return err
	}
	partial := file + sqs.PartialSuffix
	if _, err := os.Stat(partial); err == nil && f.format.value != "json" {
		return &usageError{
			partial + " has what an interrupted save took out of the queue, and --format " + f.format.value + " cannot go on with it",
			"put it into a safe place, under another name",
		}
	}
	return nil
}

func (f *takeFlags) save(ctx context.Context, c *client, q *sqs.Queue, file string) error {
	shown := c.p.progress(f.progress, "saving "+q.Name(), waiting(ctx, q, f.limit), messages()...)
	r, err := q.SaveFile(ctx, file, f.options(func(r sqs.DrainResult) { shown.show(int64(r.Messages), r.Messages) }))
	shown.end()
	if err == nil {
		c.p.sayInFlight(ctx, q)
		return c.print(takenView("Saved", file, r))
	}
	partial := file + sqs.PartialSuffix
	switch info, statErr := os.Stat(partial); {
	case statErr != nil || info.Size() == 0:
	case f.format.value == "json":
		c.p.say("%d messages were moved to %s; the same command goes on where this one ended", r.Messages, partial)
	default:
		c.p.say("%d messages were moved to %s: put it into a safe place, since save cannot go on with this format", r.Messages, partial)
	}
	return err
}
