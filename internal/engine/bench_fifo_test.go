//go:build bench

package engine

// What a FIFO queue's operations take, with few and many messages and groups. Run it with: make bench-fifo
//
// The engine's calls are timed on a file system in memory, where an fsync takes no time: on a disk it takes 300 µs and
// more, ten times what the engine does, and would hide whatever the engine does wrong. All queues are in one store and
// take turns operation by operation, so that compactions, the collector and the neighbours on this machine hit all alike.
// A round gives each case the mean of its operations, but for the slowest two in a hundred: those are the machine's
// scheduler. (What the engine itself does now and then, however rarely, TestCostIsConstant counts.) Cases are compared
// within each round; the median of the rounds is judged.

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/store"
)

const (
	benchWarmUp = 33 // until every group in memory has been read from more than once
	benchRounds = 41
	benchCycles = 500 // in a round, of each case
	benchLimit  = 1.3 // of the slowest case over the fastest
)

var benchOps = []string{"receive", "change visibility", "delete"}

type benchCase struct {
	messages, groups int
	q                *Queue
	took             [3][]time.Duration // of the operations of a round
	means            [3][]float64       // µs, one for each round
}

func TestBenchFIFO(t *testing.T) {
	cases := []*benchCase{
		{messages: 200, groups: 1},
		{messages: 200_000, groups: 1},
		{messages: 200_000, groups: 1_000},
		{messages: 200_000, groups: 100_000},
	}
	b := newBench(t, Options{})
	for i, c := range cases {
		c.q = b.fill(fmt.Sprintf("q%d.fifo", i), c.messages, c.groups)
	}
	b.restart(cases)
	for round := range benchWarmUp + benchRounds {
		b.later(6 * time.Minute) // deduplication ids are over
		runtime.GC()
		for range benchCycles {
			for _, c := range cases {
				b.cycle(c)
			}
		}
		for _, c := range cases {
			c.endRound(round >= benchWarmUp)
		}
	}
	fmt.Printf("%-20s %8s %8s %8s %8s\n", "operation", "messages", "groups", "µs", "ratio")
	for op, name := range benchOps {
		var ratios []float64
		for _, c := range cases {
			ratio := medianRatio(c.means[op], cases[0].means[op])
			ratios = append(ratios, ratio)
			fmt.Printf("%-20s %8d %8d %8.2f %8.2f\n", name, c.messages, c.groups, median(c.means[op]), ratio)
		}
		if worst := slices.Max(ratios) / slices.Min(ratios); worst > benchLimit {
			t.Errorf("%s: the slowest case takes %.2f times the fastest, more than %.1f", name, worst, benchLimit)
		}
	}
}

// endRound makes the means of what the round took.
func (c *benchCase) endRound(keep bool) {
	for op := range c.took {
		mean := trimmedMean(c.took[op])
		if keep {
			c.means[op] = append(c.means[op], mean)
		}
		c.took[op] = c.took[op][:0]
	}
}

// bench is an engine on a file system in memory, whose clock can be put forward.
type bench struct {
	t     *testing.T
	fs    *vfs.MemFS
	o     Options
	e     *Engine
	ahead atomic.Int64
	sent  int
}

func newBench(t *testing.T, o Options) *bench {
	b := &bench{t: t, fs: vfs.NewMem(), o: o}
	b.open()
	t.Cleanup(func() { b.e.Close() })
	return b
}

func (b *bench) open() {
	b.o.Log = slog.New(slog.DiscardHandler)
	b.o.Now = func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	st, err := store.Open("data", &store.Options{FS: b.fs, Log: b.o.Log})
	if err != nil {
		b.t.Fatal(err)
	}
	b.e, err = Open(st, &b.o)
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) later(d time.Duration) { b.ahead.Add(int64(d)) }

// restart makes the engine forget what it knows, so that small and large queues begin alike.
func (b *bench) restart(cases []*benchCase) {
	b.e.Close()
	b.open()
	for _, c := range cases {
		var err error
		if c.q, err = b.e.Queue(c.q.key); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) fill(name string, messages, groups int) *Queue {
	h := &harness{t: b.t, e: b.e}
	q := h.createFIFO(name)
	for n := 0; n < messages; n += 1000 {
		ms := make([]NewMessage, min(1000, messages-n))
		for i := range ms {
			ms[i] = b.message(fmt.Sprint("g", (n+i)%groups))
		}
		if _, err := q.Send(context.Background(), ms); err != nil {
			b.t.Fatal(err)
		}
	}
	return q
}

func (b *bench) message(group string) NewMessage {
	b.sent++
	return NewMessage{Body: body200, GroupID: group, DeduplicationID: fmt.Sprint(b.sent), Delay: -1}
}

// cycle receives a message, changes its visibility, deletes it and sends another, so that the backlog stays.
func (b *bench) cycle(c *benchCase) {
	ctx := context.Background()
	start := time.Now()
	lap := func(op int, errs []error, err error) {
		now := time.Now()
		if err != nil || len(errs) > 0 && errs[0] != nil {
			b.t.Fatal(errs, err)
		}
		if op >= 0 {
			c.took[op] = append(c.took[op], now.Sub(start))
		}
		start = time.Now()
	}
	ds, err := c.q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1})
	lap(0, nil, err)
	if len(ds) != 1 {
		b.t.Fatalf("received %d of %d", len(ds), c.messages)
	}
	errs, err := c.q.ChangeVisibility(ctx, []VisibilityChange{{ds[0].Handle, time.Minute}})
	lap(1, errs, err)
	errs, err = c.q.DeleteMessages(ctx, []string{ds[0].Handle})
	lap(2, errs, err)
	_, err = c.q.Send(ctx, []NewMessage{b.message(ds[0].GroupID)})
	lap(-1, nil, err)
}

// trimmedMean is in µs, without the slowest two in a hundred.
func trimmedMean(took []time.Duration) float64 {
	slices.Sort(took)
	kept := took[:len(took)*98/100]
	sum := time.Duration(0)
	for _, d := range kept {
		sum += d
	}
	return float64(sum.Nanoseconds()) / 1000 / float64(len(kept))
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}

// medianRatio compares pairs.
func medianRatio(xs, base []float64) float64 {
	ratios := make([]float64, len(xs))
	for i := range xs {
		ratios[i] = xs[i] / base[i]
	}
	return median(ratios)
}

var body200 = string(make([]byte, 200))
