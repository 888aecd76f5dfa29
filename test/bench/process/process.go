package process

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
	"syscall"
	"time"
)

const (
	// startTimeout is for a server to say where it listens.
	startTimeout = 30 * time.Second
	// stopTimeout is for a server to end after it was asked to.
	stopTimeout = 20 * time.Second
)

// Process is a server that this program started.
type Process struct {
	Addr string // host:port, where it listens

	cmd   *exec.Cmd
	stdin io.Closer
	log   *tail
	ended chan struct{} // closed when it has ended
	err   error         // how; read after ended
}

var listenLine = regexp.MustCompile(`http://([^/\s'"]+)`)

// Start runs a server and waits until it prints an http:// address on stdout. cmd has path, arguments and environment.
func Start(ctx context.Context, cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, log: &tail{}, ended: make(chan struct{})}
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
	case p.Addr = <-found:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended before it listened: %w\n%s", filepath.Base(cmd.Path), p.err, p.log)
	case <-time.After(startTimeout):
		err = fmt.Errorf("%s printed no http:// address within %v\n%s", filepath.Base(cmd.Path), startTimeout, p.log)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, p.Stop())
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

// PID is its number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process without asking, and returns when it is gone.
func (p *Process) Kill() {
	_ = p.stdin.Close()
	_ = p.cmd.Process.Kill() // fails only if it has ended
	<-p.ended
}

// Goroutines ends a Go program as Kill does, with the signal on which it prints all its traces, and counts them.
func (p *Process) Goroutines() (int, error) {
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return 0, err
	}
	<-p.ended
	_ = p.stdin.Close()
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	if p.log.goroutines == 0 {
		return 0, fmt.Errorf("%s printed no traces on SIGQUIT\n%s", filepath.Base(p.cmd.Path), p.log.buf)
	}
	return p.log.goroutines, nil
}

// Stop asks the process to end, waits for it and returns an error unless it ended well.
func (p *Process) Stop() error {
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
