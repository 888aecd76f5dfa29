// Command peers measures bufeo against other servers that speak SQS.
//
// `go run ./peers` builds the bufeo of this checkout, installs the others from the registries of their languages, starts
// each on a fresh folder, and drives all of them with one load generator: same connections, same bodies, and in turns, a
// slice of load for each and again, so that whatever else the machine does hits all. A bare net/http handler that stores
// nothing stands beside them. What bufeo acknowledges is on disk; the others keep it in memory, but for ElasticMQ with H2.
//
// It prints a table, which docs/benchmarks.md has, and judges bufeo by the goals in goals.go. What a peer loses or doubles
// is in the table and is no failure. The exit status is 1 if bufeo misses a goal, fails, loses or doubles anything, if too
// little was tried to mean anything, or if a peer that was asked for could not be installed or started; the last line of
// the output has all figures as key=value.
//
// What is downloaded is kept in ${XDG_CACHE_HOME:-~/.cache}/bufeo.
package main

import (
	"context"
	"io"

	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/command"
)

var program = command.Command[*options]{Name: "peers", Parse: parseOptions, Run: measure}

func main() {
	bare.Main()
	program.Main()
}

func measure(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	f := newField(o, stderr)
	err = f.setUp(ctx)
	if err == nil {
		err = f.measure(ctx)
	}
	f.tearDown()
	rep := &report{field: f}
	rep.judge()
	if err != nil {
		rep.failures = append(rep.failures, err.Error())
	}
	rep.write(stdout)
	return len(rep.failures) == 0, nil // the report has the error
}
