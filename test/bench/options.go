package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// options is what a run is asked to do.
type options struct {
	duration, warmUp time.Duration
	rounds           int
	conns            int
	body             int // bytes
	protocol         load.Protocol
	protocolName     string
	ops              []operation
	data             string // folder in which the data folder is made
	binary           string // of bufeo; built if empty
	endpoint         string // of a server that runs already; none if empty
	pid              int    // of that server
	bareOnly         bool
	min              int      // operations
	serveArgs        []string // for bufeo serve
}

// operation is a row of the table.
type operation struct {
	name  string
	kind  load.Kind
	batch int
	wake  bool
}

var operations = []operation{
	{name: "send", kind: load.Send, batch: 1},
	{name: "batch", kind: load.Send, batch: 10},
	{name: "cycle1", kind: load.Cycle, batch: 1},
	{name: "cycle10", kind: load.Cycle, batch: 10},
	{name: "wake", batch: 1, wake: true},
}

const usage = `usage: go run . [flags] [-- flags for bufeo serve]

Measures bufeo against a bare net/http handler, in turns, with one load generator.

`

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	fs.DurationVar(&o.duration, "duration", 3*time.Second, "length of one slice of load")
	fs.DurationVar(&o.warmUp, "warmup", time.Second, "length of the slice before the first that counts")
	fs.IntVar(&o.rounds, "rounds", 5, "slices for each server and operation")
	fs.IntVar(&o.conns, "conns", 32, "connections, each with one request at a time")
	fs.IntVar(&o.body, "body", 200, "`bytes` of a message's body")
	fs.StringVar(&o.protocolName, "protocol", "json", "json (AWS JSON 1.0) or query (AWS Query)")
	ops := fs.String("ops", "send,batch,cycle1,cycle10,wake", "operations; cycle means both cycles")
	fs.StringVar(&o.data, "data", "", "`folder` for the data folder, on a real disk (default: beside the checkout)")
	fs.StringVar(&o.binary, "bufeo", "", "`path` of the bufeo binary (default: built from this checkout)")
	fs.StringVar(&o.endpoint, "endpoint", "", "drive the SQS server at `http://host:port` instead of starting bufeo")
	fs.IntVar(&o.pid, "pid", 0, "process of -endpoint, to read its CPU time (linux)")
	fs.BoolVar(&o.bareOnly, "bare-only", false, "measure only the bare handler: what the machine and the generator can do")
	fs.IntVar(&o.min, "min", 2000, "fail if fewer operations than this were tried for a row (wake: a twentieth)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.serveArgs = fs.Args()
	var err error
	if o.ops, err = operationsNamed(*ops); err != nil {
		return nil, err
	}
	if o.protocol, err = load.ProtocolNamed(o.protocolName); err != nil {
		return nil, err
	}
	return o, o.validate()
}

func (o *options) validate() error {
	switch {
	case o.duration <= 0 || o.warmUp < 0 || o.rounds < 1 || o.conns < 1:
		return errors.New("-duration, -rounds and -conns must be positive")
	case o.body < load.MinBody || o.body > 100<<10:
		// 100 KiB: ten of them fit into the 1 MiB of a batch.
		return fmt.Errorf("-body must be between %d and %d: a body holds its message's id", load.MinBody, 100<<10)
	case o.bareOnly && o.endpoint != "":
		return errors.New("-bare-only and -endpoint exclude each other")
	case o.endpoint != "" && (o.binary != "" || o.data != "" || len(o.serveArgs) > 0):
		return errors.New("-endpoint starts no server: -bufeo, -data and flags for serve have no effect")
	case o.pid != 0 && o.endpoint == "":
		return errors.New("-pid is the process of -endpoint")
	}
	return nil
}

func operationsNamed(list string) ([]operation, error) {
	var out []operation
	for name := range strings.SplitSeq(list, ",") {
		found := false
		for _, op := range operations {
			if op.name == name || name == "cycle" && op.kind == load.Cycle {
				out = append(out, op)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown operation %q in -ops: use send, batch, cycle1, cycle10, cycle or wake", name)
		}
	}
	return out, nil
}
