// Command overload checks that bufeo stays within its memory, and useful, when more is asked of it than it can do. `go run .`
// builds the bufeo of this checkout and starts it on a fresh data folder on a real disk for each row:
//
//	flood     10,000 connections begin to send 1 MiB each, fast, slowly and hardly at all; the server has 256 MiB
//	open      four times the requests that the server can take, however long the answers take
//
// A row prints one line. The exit status is 1 if a row misses a limit, could not be measured, or had too little to do to
// mean anything; the last line has all figures as key=value.
package main

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
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintln(stderr, "overload:", err)
		return exitUsage
	}
	t, err := setUp(ctx, o, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "overload:", err)
		return exitFailed
	}
	var results []*result
	for _, r := range o.rows {
		res := newResult(r)
		res.Err = r.run(t, ctx, res)
		results = append(results, res)
		fmt.Fprintln(stdout, res.Line(o.exact))
	}
	err = os.RemoveAll(t.folder)
	if err != nil {
		fmt.Fprintln(stderr, "overload:", err)
	}
	if failed := summary(stdout, o, results); failed || err != nil {
		return exitFailed
	}
	return exitOK
}
