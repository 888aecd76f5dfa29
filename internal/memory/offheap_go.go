//go:build !cgo

package memory

// offHeap: without cgo, Pebble's cache and memtables are in Go's heap.
const offHeap = false
