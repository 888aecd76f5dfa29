package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"

	"github.com/bufeomq/bufeo/test/serve"
)

// server is a bufeo that is looked at.
type server struct{ serve.Server }

func (s *server) data() string { return filepath.Join(s.Dir, "data") }

// start returns when it is ready.
func (s *server) start(ctx context.Context) error { return s.Start(ctx, s.data()) }

// quit ends it with the signal on which a Go program prints the traces of its goroutines, and counts them. after is the
// size of the data folder before that.
func (s *server) quit() (after int64, goroutines int, err error) {
	after = diskUsage(s.data())
	if err := s.Signal(syscall.SIGQUIT); err != nil {
		return after, 0, err
	}
	log, err := os.ReadFile(s.Log())
	for line := range bytes.Lines(log) {
		if bytes.HasPrefix(line, []byte("goroutine ")) && bytes.HasSuffix(line, []byte("]:\n")) {
			goroutines++
		}
	}
	return after, goroutines, err
}
