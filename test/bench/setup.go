package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/bench/process"
)

// server is one side of the comparison.
type server struct {
	name   string
	target load.Target
	pid    int  // 0 if unknown
	keeps  bool // stores messages, so that what it acknowledged can be checked
}

// environment is what has to be known to compare two runs.
type environment struct {
	fsync time.Duration // median of a small write and its sync, where the data is; 0 if not measured
}

// bench holds what a run needs.
type bench struct {
	*options
	env       environment
	bare      *server
	bufeo     *server // nil with -bare-only
	processes []*process.Process
	folder    string // of the binary and the data; "" if none was made
	progress  io.Writer
}

// setUp starts both servers. What it has started is stopped again if it fails.
func setUp(ctx context.Context, o *options, progress io.Writer) (*bench, error) {
	b := &bench{options: o, progress: progress}
	if err := errors.Join(b.startBare(ctx), b.findBufeo(ctx)); err != nil {
		return nil, errors.Join(err, b.tearDown())
	}
	return b, nil
}

// tearDown stops what setUp started and removes the data.
func (b *bench) tearDown() error {
	var err error
	for _, p := range slices.Backward(b.processes) {
		err = errors.Join(err, p.Stop())
	}
	if b.folder != "" {
		err = errors.Join(err, os.RemoveAll(b.folder))
	}
	return err
}

func (b *bench) start(ctx context.Context, name, path string, args ...string) (*server, error) {
	p, err := process.Start(ctx, exec.Command(path, args...))
	if err != nil {
		return nil, err
	}
	b.processes = append(b.processes, p)
	fmt.Fprintf(b.progress, "%s listens on %s (process %d)\n", name, p.Addr, p.PID())
	return &server{name: name, target: load.Target{Addr: p.Addr, Protocol: b.protocol}, pid: p.PID()}, nil
}

func (b *bench) startBare(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.bare, err = b.start(ctx, "bare", self, bare.Command, fmt.Sprintf("-body=%d", b.body))
	return err
}

// findBufeo starts a bufeo of its own, unless there is an endpoint or nothing to drive.
func (b *bench) findBufeo(ctx context.Context) error {
	if b.bareOnly {
		return nil
	}
	if b.endpoint != "" {
		addr, ok := strings.CutPrefix(strings.TrimSuffix(b.endpoint, "/"), "http://")
		if !ok || strings.Contains(addr, "/") {
			return fmt.Errorf("-endpoint %s: want http://host:port", b.endpoint)
		}
		b.bufeo = &server{name: "endpoint", target: load.Target{Addr: addr, Protocol: b.protocol}, pid: b.pid, keeps: true}
		return nil
	}
	if err := b.makeFolder(ctx); err != nil {
		return err
	}
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(b.folder, "data")}, b.serveArgs...)
	var err error
	if b.bufeo, err = b.start(ctx, "bufeo", b.binary, args...); err != nil {
		return err
	}
	b.bufeo.keeps = true
	return nil
}

// makeFolder makes the folder for this run, measures its disk, and builds bufeo into it if there is no binary yet.
func (b *bench) makeFolder(ctx context.Context) error {
	parent, root := b.data, ""
	if b.binary == "" || parent == "" {
		var err error
		if root, err = process.Checkout(); err != nil {
			return err
		}
	}
	if parent == "" {
		parent = filepath.Dir(root)
	}
	if process.InMemory(parent) {
		return fmt.Errorf("%s is in memory, where a sync costs nothing and the figures would mean nothing: choose a disk with -data", parent)
	}
	var err error
	if b.folder, err = os.MkdirTemp(parent, "bufeo-bench-"); err != nil {
		return fmt.Errorf("%w: choose another folder with -data", err)
	}
	if b.env.fsync, err = process.MeasureSync(b.folder); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "data in %s, where a sync takes %v\n", b.folder, b.env.fsync.Round(time.Microsecond))
	if b.binary != "" {
		return nil
	}
	b.binary = filepath.Join(b.folder, "bufeo")
	return process.Build(ctx, root, b.binary)
}
