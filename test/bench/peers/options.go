package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// options is what a run is asked to do.
type options struct {
	duration, warmUp time.Duration
	rounds           int
	conns, body      int
	backlog          int
	min              int // operations of bufeo and the bare handler
	protocol         string
	rows             []*row
	peers            []*peer
	also             []string // name=URL of servers that run already
	data             string
	exact            bool
}

const usage = `usage: go run ./peers [flags]

Measures bufeo against other servers that speak SQS, in turns, with one load generator.

`

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("peers", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	fs.DurationVar(&o.duration, "duration", 3*time.Second, "length of one slice of load")
	fs.DurationVar(&o.warmUp, "warmup", 5*time.Second, "length of the slice before the first that counts, for each server and row")
	fs.IntVar(&o.rounds, "rounds", 5, "slices for each server and row")
	fs.IntVar(&o.conns, "conns", 32, "connections, each with one request at a time")
	fs.IntVar(&o.body, "body", 200, "`bytes` of a message's body")
	fs.IntVar(&o.backlog, "backlog", 200_000, "messages that are in the queue in row backlog")
	fs.IntVar(&o.min, "min", 2000, "fail if bufeo or the bare handler did fewer operations in a row (wake: a twentieth)")
	fs.StringVar(&o.protocol, "protocol", "json", "json or query; what knows one only gets that")
	names := fs.String("rows", strings.Join(rowNames(), ","), "what to measure")
	peerList := fs.String("peers", strings.Join(peerNames(), ","), "which peers to install; none: -peers=")
	fs.Func("also", "drive a server that runs already, too: `name=http://host:port`; repeat for more", func(v string) error {
		name, url, ok := strings.Cut(v, "=")
		if _, err := load.NewTarget(url, load.JSON{}); !ok || name == "" || err != nil {
			return errors.New("want name=http://host:port")
		}
		o.also = append(o.also, v)
		return nil
	})
	fs.StringVar(&o.data, "data", "", "`folder` for the servers' data, on a real disk (default: beside the checkout)")
	fs.BoolVar(&o.exact, "exact", false, "judge only what does not depend on speed: no goals")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q", fs.Arg(0))
	}
	return o, errors.Join(o.chooseRows(*names), o.choosePeers(*peerList), o.validate())
}

func (o *options) chooseRows(list string) error {
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(rows, func(r *row) bool { return r.name == name })
		if i < 0 {
			return fmt.Errorf("unknown row %q in -rows: use %s", name, strings.Join(rowNames(), ", "))
		}
		o.rows = append(o.rows, rows[i])
	}
	return nil
}

func (o *options) choosePeers(list string) error {
	for name := range strings.SplitSeq(list, ",") {
		if name == "" {
			continue
		}
		i := slices.IndexFunc(peers, func(p *peer) bool { return p.name == name })
		if i < 0 {
			return fmt.Errorf("unknown peer %q in -peers: use %s; another server can be given with -also", name, strings.Join(peerNames(), ", "))
		}
		o.peers = append(o.peers, peers[i])
	}
	return nil
}

func (o *options) validate() error {
	switch {
	case o.duration <= 0 || o.warmUp < 0 || o.rounds < 1 || o.conns < 1 || o.backlog < 1:
		return errors.New("-duration, -rounds, -conns and -backlog must be positive")
	case o.body < load.MinBody || o.body > 100<<10:
		// 100 KiB: ten of them fit into the 1 MiB of a batch.
		return fmt.Errorf("-body must be between %d and %d: a body holds its message's id", load.MinBody, 100<<10)
	}
	_, err := load.ProtocolNamed(o.protocol)
	return err
}
