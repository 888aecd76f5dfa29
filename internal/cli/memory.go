package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/bufeomq/bufeo/internal/memory"
)

// A server's live heap is a few MiB most of the time, and Go would collect it at twice that, some hundred times a
// second under load. So the heap may grow to nine times what is live. Where more is live that would be too much memory for
// nothing: from 8 MiB on it is what is let go of between two collections that has a bound, 64 MiB or less, and from 256 MiB on
// the heap may grow by a quarter. Near its share of the memory limit Go collects more often, whatever is live.
//
// A collection looks at the stack of every goroutine, and each connection has one. So that a message does not cost the more,
// the more connections there are, the garbage may be larger by garbagePerGoroutine for each, as far as a quarter of what
// Go has left of its share goes: with 4,000 connections and 1 GiB, 126 MiB.
const (
	gcPercent           = 800
	minGCPercent        = 25
	garbagePerGoroutine = 16 << 10
)

// tuneMemory sets Go's collector for a server, unless the operator has with Go's own variables.
func tuneMemory(s memory.Shares, getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		afterCollections(gcPercent, s)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(s.Go)
	}
}

// afterCollections sets the percentage anew after each collection: an object that nobody holds is finalized by each.
func afterCollections(percent int, s memory.Shares) {
	type canary struct{ _ [16]byte } // not tiny: those are finalized with their neighbours
	samples := []metrics.Sample{
		// What the percentage is of: what was marked, and the roots.
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/sched/goroutines:goroutines"},
	}
	var collected func(*canary)
	collected = func(c *canary) {
		metrics.Read(samples)
		var live uint64
		for _, root := range samples[:3] {
			live += root.Value.Uint64()
		}
		garbage := garbageFor(s, live+samples[3].Value.Uint64(), samples[4].Value.Uint64())
		if p := percentFor(live, garbage); p != percent {
			percent = p
			debug.SetGCPercent(p)
		}
		runtime.SetFinalizer(c, collected)
	}
	runtime.SetFinalizer(&canary{}, collected)
}

// garbageFor is how much garbage there may be beside what is used.
func garbageFor(s memory.Shares, used, goroutines uint64) int64 {
	wanted := s.Garbage + int64(goroutines)*garbagePerGoroutine
	return max(s.Garbage, min(wanted, (s.Go-int64(used))/4))
}

// percentFor is how much the heap may grow by, in steps, since each change stops the world for a moment.
func percentFor(live uint64, garbage int64) int {
	p := gcPercent
	for p > minGCPercent && uint64(p)*live > 100*uint64(garbage) {
		p -= max(p/8, 1)
	}
	return max(p, minGCPercent)
}
