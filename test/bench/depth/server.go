package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

// server is a `bufeo serve` on a data folder of its own. It keeps an eye on the memory of its process.
type server struct {
	d      *depth
	data   string
	env    []string // besides this program's own
	p      *process.Process
	target load.Target

	greatest atomic.Int64 // resident memory in one sample a second
	watching chan struct{}
	watched  chan struct{}
}

// serve starts a server on a fresh folder; remove ends it.
func (d *depth) serve(ctx context.Context, env ...string) (*server, error) {
	data, err := os.MkdirTemp(d.folder, "data-")
	if err != nil {
		return nil, err
	}
	s := &server{d: d, data: data, env: env, target: load.Target{Protocol: load.JSON{}}}
	return s, s.start(ctx)
}

func (s *server) start(ctx context.Context) error {
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(s.data, "data")}, s.d.serveArgs...)
	cmd := exec.Command(s.d.binary, args...)
	cmd.Env = append(os.Environ(), s.env...)
	p, err := process.Start(ctx, cmd)
	if err != nil {
		return err
	}
	s.p, s.target.Addr = p, p.Addr
	s.watching, s.watched = make(chan struct{}), make(chan struct{})
	go s.watch(p.PID())
	return nil
}

// watch takes one sample of the memory a second.
func (s *server) watch(pid int) {
	defer close(s.watched)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if n, ok := process.Resident(pid); ok {
			s.greatest.Store(max(n, s.greatest.Load()))
		}
		select {
		case <-tick.C:
		case <-s.watching:
			return
		}
	}
}

func (s *server) unwatch() {
	close(s.watching)
	<-s.watched
	s.p = nil
}

// kill is kill -9.
func (s *server) kill() {
	s.p.Kill()
	s.unwatch()
}

// remove stops the server, if it runs, and deletes its data. That it does not stop well is an error.
func (s *server) remove() error {
	var err error
	if p := s.p; p != nil {
		s.unwatch()
		err = p.Stop()
	}
	return errors.Join(err, os.RemoveAll(s.data))
}

// megabytes is the greatest resident memory that was seen in any sample.
func (s *server) megabytes() float64 { return float64(s.greatest.Load()) / 1e6 }

// settle waits until the server uses less than a twentieth of a core, for two minutes at most: compactions and the
// collector go on for a while after load.
func (s *server) settle(ctx context.Context) error {
	const slice = time.Second
	before, _ := process.CPUTime(s.p.PID())
	for range 120 {
		if err := sleep(ctx, slice); err != nil {
			return err
		}
		now, _ := process.CPUTime(s.p.PID())
		if now-before < slice/20 {
			return nil
		}
		before = now
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
