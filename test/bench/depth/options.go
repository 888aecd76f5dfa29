package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/load"
)

// options is what a run is asked to do.
type options struct {
	rows      []row
	scale     float64
	exact     bool
	conns     int
	body      int    // bytes
	data      string // folder in which the data folders are made
	binary    string // of bufeo; built if empty
	serveArgs []string
}

// row is one line of the table.
type row struct {
	name string
	full int // messages, queues or polls at scale 1
	run  func(*depth, context.Context, *result) error
}

var rows = []row{
	{"backlog", 5_000_000, (*depth).backlog},
	{"fifo", 1_000_000, (*depth).fifo},
	{"delayed", 1_000_000, (*depth).delayed},
	{"queues", 10_000, (*depth).queues},
	{"poll-one", 10_000, (*depth).pollOne},
	{"poll-many", 10_000, (*depth).pollMany},
}

const usage = `usage: go run . [flags] [-- flags for bufeo serve]

Checks that bufeo is as good with much in it as with little.

`

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("depth", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	var all []string
	for _, r := range rows {
		all = append(all, r.name)
	}
	names := fs.String("rows", strings.Join(all, ","), "rows to measure")
	fs.Float64Var(&o.scale, "scale", 1, "how many messages, queues and polls, as a part of what the promises are about")
	fs.BoolVar(&o.exact, "exact", false, "judge only what does not depend on the machine: print times and rates and let them be")
	fs.IntVar(&o.conns, "conns", 32, "connections, each with one request at a time")
	fs.IntVar(&o.body, "body", 200, "`bytes` of a message's body")
	fs.StringVar(&o.data, "data", "", "`folder` for the data folders, on a real disk (default: beside the checkout)")
	fs.StringVar(&o.binary, "bufeo", "", "`path` of the bufeo binary (default: built from this checkout)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.serveArgs = fs.Args()
	for name := range strings.SplitSeq(*names, ",") {
		i := slices.Index(all, name)
		if i < 0 {
			return nil, fmt.Errorf("unknown row %q in -rows: there are %s", name, strings.Join(all, ", "))
		}
		o.rows = append(o.rows, rows[i])
	}
	switch {
	case o.scale <= 0 || o.scale > 10 || o.conns < 1:
		return nil, errors.New("-scale must be above 0 and at most 10, -conns positive")
	case o.body < load.MinBody || o.body > 100<<10:
		// 100 KiB: ten of them fit into the 1 MiB of a batch.
		return nil, fmt.Errorf("-body must be between %d and %d: a body holds its message's id", load.MinBody, 100<<10)
	}
	return o, nil
}

// scaled is n, or the part of it that is asked for, but at least floor.
func (o *options) scaled(n, floor int) int { return max(int(float64(n)*o.scale), min(n, floor)) }
