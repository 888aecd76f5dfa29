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
	"sync"
	"time"
)

const (
	// startTimeout is for a server to say where it listens.
	startTimeout = 30 * time.Second
	// stopTimeout is for a server to end after it was asked to.
	stopTimeout = 20 * time.Second
)

// process is a server that this program started.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	addr  string // host:port
	log   *tail
	ended chan struct{} // closed when it has ended
	err   error         // how; read after ended
}

var listenLine = regexp.MustCompile(`http://([^/\s'"]+)`)

// startProcess runs a server and waits until it prints an http:// address on stdout.
func startProcess(ctx context.Context, path string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), log: &tail{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	out, out2 := io.Pipe()
	p.cmd.Stdout = out2
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		_ = out2.Close() // a pipe's end closes without fail
		close(p.ended)
	}()
	found := make(chan string, 1)
	go scanAddress(out, found)
	select {
	case p.addr = <-found:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended before it listened: %w\n%s", filepath.Base(path), p.err, p.log)
	case <-time.After(startTimeout):
		err = fmt.Errorf("%s printed no http:// address within %v\n%s", filepath.Base(path), startTimeout, p.log)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, p.stop())
}

// scanAddress sends the first address in r, then reads r to its end so that the writer is never held up.
func scanAddress(r io.Reader, found chan<- string) {
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		if m := listenLine.FindStringSubmatch(sc.Text()); m != nil {
			found <- m[1]
			break
		}
	}
	_, _ = io.Copy(io.Discard, r)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop asks the process to end, waits for it and returns an error unless it ended well.
func (p *process) stop() error {
	_ = p.stdin.Close() // already closed if it has ended
	err := p.cmd.Process.Signal(os.Interrupt)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = p.cmd.Process.Kill() // windows cannot ask
		<-p.ended
		return nil
	}
	timeout := time.AfterFunc(stopTimeout, func() { _ = p.cmd.Process.Kill() })
	defer timeout.Stop()
	<-p.ended
	if p.err != nil {
		return fmt.Errorf("%s did not stop cleanly: %w\n%s", filepath.Base(p.cmd.Path), p.err, p.log)
	}
	return nil
}

// tail keeps the end of what is written to it. Safe for concurrent use.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	const keep = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if len(t.buf) > keep {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-keep:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}

// checkout returns the root of the checkout that the working folder is in.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if first, _, _ := strings.Cut(string(mod), "\n"); err == nil && strings.TrimSpace(first) == "module github.com/bufeomq/bufeo" {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside a checkout of bufeo: change there, or use -bufeo and -data, or -endpoint")
		}
		dir = parent
	}
}

// build compiles cmd/bufeo of the checkout at root to the file at path.
func build(ctx context.Context, root, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/bufeo")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build bufeo: %w\n%s", err, out)
	}
	return nil
}
