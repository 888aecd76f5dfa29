package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// report prints the medians of the rounds, and beside them what they are of the SDK's with as many goroutines.
func report(w io.Writer, o *options, server string, rows []*row) {
	fmt.Fprintf(w, "\nAgainst %s: %d-byte bodies, %d rounds of %v, %d processors\n\n", server, o.body, o.rounds, o.duration, runtime.NumCPU())
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "client\tgoroutines\tmessages/s\tof SDK\tCPU µs/message\tof SDK\tallocations/message\tbytes/message\t")
	for _, r := range rows {
		sdk := r
		for _, other := range rows {
			if other.goroutines == r.goroutines && other.client == r.sdk {
				sdk = other
			}
		}
		fmt.Fprintf(tw, "%s\t%d\t%.0f\t%.2f\t%.1f\t%.2f\t%.1f\t%.0f\t\n", r.client, r.goroutines,
			median(r.rates), median(r.rates)/median(sdk.rates),
			float64(median(r.cpu).Nanoseconds())/1000, float64(median(r.cpu))/float64(median(sdk.cpu)),
			median(r.allocs), median(r.bytes))
	}
	_ = tw.Flush() // of a standard output that is gone
}
