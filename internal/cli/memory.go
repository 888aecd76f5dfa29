package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A server's live heap is a few MiB most of the time, and Go would collect it at twice that, some hundred times a
// second under load. So the heap may grow to nine times what is live. Where more is live that would be too much memory for
// nothing: from 8 MiB on it is what is let go of between two collections that has a bound, maxGarbage, and from 256 MiB on
// the heap may grow by a quarter. Near memoryLimit Go collects more often, whatever is live.
const (
	gcPercent    = 800
	minGCPercent = 25
	maxGarbage   = 64 << 20 // bytes; Pebble's cache and memtables, 128 MiB, come on top
	memoryLimit  = 512 << 20
)

// tuneMemory sets Go's collector for a server, unless the operator has with Go's own variables.
func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		afterCollections(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// afterCollections sets the percentage anew after each collection: an object that nobody holds is finalized by each.
func afterCollections(percent int) {
	type canary struct{ _ [16]byte } // not tiny: those are finalized with their neighbours
	// What the percentage is of: what was marked, and the roots.
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	var collected func(*canary)
	collected = func(c *canary) {
		metrics.Read(samples)
		var live uint64
		for _, s := range samples {
			live += s.Value.Uint64()
		}
		if p := percentFor(live); p != percent {
			percent = p
			debug.SetGCPercent(p)
		}
		runtime.SetFinalizer(c, collected)
	}
	runtime.SetFinalizer(&canary{}, collected)
}

// percentFor is how much the heap may grow by, in steps, since each change stops the world for a moment.
func percentFor(live uint64) int {
	p := gcPercent
	for p > minGCPercent && uint64(p)*live > 100*maxGarbage {
		p -= max(p/8, 1)
	}
	return max(p, minGCPercent)
}
