package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/test/bench/process"
	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// options is what a run is asked to do.
type options struct {
	rows      []row
	exact     bool
	conns     int           // of the flood
	clients   int           // of the open loop
	duration  time.Duration // of each phase
	factor    float64       // of the open loop: how much more than the server can take
	limit     int           // MiB
	data      string
	binary    string
	serveArgs []string
}

// row is one line of the table.
type row struct {
	name string
	run  func(*trial, context.Context, *verdict.Result) error
}

var rows = []row{
	{"flood", (*trial).flood},
	{"open", (*trial).open},
	{"full", (*trial).full},
	{"crowd", (*trial).crowd},
}

const usage = `usage: go run . [flags] [-- flags for bufeo serve]

Checks that bufeo stays within its memory, and useful, when more is asked of it than it can do.

`

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("overload", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	names := fs.String("rows", "flood,open,full,crowd", "rows to measure")
	fs.BoolVar(&o.exact, "exact", false, "judge only what does not depend on the machine: print times, rates and memory and let them be")
	fs.IntVar(&o.conns, "conns", 10_000, "connections of the flood, and of those that send in the row crowd; at most so many send in the row full")
	fs.IntVar(&o.clients, "clients", 1_000, "connections of the open loop: half send, half receive and delete; at least as many send in the row full")
	fs.DurationVar(&o.duration, "duration", 20*time.Second, "of the flood, and of the open loop's overload")
	fs.Float64Var(&o.factor, "factor", 4, "rate of the open loop, as a multiple of what the server can take")
	fs.IntVar(&o.limit, "limit", 256, "`MiB` that the server may have resident, and is given as its --memory-limit; four times that in the rows open and full")
	fs.StringVar(&o.data, "data", "", "`folder` for the data folders, on a real disk (default: beside the checkout)")
	fs.StringVar(&o.binary, "bufeo", "", "`path` of the bufeo binary (default: built from this checkout)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.serveArgs = fs.Args()
	for name := range strings.SplitSeq(*names, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown row %q in -rows: there are flood, open, full and crowd", name)
		}
		o.rows = append(o.rows, rows[i])
	}
	if o.conns < 10 || o.clients < 10 || o.duration <= 0 || o.factor <= 0 || o.limit < 64 {
		return nil, errors.New("-conns and -clients must be at least 10, -limit 64, -duration and -factor positive")
	}
	return o, nil
}

// trial holds what a run needs.
type trial struct {
	*options
	folder   string
	progress io.Writer
}

// setUp makes the folder for the run, and builds bufeo into it if there is no binary yet.
func setUp(ctx context.Context, o *options, progress io.Writer) (*trial, error) {
	folder, binary, err := process.Workspace(ctx, o.data, "bufeo-overload-", o.binary, o.exact)
	if err != nil {
		return nil, err
	}
	o.binary = binary
	return &trial{options: o, folder: folder, progress: progress}, nil
}

// tell says what goes on.
func (t *trial) tell(format string, args ...any) {
	fmt.Fprintf(t.progress, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}
