//go:build cgo

package memory

// offHeap: with cgo, Pebble takes its cache and its memtables from C, and Go does not know of them.
const offHeap = true
