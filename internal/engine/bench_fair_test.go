//go:build bench

package engine

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// What fair queues cost a queue whose messages have no MessageGroupId: two engines, one with and one without, take turns
// operation by operation, in memory, as in TestBenchFIFO. Run it with: make bench-fair
func TestBenchFair(t *testing.T) {
	const (
		rounds, cycles, backlog = 81, 1000, 1000
		limit                   = 1.03 // time for the same work: 3 % of throughput
	)
	on, off := newBench(t, Options{}), newBench(t, Options{NoFairQueues: true})
	var qs [2]*Queue
	for i, b := range []*bench{on, off} {
		h := &harness{t: t, e: b.e}
		qs[i] = h.create("q")
		h.send(qs[i], numbered(backlog)...)
	}
	var means [2][]float64
	for round := range rounds + 1 {
		runtime.GC()
		var took [2][]time.Duration
		for n := range cycles {
			for i := range qs { // whoever comes first: the other finds the processor warm
				i = (i + n) % 2
				start := time.Now()
				sendReceiveDelete(t, qs[i])
				took[i] = append(took[i], time.Since(start))
			}
		}
		if round > 0 { // the first warms up
			means[0] = append(means[0], trimmedMean(took[0]))
			means[1] = append(means[1], trimmedMean(took[1]))
		}
	}
	ratio := medianRatio(means[0], means[1])
	fmt.Printf("send, receive, delete without groups: fair queues on %.2f µs, off %.2f µs, ratio %.3f\n",
		median(means[0]), median(means[1]), ratio)
	if ratio > limit {
		t.Errorf("fair queues take %.3f times as long, more than %.2f", ratio, limit)
	}
}

func sendReceiveDelete(t *testing.T, q *Queue) {
	ctx := context.Background()
	if _, err := q.Send(ctx, []NewMessage{{Body: body200}}); err != nil {
		t.Fatal(err)
	}
	ds, err := q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1})
	if err != nil || len(ds) != 1 {
		t.Fatalf("received %d: %v", len(ds), err)
	}
	if _, err := q.DeleteMessages(ctx, []string{ds[0].Handle}); err != nil {
		t.Fatal(err)
	}
}
