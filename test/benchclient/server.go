package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// server is a process that answers, and what has to be removed after it.
type server struct {
	name, url string
	cmd       *exec.Cmd
	stdin     io.Closer
	folder    string
	stores    bool // what is sent, so that it can be received
}

func startBare(ctx context.Context, o *options) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, &server{name: "a bare handler"}, self, bareCommand, fmt.Sprintf("-body=%d", o.body))
}

// startBufeo builds bufeo, unless there is one, and starts it on a folder on a disk.
func startBufeo(ctx context.Context, o *options) (*server, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	parent := o.data
	if parent == "" {
		parent = filepath.Dir(root)
	}
	s := &server{name: "bufeo serve", stores: true}
	if s.folder, err = os.MkdirTemp(parent, "bufeo-bench-"); err != nil {
		return nil, fmt.Errorf("%w: choose another folder with -data", err)
	}
	binary := o.bufeo
	if binary == "" {
		binary = filepath.Join(s.folder, "bufeo")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/bufeo")
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("build bufeo: %w\n%s", err, out), os.RemoveAll(s.folder))
		}
	}
	return start(ctx, s, binary, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(s.folder, "data"))
}

var listening = regexp.MustCompile(`http://[^/\s'"]+`)

// start runs a server and waits until it prints its address.
func start(ctx context.Context, s *server, path string, args ...string) (*server, error) {
	s.cmd = exec.CommandContext(ctx, path, args...)
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if s.url = listening.FindString(lines.Text()); s.url != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, nil
		}
	}
	return nil, errors.Join(errors.New(s.name+" said no address"), s.stop())
}

// stop ends the server and removes its data.
func (s *server) stop() error {
	_ = s.stdin.Close()
	_ = s.cmd.Process.Signal(os.Interrupt)
	timeout := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer timeout.Stop()
	err := s.cmd.Wait()
	if err != nil && strings.Contains(err.Error(), "interrupt") {
		err = nil // the bare handler knows no better way to end
	}
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}
