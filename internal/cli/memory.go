package cli

import "runtime/debug"

// A server's live heap is a few MiB most of the time, and Go would collect it at twice that, some hundred times a
// second under load. So the heap may grow to nine times what is live, as long as the process stays below memoryLimit,
// near which Go collects more often.
const (
	gcPercent   = 800
	memoryLimit = 512 << 20 // bytes; live at most: 64 MiB of bodies, 192 MiB of Pebble's cache and memtables, and states
)

// tuneMemory sets Go's collector for a server, unless the operator has with Go's own variables.
func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
