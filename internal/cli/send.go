package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const sendLong = `Send messages to a queue.

The body is the argument; without one, it is what --file has, or stdin, to the last byte, a line end included. With
--lines, each line is a message; with --jsonl, each line is one as "bufeo receive --follow" prints it, with a Body and what
else a message has. Empty lines are passed over. Lines are sent as they come, ten in a request where that is faster, and
in order within a message group. At the first line that cannot be sent, reading ends.

The other flags are for all messages; a line of JSON that says otherwise wins.`

const sendExample = `  bufeo send orders '{"id": 1}'
  bufeo send orders --attribute kind=new --attribute size:Number=3 --delay 30s hello
  bufeo send payments.fifo --group 42 --dedup-id 0001 hello
  bufeo send orders --file order.json
  grep ERROR app.log | bufeo send errors --lines
  bufeo receive orders --follow --delete | bufeo send archive --jsonl`

// sendFlags are the flags of send.
type sendFlags struct {
	file, group, dedupID string
	lines, jsonl         *toggle
	attributes           []string
	delay                *span
	class                *oneOf
}

func newSend(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "send QUEUE [BODY]",
		Short:   "Send messages",
		Long:    sendLong,
		Example: sendExample,
		Args:    arguments(1, 2),
	}
	f := &sendFlags{}
	flags := cmd.Flags()
	flags.StringVar(&f.file, "file", "", "read `FILE` instead of stdin")
	f.lines = addToggle(flags, "lines", "", "each line is a message")
	f.jsonl = addToggle(flags, "jsonl", "", "each line is a message in JSON")
	flags.StringArrayVar(&f.attributes, "attribute", nil, "`NAME=VALUE` of a message attribute, or NAME:TYPE=VALUE (Number, Binary in base64); repeat for more")
	flags.StringVar(&f.group, "group", "", "message group `ID`")
	flags.StringVar(&f.dedupID, "dedup-id", "", "deduplication `ID`, for FIFO queues")
	f.delay = addSpan(flags, "delay", "how long the message stays invisible at first, up to 15m")
	f.class = addClass(flags)
	t := p.addTarget(flags)
	t.complete(cmd, t.queueNames(false))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error { return f.run(ctx, c, args) })
	return cmd
}

func (f *sendFlags) run(ctx context.Context, c *client, args []string) error {
	like, err := f.like()
	if err != nil {
		return err
	}
	lines, jsonl := bool(*f.lines), bool(*f.jsonl)
	many := lines || jsonl
	switch {
	case lines && jsonl:
		return &usageError{"--lines and --jsonl exclude each other", "--jsonl is for lines as `bufeo receive --follow` prints them"}
	case len(args) == 2 && (many || f.file != ""):
		return &usageError{"there are two sources for what to send", "leave the body out, or --file, --lines and --jsonl"}
	case many && f.dedupID != "":
		return &usageError{"--dedup-id is for one message", "with --jsonl, each line can have its MessageDeduplicationId"}
	}
	q, err := c.queue(ctx, args[0])
	if err != nil {
		return err
	}
	q = classed(q, f.class)
	if len(args) == 2 {
		like.Body = args[1]
		return send(ctx, c, q, &like)
	}
	in, err := c.p.open(f.file)
	if err != nil {
		return err
	}
	defer in.Close()
	if many {
		return sendLines(ctx, c, q, in, f.parser(like, isFIFO(q.Name())))
	}
	body, err := readAll(ctx, in)
	if err != nil {
		return err
	}
	like.Body = string(body)
	return send(ctx, c, q, &like)
}

// like is a message with what the flags say.
func (f *sendFlags) like() (sqs.Message, error) {
	m := sqs.Message{GroupID: f.group, DeduplicationID: f.dedupID, Delay: f.delay.d}
	as, err := messageAttributes(f.attributes)
	m.MessageAttributes = as
	return m, err
}

// sentMessage is what is printed of a message that was sent.
type sentMessage struct {
	MessageID              string `json:"MessageId"`
	MD5                    string `json:"MD5OfMessageBody"`
	MD5OfMessageAttributes string `json:",omitempty"`
	SequenceNumber         string `json:",omitempty"`
}

func send(ctx context.Context, c *client, q *sqs.Queue, m *sqs.Message) error {
	if m.Body == "" {
		return &usageError{"the body is empty, which SQS does not take", "give it as an argument, with --file or on stdin"}
	}
	if err := q.Write(ctx, m); err != nil {
		return err
	}
	return c.print(view{
		object:  sentMessage{m.ID, m.MD5, m.MD5OfMessageAttributes, m.SequenceNumber},
		title:   "Sent",
		columns: []string{"MessageId", "MD5OfMessageBody", "SequenceNumber"},
		rows:    [][]string{{m.ID, m.MD5, m.SequenceNumber}},
	})
}

// sentMany is what is printed of a stream that was sent.
type sentMany struct{ Sent, Failed int }

// sendLines sends a message for each line, and says on stderr which lines it could not send.
func sendLines(ctx context.Context, c *client, q *sqs.Queue, in io.Reader, parse lineParser) error {
	result, last, err := stream(ctx, q, in, parse, func(line int, err error) {
		fmt.Fprintf(c.p.Stderr, "line %d: %s\n", line, reason(err))
	})
	if err == nil && result.Failed > 0 {
		err = fmt.Errorf("%d of %d messages were not sent; reading ended after line %d", result.Failed, result.Sent+result.Failed, last)
	}
	return errors.Join(c.print(view{
		object:  result,
		title:   "Sent",
		columns: []string{"Sent", "Failed"},
		rows:    [][]string{{number(result.Sent), number(result.Failed)}},
	}), err)
}
