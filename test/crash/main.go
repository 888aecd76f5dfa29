// Command crash kills a bufeo server again and again while clients work with it, and checks that it keeps its word.
//
// Clients send, receive, delete, change visibility, let messages go to a dead-letter queue, start move tasks, and purge,
// on standard and FIFO queues, over both protocols. They write down what they asked for and what was answered. At random
// moments the server gets SIGKILL and is started again on the same folder. What is checked, from that history alone:
//
//   - a send that was acknowledged is never lost, and is there once, however often it was repeated with one
//     deduplication id;
//   - a message whose delete was acknowledged, or whose queue was purged, never comes back;
//   - a message that was received is not handed out again before its visibility timeout is over, and its receive count
//     only rises;
//   - a FIFO queue's group is delivered in order, and not while a message of it is out;
//   - a message is received maxReceiveCount times and is then in the dead-letter queue, and a move task brings it back.
//
// The last line of the output has the counts. The exit status is 1 if a promise was broken, or if too little was tried to
// mean anything.
//
// SIGKILL loses nothing that was handed to the operating system, so that a missing sync does not show. With -power, the
// data is on a file system of its own, which is shut down at the moment of the kill without writing what it has in
// memory, and mounted again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/bufeomq/bufeo/test/command"
	"github.com/bufeomq/bufeo/test/serve"
)

var program = command.Command[*options]{Name: "crash", Parse: parseOptions, Run: crash}

func main() { program.Main() }

// options is what a run is asked to do.
type options struct {
	binary      string
	kills       int
	least, most time.Duration // between a start and its end
	power       bool
	seed        uint64
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("crash", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.binary, "bufeo", ".build/bufeo", "the server")
	flags.IntVar(&o.kills, "kills", 200, "how often to kill it")
	flags.DurationVar(&o.least, "least", 300*time.Millisecond, "least time between its start and its end")
	flags.DurationVar(&o.most, "most", 1500*time.Millisecond, "most time")
	flags.BoolVar(&o.power, "power", false, "cut the power of the file system, too: what was not synced is gone (root, linux)")
	flags.Uint64Var(&o.seed, "seed", 0, "of the random choices; 0: a random one")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if o.seed == 0 {
		o.seed = rand.Uint64() >> 32
	}
	return o, nil
}

func crash(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	dir, err := os.MkdirTemp("", "bufeo-crash-")
	if err != nil {
		return false, err
	}
	fmt.Fprintf(stdout, "seed %d, data in %s\n", o.seed, dir)
	r := &runner{
		rng:     rand.New(rand.NewPCG(o.seed, 1)),
		server:  &server{Server: serve.Server{Binary: o.binary, Dir: dir}},
		history: newHistory(),
		least:   o.least, most: o.most,
	}
	if o.power {
		if r.server.volume, err = newVolume(dir); err != nil {
			return false, fmt.Errorf("-power needs root, mkfs.ext4 and loop devices: %w", err)
		}
	}
	err = r.run(ctx, o.kills)
	err = errors.Join(err, r.server.stop())
	ok = r.report(stdout, o.kills)
	if err != nil || !ok || len(r.history.broken) > 0 {
		fmt.Fprintln(stderr, "the data folder and the log of the server are left in", dir)
		return false, err
	}
	return true, os.RemoveAll(dir)
}

// runner does the rounds.
type runner struct {
	rng         *rand.Rand
	server      *server
	history     *history
	least, most time.Duration
	sends       []int // acknowledged, by round
	restarts    []time.Duration
}

func (r *runner) run(ctx context.Context, kills int) error {
	if err := r.server.start(ctx); err != nil {
		return err
	}
	c, err := newClients(ctx, r.server.URL(), r.history)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(ctx)
	done := c.run(work, r.rng.Uint64())
	for range kills {
		before := r.history.count(opSend)
		select {
		case <-time.After(r.least + time.Duration(r.rng.Int64N(int64(r.most-r.least)+1))):
		case <-ctx.Done():
		}
		if err := r.server.kill(); err != nil {
			stop()
			<-done
			return err
		}
		r.sends = append(r.sends, r.history.count(opSend)-before)
		began := time.Now()
		if err := r.server.start(ctx); err != nil {
			stop()
			<-done
			return fmt.Errorf("after kill %d: %w", len(r.sends), err)
		}
		r.restarts = append(r.restarts, time.Since(began))
		if len(r.history.found()) > 0 || ctx.Err() != nil {
			break
		}
	}
	stop()
	<-done
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.settle(ctx)
}
