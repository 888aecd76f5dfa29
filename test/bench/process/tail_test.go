package process

import (
	"strings"
	"testing"
)

func TestTail_counts_goroutines_however_the_trace_is_cut(t *testing.T) {
	const trace = "SIGQUIT: quit\n\ngoroutine 1 [select]:\nmain.main()\n\ngoroutine 27 gp=0xc0 m=nil [IO wait, 3 minutes]:\n" +
		"created by goroutine 1 [select]:\ngoroutine is a word\n"
	for size := 1; size < 12; size++ {
		var log tail
		for rest := trace; rest != ""; {
			n := min(size, len(rest))
			if _, err := log.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if log.goroutines != 2 {
			t.Errorf("in pieces of %d bytes: got %d goroutines, want 2", size, log.goroutines)
		}
		if got := log.String(); got != strings.TrimSpace(trace) {
			t.Errorf("got %q, want the trace", got)
		}
	}
}
