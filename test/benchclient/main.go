// Command benchclient measures package sqs as a client: what a message costs through a Sender, one call at a time, through
// the AWS SDK and through gocloud.dev's pubsub; and, from bufeo serve, what it costs to receive and delete one through a
// Consumer, the SDK and gocloud.dev.
//
// `go run .` starts a handler that answers with fixed bytes in a process of its own, and `bufeo serve` of this checkout on a
// fresh data folder, and drives each with all clients in turns: a slice for the one, a slice for the next, and again, so that
// whatever else the machine does hits all of them. CPU time and allocations are those of this process, which is the client
// and nothing else. Rates depend on the machine, which the servers share.
//
// All clients send the same body, and have an HTTP client that keeps as many connections as there are goroutines, which the
// SDK's own does not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

const usage = `usage: go run . [flags]

Measures package sqs against the AWS SDK and gocloud.dev.

`

// options is what a run is asked to do.
type options struct {
	goroutines, rounds, body int
	duration                 time.Duration
	data, bufeo              string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == bareCommand {
		exit(serveBare(os.Args[2:]))
	}
	var o options
	flag.IntVar(&o.goroutines, "goroutines", 64, "goroutines that send one message at a time")
	flag.IntVar(&o.rounds, "rounds", 5, "slices for each client and server")
	flag.IntVar(&o.body, "body", 200, "`bytes` of a message's body")
	flag.DurationVar(&o.duration, "duration", 2*time.Second, "length of one slice")
	flag.StringVar(&o.data, "data", "", "`folder` for bufeo's data folder, on a real disk (default: beside the checkout)")
	flag.StringVar(&o.bufeo, "bufeo", "", "`path` of the bufeo binary (default: built from this checkout)")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if o.goroutines < 1 || o.rounds < 1 || o.body < 1 || o.body > 100<<10 || o.duration <= 0 {
		exit(errors.New("-goroutines, -rounds, -duration and -body must be positive, -body at most 100 KiB"))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, &o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchclient:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run measures against both servers and prints a table for each.
func run(ctx context.Context, o *options) error {
	for _, start := range []func(context.Context, *options) (*server, error){startBare, startBufeo} {
		s, err := start(ctx, o)
		if err != nil {
			return err
		}
		rows, err := measure(ctx, o, s)
		if err = errors.Join(err, s.stop()); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		report(os.Stdout, o, s.name, rows)
	}
	return nil
}

func body(o *options) string { return strings.Repeat("x", o.body) }
