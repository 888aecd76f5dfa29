package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	// slowStartTimeout is for one on a virtual machine that has to warm up, with little processor time left for it.
	slowStartTimeout = 2 * time.Minute
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
	out, out2 := io.Pipe()
	if err := p.begin(out2); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go scanAddress(out, found)
	var err error
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

// StartAt runs a server that says nothing useful and waits until it takes connections at addr.
func StartAt(ctx context.Context, cmd *exec.Cmd, addr string) (*Process, error) {
	p := &Process{Addr: addr, cmd: cmd, log: &tail{}, ended: make(chan struct{})}
	if err := p.begin(writeCloser{p.log}); err != nil {
		return nil, err
	}
	over := time.After(slowStartTimeout)
	for again := time.NewTicker(50 * time.Millisecond); ; {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close() // it carried nothing
			return p, nil
		}
		var err error
		select {
		case <-again.C:
			continue
		case <-p.ended:
			return nil, fmt.Errorf("%s ended before it listened: %w\n%s", filepath.Base(cmd.Path), p.err, p.log)
		case <-over:
			err = fmt.Errorf("%s takes no connections after %v\n%s", filepath.Base(cmd.Path), slowStartTimeout, p.log)
		case <-ctx.Done():
			err = ctx.Err()
		}
		p.Kill()
		return nil, err
	}
}

type writeCloser struct{ io.Writer }

func (writeCloser) Close() error { return nil }

// begin starts the process, with its stdout going to out.
func (p *Process) begin(out io.WriteCloser) (err error) {
	p.cmd.Stdout, p.cmd.Stderr = out, p.log
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		p.err = p.cmd.Wait()
		_ = out.Close() // a pipe's end closes without fail
		close(p.ended)
	}()
	return nil
}

// Ended reports whether the process is gone, and what it said last.
func (p *Process) Ended() (log string, ended bool) {
	select {
	case <-p.ended:
		return p.log.String(), true
	default:
		return "", false
	}
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
