// Command depth checks that bufeo is as good with much in it as with little: many messages in one queue, in a FIFO queue
// of many groups, many delayed ones, many queues, many long polls. `go run .` builds the bufeo of this checkout, and starts
// it on a fresh data folder on a real disk for each row:
//
//	backlog    5 million messages in one standard queue
//	fifo       1 million messages in a FIFO queue of 100,000 groups
//	delayed    1 million delayed messages, with others beside them, and once they are due
//	queues     10,000 queues that nobody uses, or not any more
//	poll-one   10,000 long polls on one queue
//	poll-many  10,000 long polls on as many queues
//
// A row prints one line. It passes if all its figures keep their limits; a limit is in parentheses behind its figure. The
// exit status is 1 if a row fails or could not be measured, and the last line has all figures as key=value.
//
// Rates are compared within one run: a slice of load on a queue of 5,000 messages, a slice on the deep one, in turns, so that
// whatever else the machine does hits both. Times and rates mean nothing on a machine that is busy or too small a scale:
// with -exact they are printed and not judged, and what is left has to hold everywhere.
package main

import (
	"context"
	"fmt"
	"io"

	"github.com/bufeomq/bufeo/test/command"
)

var program = command.Command[*options]{Name: "depth", Parse: parseOptions, Run: run}

func main() { program.Main() }

func run(ctx context.Context, o *options, stdout, stderr io.Writer) (ok bool, err error) {
	d, err := setUp(ctx, o, stderr)
	if err != nil {
		return false, err
	}
	var results []*result
	for _, r := range o.rows {
		res := d.measure(ctx, r)
		results = append(results, res)
		fmt.Fprintln(stdout, res.Line(o.exact))
	}
	err = d.tearDown()
	return !summary(stdout, o, results), err
}
