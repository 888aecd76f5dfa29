package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server is a bufeo in a process of its own.
type server struct {
	binary, dir string
	address     string
	cmd         *exec.Cmd
	ended       chan struct{}
}

func (s *server) url() string { return "http://" + s.address }
func (s *server) pid() int    { return s.cmd.Process.Pid }

// start returns when it is ready.
func (s *server) start(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = l.Addr().String()
	l.Close()
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, "serve", "--data", filepath.Join(s.dir, "data"), "--listen", s.address, "--relaxed-cooldowns")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		_ = s.cmd.Wait() // it is killed, or ends by SIGQUIT
		close(s.ended)
	}()
	limit := time.After(30 * time.Second)
	for !s.ready(ctx) {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-s.ended:
			return fmt.Errorf("the server ended: %v, see %s", s.cmd.ProcessState, log.Name())
		case <-limit:
			return errors.Join(fmt.Errorf("the server is not ready after 30 s, see %s", log.Name()), s.stop())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.stop())
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

// stop ends it, if it has not ended.
func (s *server) stop() error {
	_ = s.cmd.Process.Kill() // fails only if it has ended
	<-s.ended
	return nil
}

// quit ends it with the signal on which a Go program prints the traces of its goroutines, and counts them. after is the
// size of the data folder before that.
func (s *server) quit() (after int64, goroutines int, err error) {
	after = diskUsage(filepath.Join(s.dir, "data"))
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return after, 0, err
	}
	<-s.ended
	log, err := os.ReadFile(filepath.Join(s.dir, "log"))
	for line := range bytes.Lines(log) {
		if bytes.HasPrefix(line, []byte("goroutine ")) && bytes.HasSuffix(line, []byte("]:\n")) {
			goroutines++
		}
	}
	return after, goroutines, err
}
