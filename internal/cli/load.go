package cli

import (
	"context"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const loadLong = `Send the messages of a file, or of stdin as -, to a queue. The file stays as it is.

A file is read to its end first: one that has a line which is no message sends nothing. FILE.loading notes meanwhile how far
it is. If load ends before, whatever the reason, the same command goes on where it ended. What it cannot know is whether the
last request, of up to ten messages, was carried out when load was killed. It sends them again, and says so: Uncertain
messages may be in a standard queue twice. A FIFO queue drops them, if that is within five minutes. Stdin is sent as it comes,
and there is no going on.

Messages keep their attributes, group and trace header. In a FIFO queue each gets its old MessageId as its deduplication id:
those that were different messages stay so.`

const loadExample = `  bufeo load orders.jsonl orders
  bufeo load orders.jsonl payments.fifo --group 42
  bufeo load orders.txt orders --format boto --class boto
  bufeo dump orders - --endpoint-url http://old:9324 | bufeo load - orders --endpoint-url http://new:9324`

// loadFlags are the flags of load.
type loadFlags struct {
	formFlags
	group     string
	keepDedup *toggle
	progress  *oneOf
}

func newLoad(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "load FILE QUEUE",
		Short:   "Send the messages of a file to a queue",
		Long:    loadLong,
		Example: loadExample,
		Args:    arguments(2, 2),
	}
	var f loadFlags
	flags := cmd.Flags()
	f.add(flags)
	flags.StringVar(&f.group, "group", "", "message group `ID`, in FIFO queues, of messages that have none")
	f.keepDedup = addToggle(flags, "keep-dedup-ids", "", "keep deduplication ids: of messages that have one id only the first arrives")
	f.progress = addProgress(flags)
	t := p.addTarget(flags)
	t.completeFile(cmd, 0)
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		if err := f.validate(); err != nil {
			return err
		}
		q, err := c.queue(ctx, args[1])
		if err != nil {
			return err
		}
		if q = classed(q, f.class); args[0] == "-" {
			return f.stream(ctx, c, q)
		}
		return f.file(ctx, c, q, args[0])
	})
	return cmd
}

func (f *loadFlags) options(shown func(sqs.LoadResult)) func(*sqs.LoadOptions) {
	return func(o *sqs.LoadOptions) {
		o.Format, o.Separator = f.form()
		o.GroupID, o.KeepDeduplicationIDs, o.Progress = f.group, bool(*f.keepDedup), shown
	}
}

func (f *loadFlags) file(ctx context.Context, c *client, q *sqs.Queue, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return &usageError{err.Error(), "name a file that can be read, or - for stdin"}
	}
	shown := c.p.progress(f.progress, "loading "+q.Name(), info.Size, progressbar.OptionShowBytes(true))
	begun := false
	r, err := q.LoadFile(ctx, file, f.options(func(r sqs.LoadResult) {
		if !begun && r.Messages == 0 { // nothing was sent yet, so this is about an interrupted load
			c.p.say("going on behind line %d; %d messages may be sent a second time", r.Line, r.Uncertain)
		}
		begun = true
		shown.show(r.Offset, r.Messages)
	}))
	shown.end()
	if err == nil {
		return c.print(loadedView(file, r))
	}
	if _, statErr := os.Stat(file + sqs.LoadingSuffix); statErr == nil {
		c.p.say("%d messages were sent, up to line %d; the same command goes on there, or, without %s, begins again", r.Messages, r.Line, file+sqs.LoadingSuffix)
	}
	return err
}

func (f *loadFlags) stream(ctx context.Context, c *client, q *sqs.Queue) error {
	in, err := c.p.open("-")
	if err != nil {
		return err
	}
	shown := c.p.progress(f.progress, "loading "+q.Name(), func() int64 { return 0 }, messages()...)
	r, err := q.Load(ctx, interruptedReader(ctx, in), f.options(func(r sqs.LoadResult) { shown.show(int64(r.Messages), r.Messages) }))
	shown.end()
	if err != nil {
		c.p.say("%d messages were sent, up to line %d", r.Messages, r.Line)
		return err
	}
	return c.print(loadedView("-", r))
}

// interruptedReader reads in the background and stops waiting when ctx ends: a read of a terminal or a pipe cannot be
// interrupted, and Ctrl-C has to work.
func interruptedReader(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, in)
		w.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
	return r
}

// loaded is what is printed of a file that was loaded.
type loaded struct {
	File      string
	Messages  int
	Uncertain int
}

func loadedView(file string, r sqs.LoadResult) view {
	return view{
		object:  loaded{file, r.Messages, r.Uncertain},
		title:   "Loaded",
		columns: []string{"File", "Messages", "Uncertain"},
		rows:    [][]string{{file, number(r.Messages), number(r.Uncertain)}},
	}
}
