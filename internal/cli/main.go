package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// Main runs the binary and returns its exit code.
func Main() int {
	p := &Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Getenv:  os.Getenv,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Notify:  func(c chan<- os.Signal) { signal.Notify(c, os.Interrupt, syscall.SIGTERM) },
		Reload:  func(c chan<- os.Signal) { signal.Notify(c, syscall.SIGHUP) },
		Exit:    os.Exit,
		Terminal: func(stream any) bool {
			f, ok := stream.(*os.File)
			return ok && term.IsTerminal(int(f.Fd()))
		},
	}
	return p.Run(context.Background())
}
