package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// row is what one client did with a number of goroutines.
type row struct {
	client     string
	sdk        string // the row that it is compared with
	goroutines int
	rates      []float64       // messages a second, round by round
	cpu        []time.Duration // for a message, likewise
	allocs     []float64       // for a message, likewise
	bytes      []float64
}

// measure drives all clients in turns: with one goroutine first, then with many.
func measure(ctx context.Context, o *options, s *server) ([]*row, error) {
	single, gather, err := clients(ctx, o, s.url)
	if err != nil {
		return nil, err
	}
	var receiving []client
	if s.stores {
		if receiving, err = receivers(ctx, o, s.url); err != nil {
			return nil, err
		}
	}
	var rows []*row
	for _, group := range []struct {
		clients    []client
		sdk        string
		goroutines int
	}{{single, sdkSend, 1}, {gather, sdkSend, o.goroutines}, {receiving, sdkReceive, o.goroutines}} {
		var turn []*row
		for _, c := range group.clients {
			r := &row{client: c.name, sdk: group.sdk, goroutines: group.goroutines}
			turn = append(turn, r)
			if err := r.slice(ctx, c, o.duration/4); err != nil { // connections, caches, the Go heap's size
				return nil, err
			}
			*r = row{client: c.name, sdk: group.sdk, goroutines: group.goroutines}
		}
		for range o.rounds {
			for i, c := range group.clients {
				if err := turn[i].slice(ctx, c, o.duration); err != nil {
					return nil, err
				}
			}
		}
		rows = append(rows, turn...)
	}
	for _, c := range slices.Concat(gather, receiving) {
		if c.done != nil {
			if err := c.done(ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return rows, nil
}

// slice drives a client for d and notes what that took.
func (r *row) slice(ctx context.Context, c client, d time.Duration) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	n, err := drive(ctx, c, r.goroutines, d)
	took, used := time.Since(start), cpuTime()-cpu
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	runtime.ReadMemStats(&after)
	r.rates = append(r.rates, float64(n)/took.Seconds())
	r.cpu = append(r.cpu, used/time.Duration(n))
	r.allocs = append(r.allocs, float64(after.Mallocs-before.Mallocs)/float64(n))
	r.bytes = append(r.bytes, float64(after.TotalAlloc-before.TotalAlloc)/float64(n))
	return nil
}

// drive sends with many goroutines, one message at a time each, and returns how many were answered.
func drive(ctx context.Context, c client, goroutines int, d time.Duration) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var over atomic.Bool
	defer time.AfterFunc(d, func() { over.Store(true) }).Stop()
	var sent atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			n := 0
			for !over.Load() {
				if err := c.send(ctx); err != nil {
					cancel(err)
					return
				}
				n++
			}
			sent.Add(int64(n))
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return int(max(sent.Load(), 1)), nil
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
