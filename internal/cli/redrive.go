package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const redriveLong = `Move the messages of a dead-letter queue back to the queues that they came from, or to --to.

The service does it, in a message move task. The command shows how far it is, and Ctrl-C leaves the task running; --cancel
ends it, --list shows the latest tasks.

With --filter, --filter-attribute or --edit, the command does it itself: it receives all messages of the queue, sends those
that match to where they belong, edited if wanted, deletes them, and gives the others back. A message is deleted only
after it was sent. If the command is killed between the two, that message is in both queues. On FIFO queues, a message that
does not match holds back those behind it in its group.

The command of --edit gets a body on its stdin and prints the new one. Its line end at the end of the body is dropped if the
old body had none. If it fails, the message stays.

--dry-run says what would be moved. With a filter it receives the messages to find out, which counts as a receive, and
gives all of them back.`

const redriveExample = `  bufeo redrive orders-dead
  bufeo redrive orders-dead --to orders-retry --rate 10 --yes
  bufeo redrive orders-dead --dry-run --filter '"customer": 42'
  bufeo redrive orders-dead --filter-attribute kind=new --edit 'jq -c ".retry = true"'
  bufeo redrive orders-dead --cancel`

// redriveFlags are the flags of redrive.
type redriveFlags struct {
	to                                string
	rate                              int
	noWait, list, cancel, dryRun, yes *toggle
	filters, attributes               []string
	edit                              string
	wait                              *span
	progress                          *oneOf
	class                             *oneOf
}

func newRedrive(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "redrive QUEUE",
		Short:   "Move messages of a dead-letter queue back",
		Long:    redriveLong,
		Example: redriveExample,
		Args:    arguments(1, 1),
	}
	f := &redriveFlags{}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "`QUEUE` that gets the messages (default the one that each came from)")
	flags.IntVar(&f.rate, "rate", 0, "move `N` messages a second at most, 1 to 500")
	f.noWait = addToggle(flags, "no-wait", "", "start the task and do not wait for its end")
	f.list = addToggle(flags, "list", "", "show the latest tasks of the queue")
	f.cancel = addToggle(flags, "cancel", "", "end the task that runs")
	flags.StringArrayVar(&f.filters, "filter", nil, "only messages with `TEXT` in their bodies; of several, all have to be there")
	flags.StringArrayVar(&f.attributes, "filter-attribute", nil, "only messages with this attribute, `NAME=VALUE`; repeat for more")
	flags.StringVar(&f.edit, "edit", "", "`COMMAND` that makes new bodies of old ones")
	f.class = addClass(flags)
	f.wait = addSpan(flags, "wait", "with a filter or --edit: how long the queue has to be empty to count as empty (default 1s)")
	f.wait.d = new(time.Second) // with 0, Amazon SQS asks some of its servers only
	f.dryRun = addToggle(flags, "dry-run", "", "say what would be moved")
	f.progress = addProgress(flags)
	f.yes = addYes(flags)
	t := p.addTarget(flags)
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error { return f.run(ctx, c, args[0]) })
	return cmd
}

// here reports whether the command does the work, and not the service.
func (f *redriveFlags) here() bool {
	return len(f.filters) > 0 || len(f.attributes) > 0 || f.edit != ""
}

func (f *redriveFlags) validate() error {
	var kinds []string
	for name, given := range map[string]*toggle{"--cancel": f.cancel, "--dry-run": f.dryRun, "--list": f.list, "--no-wait": f.noWait} {
		if *given {
			kinds = append(kinds, name)
		}
	}
	switch {
	case len(kinds) > 1:
		return &usageError{"--cancel, --dry-run, --list and --no-wait exclude each other", "give one of them"}
	case f.rate < 0 || f.rate > 500:
		return &usageError{fmt.Sprintf("--rate is %d, want 1 to 500", f.rate), "leave it out for as fast as it goes"}
	case f.here() && len(kinds) == 1 && kinds[0] != "--dry-run":
		return &usageError{kinds[0] + " is about what the service moves, and filters and --edit are not", "leave one of them out"}
	case !f.here() && f.class.value != "raw":
		return &usageError{"--class is for filters and --edit", "leave it out: what the service moves stays as it is"}
	}
	return nil
}

func (f *redriveFlags) run(ctx context.Context, c *client, arg string) error {
	if err := f.validate(); err != nil {
		return err
	}
	match, err := f.matcher()
	if err != nil {
		return err
	}
	q, err := c.queue(ctx, arg)
	if err != nil {
		return err
	}
	switch {
	case bool(*f.list):
		return listTasks(ctx, c, q)
	case bool(*f.cancel):
		return cancelTask(ctx, c, q)
	}
	var to *sqs.Queue
	if f.to != "" {
		if to, err = c.besides(ctx, q, f.to); err != nil {
			return err
		}
	}
	if f.here() {
		return f.moveHere(ctx, c, q, to, match)
	}
	if to != nil && to.Connection().Endpoint() != q.Connection().Endpoint() {
		return &usageError{"the service moves messages within itself only", "give --to a queue at " + q.Connection().Endpoint()}
	}
	if bool(*f.dryRun) {
		return wouldMove(ctx, c, q, to)
	}
	if err := c.p.confirm(ctx, "moves all messages"+destination(to)+" from", q, bool(*f.yes)); err != nil {
		return err
	}
	return f.moveThere(ctx, c, q, to, arg)
}

// destination is the part of a question that says where messages go.
func destination(to *sqs.Queue) string {
	if to == nil {
		return " to the queues that they came from,"
	}
	return " to queue " + to.Name() + ","
}

// describe is the part of a question that says which messages are moved.
func (f *redriveFlags) describe() string {
	var parts []string
	for _, text := range f.filters {
		parts = append(parts, fmt.Sprintf("with %q in their bodies", text))
	}
	for _, a := range f.attributes {
		parts = append(parts, "with the attribute "+a)
	}
	which := "all messages"
	if len(parts) > 0 {
		which = "the messages " + strings.Join(parts, " and ")
	}
	if f.edit != "" {
		which += fmt.Sprintf(", edited by %q,", f.edit)
	}
	return which
}
