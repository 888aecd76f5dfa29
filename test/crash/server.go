package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// server is a bufeo in a process of its own, on one port and one folder.
type server struct {
	binary, dir string
	address     string
	volume      *volume // nil: on the file system of dir
	cmd         *exec.Cmd
	ended       chan struct{}
}

func (s *server) data() string {
	if s.volume != nil {
		return filepath.Join(s.volume.dir, "data")
	}
	return filepath.Join(s.dir, "data")
}

func (s *server) url() string { return "http://" + s.address }

// start returns when the server is ready.
func (s *server) start(ctx context.Context) error {
	if s.address == "" { // the same one for all starts, as clients know it
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.address = l.Addr().String()
		l.Close()
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, "serve", "--data", s.data(), "--listen", s.address, "--relaxed-cooldowns")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // it is killed
		close(ended)
	}(s.cmd, s.ended)
	limit := time.After(30 * time.Second)
	for !s.ready(ctx) {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-s.ended:
			return fmt.Errorf("the server ended: %v, see %s", s.cmd.ProcessState, log.Name())
		case <-limit:
			return fmt.Errorf("the server is not ready after 30 s, see %s", log.Name())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *server) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// kill ends it without a chance to do anything, and what it has not synced is gone if it has a volume.
func (s *server) kill() error {
	if s.volume != nil {
		if err := s.volume.cut(s.cmd.Process); err != nil {
			return err
		}
	}
	_ = s.cmd.Process.Kill() // it may have ended already
	<-s.ended
	if s.volume == nil {
		return nil
	}
	return errors.Join(s.volume.unmount(), s.volume.mount())
}

// stop is for the end.
func (s *server) stop() error {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // it may have ended already
		<-s.ended
	}
	if s.volume != nil {
		return s.volume.unmount()
	}
	return nil
}
