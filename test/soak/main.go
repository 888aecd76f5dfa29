// Command soak works with a bufeo server for a long time, at a steady and moderate rate, and checks that nothing changes
// with time: not its memory, not its latency, not the space that it takes on the disk.
//
// The traffic is all that there is: single messages and batches, of 200 bytes and of half a megabyte, standard and FIFO queues,
// deduplication, long polls, changes of visibility, delays, dead letters, move tasks, purges, a short retention, a backlog that
// is read from the disk, queues that are created and deleted. Each kind has a queue of its own (see the lanes), and writes
// down what it has sent until it is deleted: no message may be lost, come back, come twice or out of order. No request may fail.
//
// Once a second, memory, open files and the size of the data folder are sampled. The first third of the time is for warming
// up; of the rest, see judge. In the end, everything is received and deleted, and the server has to answer that it is empty.
//
// The last line of the output has the counts. The exit status is 1 if something was broken, grew, or too little was tried to
// mean anything. Runs of less than five minutes are not judged by memory, latency and disk.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bufeomq/bufeo/test/command"
	"github.com/bufeomq/bufeo/test/serve"
)

var program = command.Command[*options]{Name: "soak", Parse: parseOptions, Run: run}

func main() { program.Main() }

// options is what a run is asked to do.
type options struct {
	binary, csv string
	length      time.Duration
	rate        float64
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.binary, "bufeo", ".build/bufeo", "the server")
	flags.DurationVar(&o.length, "for", 30*time.Minute, "how long")
	flags.Float64Var(&o.rate, "rate", 1, "how much, as a multiple of about 250 requests and 600 messages a second")
	flags.StringVar(&o.csv, "csv", "", "file for the samples")
	return o, flags.Parse(args)
}

func run(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	dir, err := os.MkdirTemp("", "bufeo-soak-")
	if err != nil {
		return false, err
	}
	r := &result{length: o.length, ledger: newLedger(), latency: newLatency(o.length)}
	err = soak(ctx, r, &server{serve.Server{Binary: o.binary, Dir: dir}}, o.rate)
	if err == nil && o.csv != "" {
		err = os.WriteFile(o.csv, r.csv(), 0o600)
	}
	if ok = r.report(stdout); err != nil || !ok {
		fmt.Fprintln(stderr, "the data folder and the log of the server are left in", dir)
		return false, err
	}
	return true, os.RemoveAll(dir)
}

// soak runs the traffic on a new server, then empties it.
func soak(ctx context.Context, r *result, s *server, rate float64) (err error) {
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.Kill()
	work, stop := context.WithTimeout(ctx, r.length)
	defer stop()
	t := &traffic{url: s.URL(), rate: rate, ledger: r.ledger, latency: r.latency, length: r.length}
	c, err := newControl(s.Dir)
	if err != nil {
		return err
	}
	defer c.close()
	t.controlled(work, c)
	if err := t.start(work, ctx); err != nil {
		return err
	}
	sampling, enough := context.WithCancel(ctx)
	defer enough()
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		r.sample(sampling, s.Process().Pid, s.data())
	}()
	select {
	case <-work.Done():
	case <-s.Ended():
		return s.Err()
	}
	enough()
	<-sampled
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	r.after, r.goroutines, err = s.quit()
	return err
}
