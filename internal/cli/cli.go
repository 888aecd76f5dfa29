package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/internal/config"
	"github.com/bufeomq/bufeo/server"
)

// The exit codes. They are documented, so they stay.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2  // and every failure of --queues-check, whose 1 means that there is something to do
	exitStore  = 70 // EX_SOFTWARE of sysexits.h
)

// Process is what the commands know of the world around them.
type Process struct {
	Args    []string // without the program's name
	Environ []string // as from os.Environ
	Getenv  func(string) string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Notify  func(chan<- os.Signal) // sends the signals that ask to stop, instead of being ended by them
	Reload  func(chan<- os.Signal) // sends the signal that asks to read files again, instead of being ended by it
	Exit    func(code int)         // ends the process at once
	// Terminal reports whether one of Stdin, Stdout and Stderr is a terminal, with a person in front of it.
	Terminal func(stream any) bool
}

// Run executes the command that the arguments name and returns the exit code.
func (p *Process) Run(ctx context.Context) int {
	root := newRoot(p)
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if !began { // cobra refused the command line; its errors have no type
		err = asUsage(err)
	}
	if !errors.Is(err, errDifferent) {
		p.complain(err)
	}
	return exitCode(err)
}

// complain says what went wrong and what to do next.
func (p *Process) complain(err error) {
	fmt.Fprintf(p.Stderr, "bufeo: %v\n", err)
	for _, line := range failures(err) {
		fmt.Fprintln(p.Stderr, line)
	}
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(p.Stderr, "hint: %s\n", hint)
	}
}

func exitCode(err error) int {
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*checkError](err); ok || errors.Is(err, server.ErrQueues) {
		return exitUsage
	}
	if errors.Is(err, server.ErrStore) {
		return exitStore
	}
	return exitFailed
}

func hintOf(err error) string {
	if e, ok := errors.AsType[*usageError](err); ok {
		return e.hint
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return "`bufeo help serve` describes every flag; its variable has the same name, as in BUFEO_LOG_LEVEL"
	}
	if e, ok := errors.AsType[*serviceError](err); ok {
		return e.hint
	}
	if e, ok := errors.AsType[*server.Error](err); ok {
		return e.Hint
	}
	return ""
}
