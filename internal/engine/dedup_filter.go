package engine

import (
	"encoding/binary"

	"github.com/bufeomq/bufeo/internal/store"
)

// Deduplication ids that memory has forgotten are on disk, in one bucket for each minute. An id that is new would be
// looked for in six of them, and nearly all ids are new: that was half of the processor time of filling a FIFO queue.
// Bloom filters of what was forgotten tell of 99 in 100 that they need not be looked for.

const (
	// A filter has filterBits for each id, of which filterProbes are set: one in a hundred ids seems to be there that is not.
	filterBits, filterProbes = 10, 7
	// Filters are added while ids come, each of twice the size, from the first to the last of these, in bytes; all together
	// have no more than filtersMax. What does not fit, the oldest, is looked for on disk.
	filterFirst, filterLast, filtersMax = 16 << 10, 512 << 10, 2 << 20
)

// filter is a Bloom filter of ids.
type filter struct {
	bits  []byte
	room  int   // for how many more ids
	until int64 // when the last of them was accepted, ms
}

// filters are in the order of the times of their ids.
type filters struct {
	list []*filter
	size int // bytes
	// missing is until when ids were accepted that no filter has: before the queue was loaded, or in one that was dropped.
	missing int64
}

// each calls f with the bits of an id. Its bytes are a hash's already.
func (f *filter) each(h *store.DedupHash, visit func(at uint64) bool) bool {
	a, b := binary.LittleEndian.Uint64(h[:]), binary.LittleEndian.Uint64(h[8:])|1
	for range filterProbes {
		if !visit(a % uint64(8*len(f.bits))) {
			return false
		}
		a += b
	}
	return true
}

func (f *filter) add(h *store.DedupHash) {
	f.each(h, func(at uint64) bool { f.bits[at/8] |= 1 << (at % 8); return true })
}

func (f *filter) has(h *store.DedupHash) bool {
	return f.each(h, func(at uint64) bool { return f.bits[at/8]&(1<<(at%8)) != 0 })
}

// add notes an id. Ids come in the order of their times.
func (fs *filters) add(h *store.DedupHash, at int64) {
	if n := len(fs.list); n == 0 || fs.list[n-1].room == 0 {
		fs.grow()
	}
	f := fs.list[len(fs.list)-1]
	f.add(h)
	f.room--
	f.until = max(f.until, at)
}

func (fs *filters) grow() {
	size := filterFirst
	if n := len(fs.list); n > 0 {
		size = min(2*len(fs.list[n-1].bits), filterLast)
	}
	for fs.size+size > filtersMax {
		fs.missing = max(fs.missing, fs.list[0].until)
		fs.drop()
	}
	fs.list = append(fs.list, &filter{bits: make([]byte, size), room: 8 * size / filterBits})
	fs.size += size
}

func (fs *filters) drop() {
	fs.size -= len(fs.list[0].bits)
	fs.list = append([]*filter(nil), fs.list[1:]...)
}

// expire drops filters of ids that no longer count.
func (fs *filters) expire(now int64) {
	for len(fs.list) > 0 && fs.list[0].until+dedupWindow <= now {
		fs.drop()
	}
}

// until is when an id can have been accepted last, in ms, of those that memory has forgotten; 0: never.
func (fs *filters) until(h *store.DedupHash) int64 {
	for i := len(fs.list) - 1; i >= 0; i-- {
		if fs.list[i].has(h) {
			return max(fs.list[i].until, fs.missing)
		}
	}
	return fs.missing
}
