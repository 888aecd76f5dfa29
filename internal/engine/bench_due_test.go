//go:build bench

package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// What it takes to receive and delete messages that were delayed, 400,000 of which became due in the same second, beside a
// queue of 5,000 messages that were not: slices of load in turns, in memory, as in TestBenchFIFO, and all of what a slice takes
// counts, with what goes on in the background. Run it with: make bench-due
func TestBenchDue(t *testing.T) {
	const (
		backlog, shallow = 400_000, 5_000
		slice, rounds    = 2560, 61
		limit            = 1.8 // HTTP takes three times as long as all this. It was 2.1 when each receive read its bodies
	)
	b := newBench(t, Options{})
	h := &harness{t: t, e: b.e}
	small, deep := h.create("small"), h.create("deep")
	due := b.o.Now().Add(maxBenchDelay)
	b.sendText(deep, backlog, func() time.Duration {
		b.later(400 * time.Microsecond) // ten messages each: as fast as a server takes them
		return due.Sub(b.o.Now()).Truncate(time.Second)
	})
	b.later(due.Sub(b.o.Now()))
	var took [2][]float64
	for round := range rounds + 1 {
		b.sendText(small, shallow-int(stored(small)), func() time.Duration { return 0 })
		runtime.GC()
		for n, q := range []*Queue{small, deep} {
			µs := b.take(q, slice)
			if round > 0 { // the first warms up
				took[n] = append(took[n], µs)
			}
		}
	}
	ratio := medianRatio(took[1], took[0])
	fmt.Printf("receive and delete in tens: %.2f µs a message, due from disk %.2f µs, ratio %.2f\n", median(took[0]), median(took[1]), ratio)
	if ratio > limit {
		t.Errorf("due messages take %.2f times as long as others, more than %.1f", ratio, limit)
	}
}

const maxBenchDelay = 15 * time.Minute

// sendText sends messages of 200 letters that do not compress, in tens.
func (b *bench) sendText(q *Queue, n int, delay func() time.Duration) {
	for ; n > 0; n -= 10 {
		ms := make([]NewMessage, min(n, 10))
		d := delay()
		for i := range ms {
			body := make([]byte, 200)
			for j := range body {
				body[j] = 'a' + byte(rand.IntN(26))
			}
			ms[i] = NewMessage{Body: string(body), Delay: d}
		}
		if _, err := q.Send(context.Background(), ms); err != nil {
			b.t.Fatal(err)
		}
	}
}

// take receives and deletes n messages with 16 callers, and says how long one took, in µs.
func (b *bench) take(q *Queue, n int) float64 {
	const callers = 16
	start := time.Now()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range n / callers / 10 {
				b.takeTen(q)
			}
		})
	}
	wg.Wait()
	return float64(time.Since(start).Nanoseconds()) / 1000 / float64(n)
}

func (b *bench) takeTen(q *Queue) {
	ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: -1})
	if err != nil || len(ds) != 10 {
		b.t.Errorf("received %d: %v", len(ds), err)
	}
	handles := make([]string, len(ds))
	for i := range ds {
		handles[i] = ds[i].Handle
	}
	if _, err := q.DeleteMessages(context.Background(), handles); err != nil {
		b.t.Error(err)
	}
}
