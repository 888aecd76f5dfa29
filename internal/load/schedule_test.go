package load

import (
	"sync"
	"testing"
	"time"
)

// TestRunAt_stall: an endpoint that stalls once delays all that is due meanwhile, and the latencies say so. Those of a
// closed loop have the stall once for each connection, however long it was.
func TestRunAt_stall(t *testing.T) {
	const stall = 300 * time.Millisecond
	f := &fakeSQS{slow: sync.OnceFunc(func() { <-time.After(stall) })}
	j := newJob(t, f, JSON{}, Send, 1)
	res, err := j.RunAt(t.Context(), 1, 500, 2*time.Second)
	if err != nil || res.FirstError != nil {
		t.Fatal(err, res.FirstError)
	}
	if got := res.Steps + res.Unsent; got != 1000 || res.Latency.Count() != 1000 {
		t.Errorf("got %d steps, sent or not, and %d latencies, want the 1000 that the schedule has", got, res.Latency.Count())
	}
	// 150 are due during the stall, and half of them wait for at least half of it, on a machine of any speed.
	if got := res.Latency.Quantile(.93); got < stall/2 {
		t.Errorf("got %v at the 93rd percentile, want the stall of %v in it", got, stall)
	}
}

// TestRunAt_too_fast: what an endpoint does not keep up with is counted, not left out.
func TestRunAt_too_fast(t *testing.T) {
	f := &fakeSQS{slow: func() { <-time.After(10 * time.Millisecond) }}
	j := newJob(t, f, JSON{}, Send, 1)
	res, err := j.RunAt(t.Context(), 2, 10_000, 200*time.Millisecond)
	if err != nil || res.FirstError != nil {
		t.Fatal(err, res.FirstError)
	}
	if res.Unsent < 1900 || res.Steps+res.Unsent != 2000 || res.Latency.Count() != 2000 {
		t.Errorf("got %d steps and %d unsent, %d latencies, want 2000 in all, nearly all unsent", res.Steps, res.Unsent, res.Latency.Count())
	}
	if got := res.Latency.Quantile(.5); got < 50*time.Millisecond {
		t.Errorf("got a median of %v, want the time that was waited for a connection", got)
	}
}
