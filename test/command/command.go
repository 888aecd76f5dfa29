// Package command is how the programs of this module begin and end: flags, signals, exit codes.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	OK     = 0
	Failed = 1 // what was promised does not hold, or could not be tried
	Usage  = 2
)

// Command is a program with options O.
type Command[O any] struct {
	Name string
	// Parse reads the flags. It prints to stderr what package flag prints.
	Parse func(args []string, stderr io.Writer) (O, error)
	// Run prints what it finds on stdout, and what goes on on stderr. ok: all is as it should be. An error is printed, and as
	// bad as not ok. It ends early when ctx does.
	Run func(ctx context.Context, o O, stdout, stderr io.Writer) (ok bool, err error)
}

// Main runs the program and ends the process. SIGINT and SIGTERM end its context.
func (c Command[O]) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := c.Do(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Do runs the program and returns its exit code.
func (c Command[O]) Do(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := c.Parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return OK
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", c.Name, err)
		return Usage
	}
	ok, err := c.Run(ctx, o, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", c.Name, err)
	}
	if !ok || err != nil {
		return Failed
	}
	return OK
}
