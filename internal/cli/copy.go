package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

const copyLong = `Move the messages of a queue to another, of the same service or of another one. With --keep they stay in the source, too.

A message is deleted from the source when the target has answered that it has it. It keeps its body, attributes, group and
trace header, and gets a new MessageId. In a FIFO queue its old MessageId is its deduplication id, so that it is there once
whatever happens within five minutes; in a standard queue it is there at least once.

If copy is killed, the same command goes on. With --state it knows then what was sent and not deleted any more: at most the
one request that was under way, of up to ten messages, is sent a second time, and copy says how many messages that concerns.
Without --state, what was sent and not deleted is sent again when it becomes visible: at most ten messages, too.

With --follow, copy also waits for a service that is away for a while, and tries again.

The target is where the source is, unless one of the --to flags is given: then it is found as the source is, with those
flags and the same variables.`

const copyExample = `  bufeo copy orders-dead orders
  bufeo copy orders orders --endpoint-url http://old:9324 --to-endpoint-url http://new:9324
  bufeo copy orders orders --aws --region eu-west-1 --to-endpoint-url http://127.0.0.1:9324 --keep
  bufeo copy orders orders --to-aws --to-region eu-west-1 --follow --rate 100 --state orders.state --yes`

// copyFlags are the flags of copy.
type copyFlags struct {
	keep, follow, keepDedup *toggle
	rate, limit             int
	state, group            string
	wait, visibility        *span
	progress                *oneOf
	yes                     *toggle
}

func newCopy(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "copy SOURCE TARGET",
		Short:   "Move messages from a queue to another, here or elsewhere",
		Long:    copyLong,
		Example: copyExample,
		Args:    arguments(2, 2),
	}
	f := &copyFlags{}
	flags := cmd.Flags()
	f.keep = addToggle(flags, "keep", "", "leave the messages in the source")
	f.follow = addToggle(flags, "follow", "", "go on when the source is empty, until Ctrl-C")
	flags.IntVar(&f.rate, "rate", 0, "send at most `N` messages a second")
	flags.IntVar(&f.limit, "limit", 0, "end after `N` messages")
	flags.StringVar(&f.state, "state", "", "`FILE` that remembers what was sent and not deleted; it is made, and removed at the end")
	flags.StringVar(&f.group, "group", "", "message group `ID`, in FIFO queues, of messages that have none")
	f.keepDedup = addToggle(flags, "keep-dedup-ids", "", "keep deduplication ids: of messages that have one id only the first arrives")
	f.wait = addSpan(flags, "wait", "how long the source has to be empty before it counts as empty, up to 20s (default 1s)")
	f.visibility = addSpan(flags, "visibility", "how long messages are invisible to others meanwhile, up to 12h (default 2m)")
	f.progress = addProgress(flags)
	f.yes = addYes(flags)
	to := p.addTo(flags)
	t := p.addTarget(flags)
	t.complete(cmd, t.queueNames(true))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if err := f.validate(); err != nil {
			return err
		}
		src, err := c.queue(ctx, args[0])
		if err != nil {
			return err
		}
		there, explain, err := to.beside(c, flags)
		if err != nil {
			return err
		}
		dst, err := there.queue(ctx, args[1])
		if err != nil {
			return explain(err)
		}
		return f.run(ctx, c, &copying{copyFlags: f, src: src, dst: dst, explain: explain, pace: pace{rate: f.rate}})
	})
	return cmd
}

func (f *copyFlags) validate() error {
	switch {
	case f.rate < 0:
		return &usageError{"--rate is less than 0", "as in --rate 100"}
	case bool(*f.keep) && bool(*f.follow):
		return &usageError{"--keep and --follow exclude each other", "messages that stay come again, and would be copied again"}
	case f.invisible() < f.shortest():
		return &usageError{"--visibility is less than " + f.shortest().String(), "messages have to stay invisible until ten are sent and deleted"}
	case bool(*f.follow) && f.wait.d != nil && *f.wait.d < time.Second:
		return &usageError{"--follow has to wait for messages", "give --wait 1s at least, or leave it out for 20s"}
	}
	return checkTake(f.limit, f.wait)
}

// invisible is how long messages are kept from others.
func (f *copyFlags) invisible() time.Duration {
	if f.visibility.d == nil {
		return 2 * time.Minute
	}
	return *f.visibility.d
}

// shortest is how long that has to be: a page at the given rate, and something for the requests.
func (f *copyFlags) shortest() time.Duration {
	if f.rate == 0 {
		return 5 * time.Second
	}
	return 5*time.Second + 10*time.Second/time.Duration(f.rate)
}

func (f *copyFlags) run(ctx context.Context, c *client, job *copying) error {
	src, dst := job.src, job.dst
	if place(src) == place(dst) {
		return &usageError{"source and target are the same " + place(src), "if they are at different services, say where: --to-endpoint-url, --to-region, --to-profile"}
	}
	if !bool(*f.keep) {
		if err := c.p.confirm(ctx, f.what()+" to "+place(dst)+", out of", src, bool(*f.yes)); err != nil {
			return err
		}
	}
	var err error
	if job.state, err = openCopyState(f.state, copyHead{src.URL(), dst.URL(), bool(*f.keep)}); err != nil {
		return err
	}
	defer job.state.close()
	total := waiting(ctx, src, f.limit)
	if *f.follow {
		total = func() int64 { return int64(f.limit) }
	}
	shown := c.p.progress(f.progress, "copying "+src.Name(), total, messages()...)
	job.say = func(format string, args ...any) {
		shown.pause()
		c.p.say(format, args...)
	}
	job.shown = func() { shown.show(int64(job.result.Messages), job.result.Messages) }
	if job.result.Uncertain = len(job.state.uncertain); job.state.resumed {
		c.p.say("going on with %s; %d messages may be sent a second time", f.state, job.result.Uncertain)
	}
	err = job.run(ctx)
	shown.end()
	if err != nil {
		f.sayHow(c, job.result)
		return err
	}
	if !bool(*f.keep) {
		c.p.sayInFlight(ctx, src)
	}
	if err := c.print(job.result.view()); err != nil || !bool(*f.keep) || f.limit > 0 && job.result.Messages >= f.limit {
		return err
	}
	return unseen(ctx, src)
}

func (f *copyFlags) what() string {
	switch {
	case f.limit > 0:
		return "moves up to " + number(f.limit) + " messages"
	case bool(*f.follow):
		return "moves all messages, now and as they come,"
	}
	return "moves all messages"
}

// sayHow tells after a failure how far copy came, and how to go on.
func (f *copyFlags) sayHow(c *client, r copied) {
	how := "the same command goes on with the others"
	if bool(*f.keep) && f.state == "" {
		how = "the same command begins again; with --state it could go on"
	}
	c.p.say("%d messages were copied; %s", r.Messages, how)
}

// copied is what is printed in the end.
type copied struct {
	Messages  int
	Bytes     int64
	Repeated  int // that came again after they had been sent, and were not sent again
	Uncertain int // that an interrupted call may have sent before this one did
}

func (r copied) view() view {
	return view{
		object:  r,
		title:   "Copied",
		columns: []string{"Messages", "Bytes", "Repeated", "Uncertain"},
		rows:    [][]string{{number(r.Messages), number(int(r.Bytes)), number(r.Repeated), number(r.Uncertain)}},
	}
}
