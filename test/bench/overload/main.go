// Command overload checks that bufeo stays within its memory, and useful, when more is asked of it than it can do. `go run .`
// builds the bufeo of this checkout and starts it on a fresh data folder on a real disk for each row:
//
//	flood     10,000 connections begin to send 1 MiB each, fast, slowly and hardly at all; the server has 256 MiB
//	open      four times the requests that the server can take, however long the answers take
//	full      the same from so many connections that most sends wait for longer than the server lets them
//
// A row prints one line. The exit status is 1 if a row misses a limit, could not be measured, or had too little to do to
// mean anything; the last line has all figures as key=value.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/bufeomq/bufeo/test/bench/verdict"
	"github.com/bufeomq/bufeo/test/command"
)

var program = command.Command[*options]{Name: "overload", Parse: parseOptions, Run: run}

func main() { program.Main() }

func run(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	t, err := setUp(ctx, o, stderr)
	if err != nil {
		return false, err
	}
	var results []*verdict.Result
	for _, r := range o.rows {
		res := &verdict.Result{Name: r.name}
		res.Err = r.run(t, ctx, res)
		results = append(results, res)
		fmt.Fprintln(stdout, res.Line(o.exact))
	}
	err = os.RemoveAll(t.folder)
	return !verdict.Summary(stdout, "overload", o.exact, fmt.Sprintf("factor=%g", o.factor), results), err
}
