// Command bench measures bufeo against a bare net/http handler.
//
// `go run .` builds the bufeo of this checkout, starts it on a fresh data folder on a real disk, starts a handler that
// reads requests and answers with fixed bytes in a process of its own, and drives both with one load generator in turns:
// a slice of load for the one, a slice for the other, and again, so that whatever else the machine does hits both. What
// it prints is how much of the bare handler's rate is left once messages are stored durably. A rate alone says little:
// it depends on the machine, and the generator runs on the same cores.
//
// The operations are
//
//	send     SendMessage, one message
//	batch    SendMessageBatch of 10
//	cycle1   SendMessage, ReceiveMessage, DeleteMessage: three requests, one message
//	cycle10  the same with batches of 10
//	wake     a message sent while a long poll waits for it: the time until it is received
//
// Everything that was acknowledged is checked afterwards: sends against the queue's own count, cycles message by message.
// The exit status is 1 if a request failed, a message was lost, doubled or made up, or too little was tried to mean
// anything; the last line of the output has all figures as key=value.
//
// For a profile of the server, which has no endpoint for one: `perf record -g -p PROCESS` during a run of one operation,
// with the process number that is printed at the start.
package main

import (
	"context"
	"errors"
	"io"

	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/command"
)

var program = command.Command[*options]{Name: "bench", Parse: parseOptions, Run: measure}

func main() {
	bare.Main()
	program.Main()
}

func measure(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	b, err := setUp(ctx, o, stderr)
	if err != nil {
		return false, err
	}
	rows, err := b.measure(ctx)
	err = errors.Join(err, b.tearDown())
	rep := report{options: o, env: b.env, rows: rows, failures: failures(o, rows)}
	if err != nil {
		rep.failures = append(rep.failures, err.Error())
	}
	rep.write(stdout)
	return len(rep.failures) == 0, nil // the report has the error
}
