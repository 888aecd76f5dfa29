// Package harness runs the real bufeo binary for the suites in this module: start, kill, restart, and a proxy that
// breaks things in between. Only tests import it.
package harness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait for the server. It is generous because it only ever passes on failure.
const patience = 60 * time.Second

// listening finds the address in what the server prints: the curl line that users paste carries it.
var listening = regexp.MustCompile(`http://([0-9A-Za-z.\[\]:-]+:\d+)`)

// Binary returns the path of the bufeo under test: $BUFEO_BIN, which `make test` sets so that it is built once, else
// one built from this checkout.
var Binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("BUFEO_BIN"); path != "" {
		return filepath.Abs(path)
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "bufeo-compat-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bufeo")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/bufeo")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/bufeo: %w\n%s", err, out)
	}
	return path, nil
})

// Root is the root of the repository: the nearest directory upwards that has cmd/bufeo.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "cmd", "bufeo")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside a checkout of bufeo: no cmd/bufeo above the working directory")
		}
		dir = parent
	}
}

// Server is one bufeo process after another on one data directory and one address.
type Server struct {
	URL  string // http://HOST:PORT
	Data string // the data directory

	args   []string
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd is gone
	status error         // of cmd; read it after exited
	stdout *output
	stderr *output
}

// Launch starts a server on a free port with its data in data. It returns when /readyz answers 200. It takes no
// testing.TB so that a TestMain can use it; tests call Start.
func Launch(data string, args ...string) (*Server, error) {
	s := &Server{Data: data, args: args}
	if err := s.launch("127.0.0.1:0"); err != nil {
		return nil, err
	}
	return s, nil
}

// Start is Launch with a temporary data directory; the server ends with the test, and what it logged is shown if the
// test failed. The cool-downs of 60 seconds are off unless args say otherwise: see StartStrict.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return StartStrict(t, append([]string{"--relaxed-cooldowns"}, args...)...)
}

// StartStrict is Start with every rule of AWS in force: a name stays blocked for 60 seconds after DeleteQueue, and a
// queue is purged at most once in 60 seconds.
func StartStrict(t testing.TB, args ...string) *Server {
	t.Helper()
	s, err := Launch(filepath.Join(t.TempDir(), "data"), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("server did not stop cleanly: %v", err)
		}
		if t.Failed() {
			t.Logf("server's stderr:\n%s", s.stderr)
		}
	})
	return s
}

func (s *Server) launch(listen string) error {
	binary, err := Binary()
	if err != nil {
		return err
	}
	s.stdout, s.stderr = newOutput(), newOutput()
	// The log at this level has a line for each request: see record.go.
	args := []string{"serve", "--listen", listen, "--data", s.Data, "--log-level", "debug", "--log-format", "json"}
	cmd := exec.Command(binary, append(args, s.args...)...)
	cmd.Env = Environ()
	cmd.Dir = os.TempDir()
	cmd.Stdout, cmd.Stderr = s.stdout, s.stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	exited, log := make(chan struct{}), s.stderr
	s.cmd, s.exited = cmd, exited
	go func() {
		s.status = cmd.Wait()
		see([]byte(log.String()))
		close(exited)
	}()
	if s.URL, err = s.address(); err == nil {
		err = s.ready()
	}
	if err != nil {
		cmd.Process.Kill()
		<-exited
		return fmt.Errorf("bufeo serve: %w\nstdout:\n%s\nstderr:\n%s", err, s.stdout, s.stderr)
	}
	return nil
}

// address waits for the line that says where the server listens.
func (s *Server) address() (string, error) {
	deadline := time.After(patience)
	for {
		changed := s.stdout.changed()
		if at := listening.FindStringSubmatch(s.stdout.String()); at != nil {
			return "http://" + at[1], nil
		}
		select {
		case <-changed:
		case <-s.exited:
			return "", fmt.Errorf("ended before it said where it listens: %w", s.status)
		case <-deadline:
			return "", errors.New("did not say where it listens")
		}
	}
}

// ready asks /readyz until it answers 200; while the server starts it answers 503.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("ended while starting: %w", s.status)
		case <-ctx.Done():
			return fmt.Errorf("/readyz: %w", ctx.Err())
		}
	}
}

// Stdout is what the running process has printed.
func (s *Server) Stdout() string { return s.stdout.String() }

// Kill ends the process at once, as kill -9 does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-s.exited
}

// Restart starts the server again on the same address and data directory. If it still runs it is killed first.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill(t)
	if err := s.launch(strings.TrimPrefix(s.URL, "http://")); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the process as an operator does, and reports an exit status other than 0. A process that is gone already
// is no error: the test killed it.
func (s *Server) Stop() error {
	select {
	case <-s.exited:
		return nil
	default:
	}
	if runtime.GOOS == "windows" {
		s.cmd.Process.Kill()
		<-s.exited
		return nil
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case <-s.exited:
		return s.status
	case <-time.After(patience):
		s.cmd.Process.Kill()
		<-s.exited
		return errors.New("still running a minute after SIGINT")
	}
}

// Environ is this process's environment without what would change the behaviour of the server or of a client: a
// suite that passes only on a machine with somebody's AWS profile proves nothing.
func Environ(extra ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(pair), "=")
		switch {
		case strings.HasPrefix(name, "BUFEO_"), strings.HasPrefix(name, "AWS_"), strings.HasPrefix(name, "BOTO"),
			strings.HasSuffix(name, "_PROXY"):
			continue
		}
		env = append(env, pair)
	}
	return append(env, extra...)
}

// output collects what a process writes and tells a waiter when there is more.
type output struct {
	mu struct {
		sync.Mutex
		text bytes.Buffer
		more chan struct{}
	}
}

var _ io.Writer = (*output)(nil)

func newOutput() *output {
	o := &output{}
	o.mu.more = make(chan struct{})
	return o
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mu.text.Write(p)
	close(o.mu.more)
	o.mu.more = make(chan struct{})
	return len(p), nil
}

// changed returns a channel that is closed by the next Write.
func (o *output) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mu.more
}

// String is all that was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mu.text.String()
}

// Lines are the non-empty lines of text, without the space around them.
func Lines(text string) []string {
	var lines []string
	for scan := bufio.NewScanner(strings.NewReader(text)); scan.Scan(); {
		if line := strings.TrimSpace(scan.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
