package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/internal/load"
)

const benchLong = `Put load on an SQS service, of any make, and say how fast it is and whether it keeps its word.

OPERATION is one of

  send     send messages, --batch in a request
  cycle    send, receive and delete them, in turn on each connection
  backlog  fill the queue with --backlog messages first, then cycle, so that they are there all the time
  fifo     cycle on a FIFO queue, with messages of --groups groups in turn
  wake     send a message while a long poll waits for it, again and again: the time until it is received

It makes a queue of its own (wake: one for each connection) with a name that nobody else has, and deletes it in the end,
after Ctrl-C, too. Every message that was acknowledged is looked for: it has to arrive, once, and in a FIFO queue not
after a later one of its group. If a request failed, a message was lost, doubled or out of order, or too little was tried
to mean anything, the exit code is 1.

Without --rate, each connection sends its next request when the one before was answered: that finds out what the service
can do, but a service that stalls gets less to do meanwhile, and its latencies look better than what users would see. With
--rate, messages are due at fixed times, and latencies count from those.

Requests are signed if there are keys, which costs the machine that the generator is on; --unsigned leaves it out.`

const benchExample = `  bufeo bench cycle --batch 10
  bufeo bench send --duration 30s --rate 5000
  bufeo bench backlog --backlog 1000000 --batch 10 --server-pid "$(pidof bufeo)"
  bufeo bench wake --endpoint-url http://127.0.0.1:4566 --output json`

// benchFlags are the flags of bench.
type benchFlags struct {
	batch, connections, size, backlog, groups, serverPID, least int
	duration, warmUp                                            *span
	rate                                                        float64
	unsigned                                                    *toggle
}

func newBench(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "bench OPERATION",
		Short:   "Measure an SQS service, and check that it keeps its word",
		Long:    benchLong,
		Example: benchExample,
		Args:    benchOperation,
	}
	f := addBench(cmd.Flags())
	t := p.addTarget(cmd.Flags())
	t.complete(cmd, func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return startingWith(typed, load.Operations), cobra.ShellCompDirectiveNoFileComp
	})
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		return f.run(ctx, c, args[0], t.protocol.value)
	})
	return cmd
}

func addBench(flags *pflag.FlagSet) *benchFlags {
	f := &benchFlags{}
	flags.IntVar(&f.batch, "batch", 1, "`N` messages in a request, 1 to 10; with 1 the single actions are used")
	flags.IntVar(&f.connections, "connections", 0, "`N` connections with one request at a time each (default 32; wake: 8)")
	flags.IntVar(&f.size, "size", 200, "`BYTES` of a message's body, at least 16")
	f.duration = addSpan(flags, "duration", "how long to measure (default 10s)")
	f.duration.d = new(10 * time.Second)
	f.warmUp = addSpan(flags, "warm-up", "load before that, which is not measured (default 1s)")
	f.warmUp.d = new(time.Second)
	flags.Float64Var(&f.rate, "rate", 0, "`N` messages a second, at fixed times (default as fast as the connections go)")
	flags.IntVar(&f.backlog, "backlog", 200_000, "backlog: `N` messages are in the queue")
	flags.IntVar(&f.groups, "groups", 100, "fifo: messages go to `N` groups")
	flags.IntVar(&f.serverPID, "server-pid", 0, "`PID` of the service, if it runs here, to say what processor time it takes (Linux)")
	flags.IntVar(&f.least, "min", 100, "fail if fewer than `N` operations were done (wake: a fifth of it)")
	f.unsigned = addToggle(flags, "unsigned", "", "do not sign requests, even if there are keys")
	return f
}

// benchOperation wants one of the operations.
func benchOperation(_ *cobra.Command, args []string) error {
	if len(args) == 1 && slices.Contains(load.Operations, args[0]) {
		return nil
	}
	return &usageError{"bench wants one operation: " + strings.Join(load.Operations, ", "), "`bufeo help bench` says what they do"}
}

func (f *benchFlags) run(ctx context.Context, c *client, operation, protocol string) error {
	t, endpoint, err := f.trial(c, operation, protocol)
	if err != nil {
		return err
	}
	t.Tell = func(text string) { fmt.Fprintln(c.p.Stderr, "bufeo: "+text) }
	t.Tell(fmt.Sprintf("%s at %s, in a queue that is made for it", operation, endpoint))
	out, err := t.Run(ctx)
	if err != nil {
		return err
	}
	if err := c.print(benchView(t, endpoint, protocol, out)); err != nil {
		return err
	}
	if len(out.Failure) > 0 {
		return &serviceError{errors.New(strings.Join(out.Failure, "; ")), benchHint(out)}
	}
	return nil
}

// benchHint is what to do about a run that failed.
func benchHint(o *load.Outcome) string {
	switch {
	case !o.Audit.OK():
		return "the service did not keep its word: whoever makes it wants to know, with this command line"
	case o.Errors > 0:
		return "look into the service's log; with fewer --connections or a lower --rate it may do better"
	case o.Unsent > 0:
		return "find out without --rate what the service can do, or give it more --connections"
	}
	return "measure for longer, --duration, or say with --min how little is enough"
}

// trial is what the flags ask for, and the endpoint at which.
func (f *benchFlags) trial(c *client, operation, protocol string) (*load.Trial, string, error) {
	conn, err := c.connection() // knows the endpoint, and whether Amazon's may be reached
	if err != nil {
		return nil, "", err
	}
	p, err := load.ProtocolNamed(protocol)
	if err != nil {
		return nil, "", err
	}
	target, err := load.NewTarget(conn.Endpoint(), p)
	if err != nil {
		return nil, "", &usageError{err.Error(), "correct the endpoint"}
	}
	target.Header = load.MadeUpSignature(conn.Region())
	if c.keys.id != "" && !bool(*f.unsigned) {
		target.Header, target.Signer = "", load.NewSigner(c.keys.id, c.keys.secret, c.keys.token, conn.Region())
	}
	t := &load.Trial{
		Target: target, Operation: operation, Connections: f.connections, Batch: f.batch, BodySize: f.size, Duration: *f.duration.d,
		WarmUp: *f.warmUp.d, Rate: f.rate, Backlog: f.backlog, Groups: f.groups, ServerPID: f.serverPID, Least: f.least,
		CheckFor: time.Minute, Settle: 2 * time.Second,
	}
	if host, _, _ := net.SplitHostPort(target.Addr); isAmazon(host) {
		t.Settle = 2 * time.Minute // Amazon's numbers of messages are a minute behind
	}
	if operation == "wake" {
		t.Least /= 5
	}
	if f.connections == 0 {
		if t.Connections = 32; operation == "wake" {
			t.Connections = 8
		}
	}
	if err := t.Validate(); err != nil {
		return nil, "", &usageError{err.Error(), "`bufeo help bench` lists the flags"}
	}
	return t, conn.Endpoint(), nil
}
