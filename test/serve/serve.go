// Package serve runs a bufeo in a process of its own, for the programs that try it hard: commands crash and soak.
package serve

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

// startTimeout is for a server to become ready.
const startTimeout = 30 * time.Second

// Server is one process after another, on one address and one data folder.
type Server struct {
	Binary string
	Dir    string // of the log, which all processes write to one after the other

	address string // chosen by the first Start: clients know it
	cmd     *exec.Cmd
	ended   chan struct{}
}

// URL is where it listens, from the first Start on.
func (s *Server) URL() string { return "http://" + s.address }

// Log is the file with what it says.
func (s *Server) Log() string { return filepath.Join(s.Dir, "log") }

// Process is the one that Start has started last, or nil.
func (s *Server) Process() *os.Process {
	if s.cmd == nil {
		return nil
	}
	return s.cmd.Process
}

// Ended is closed when that process is gone; Err says how it went.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Err is for one that was not meant to end.
func (s *Server) Err() error {
	return fmt.Errorf("the server ended: %v, see %s", s.cmd.ProcessState, s.Log())
}

// Start starts it on a data folder and returns when it is ready. One that does not become ready is killed.
func (s *Server) Start(ctx context.Context, data string) error {
	if s.address == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.address = l.Addr().String()
		if err := l.Close(); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(s.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd, ended := exec.Command(s.Binary, "serve", "--data", data, "--listen", s.address, "--relaxed-cooldowns"), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait() // it is killed, mostly
		close(ended)
	}()
	s.cmd, s.ended = cmd, ended
	if err := s.becomeReady(ctx); err != nil {
		s.Kill()
		return err
	}
	return nil
}

// becomeReady asks every 2 ms, so that the time of a restart can be told.
func (s *Server) becomeReady(ctx context.Context) error {
	limit := time.After(startTimeout)
	for !s.ready(ctx) {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-s.ended:
			return s.Err()
		case <-limit:
			return fmt.Errorf("the server is not ready after %v, see %s", startTimeout, s.Log())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *Server) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/readyz", nil)
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

// Kill ends the process without a chance to do anything, if there is one and it has not ended.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // fails only if it has ended
	<-s.ended
}

// Signal sends the process a signal and returns when it has ended of that.
func (s *Server) Signal(signal os.Signal) error {
	if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended
	return nil
}
