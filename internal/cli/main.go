package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Main runs the binary and returns its exit code.
func Main() int {
	p := &Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Getenv:  os.Getenv,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Notify:  func(c chan<- os.Signal) { signal.Notify(c, os.Interrupt, syscall.SIGTERM) },
		Reload:  func(c chan<- os.Signal) { signal.Notify(c, syscall.SIGHUP) },
		Exit:    os.Exit,
	}
	return p.Run(context.Background())
}
