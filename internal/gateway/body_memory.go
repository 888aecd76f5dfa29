package gateway

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/bufeomq/bufeo/internal/api"
)

// A body is read into a buffer of up to firstRead bytes, or twice that where a pooled one had to grow. What a mere claim
// in Content-Length can make the server set aside is no more. A longer body moves on into a buffer of maxPooled bytes,
// and then into ones that double. These are paid for out of Options.BodyMemory before they are made, so that no number
// of connections can make the server set aside more; since nothing waits there, nothing can lock up.
//
// Buffers above maxPooled are not kept, so that rare giants do not stay for good. There are two pools, because a short
// body in a large buffer would hold memory that nobody has paid for.
const (
	firstRead = 64 << 10
	maxPooled = 256 << 10
)

var (
	bodies      = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	largeBodies = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, maxPooled)) }}
)

// memory is what large bodies may take, all together.
type memory struct{ free atomic.Int64 }

// take reports whether n bytes were free, and are taken now.
func (m *memory) take(n int) bool {
	for {
		free := m.free.Load()
		if free < int64(n) {
			return false
		}
		if m.free.CompareAndSwap(free, free-int64(n)) {
			return true
		}
	}
}

// largest is the size of the largest buffer that a body needs where limit is Options.MaxBody. The byte above the limit
// tells a body that is too long, or has room for the end of one that is not.
func largest(limit int) int { return max(limit+1, maxPooled) }

// firstRead is the room for the body at first: all of it if it is short, and a byte to see its end with.
func (x *exchange) firstRead() int {
	if n := x.r.ContentLength; 0 <= n && n < firstRead {
		return int(n) + 1
	}
	return firstRead
}

var errMemory = errors.New("the bodies of requests under way have filled the memory that is set aside for them")

// grow moves the body into a larger buffer: of the announced length, if that is less than twice the old one. It pays for
// the new one only; the other is garbage in a moment.
func (x *exchange) grow() error {
	size := maxPooled
	if full := x.body.Cap(); full >= maxPooled {
		size = min(2*full, largest(x.o.MaxBody))
		if n := x.r.ContentLength + 1; int64(full) < n && n < int64(size) {
			size = int(n)
		}
	}
	if !x.memory.take(size - x.taken) {
		e := api.ServiceUnavailable.Wrap(errMemory, "Too many large requests are under way. Please try again.")
		e.Hint = "requests above 64 KiB share 128 MiB while they are under way: have clients send fewer of them at a time"
		return e
	}
	x.taken = size
	var larger *bytes.Buffer
	if size == maxPooled {
		larger = largeBodies.Get().(*bytes.Buffer)
		larger.Reset()
	} else {
		larger = bytes.NewBuffer(make([]byte, 0, size))
	}
	larger.Write(x.body.Bytes())
	keep(x.body)
	x.body = larger
	return nil
}

// takeText is the body as a string, which may outlive the request. It takes a copy if the buffer will be used again, and
// otherwise the buffer itself.
func (x *exchange) takeText() string {
	if x.body.Cap() <= maxPooled {
		return x.body.String()
	}
	b := x.body.Bytes()
	x.body = nil // nobody writes to it from now on
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// release lets go of the body when all is answered. It is left to the collector after a panic: who knows who has it.
func (x *exchange) release() {
	if x.body != nil {
		keep(x.body)
		x.body = nil
	}
}

// keep puts a buffer back into its pool.
func keep(b *bytes.Buffer) {
	switch c := b.Cap(); {
	case c < maxPooled:
		bodies.Put(b)
	case c == maxPooled:
		largeBodies.Put(b)
	}
}

// giveBack ends what the body took of the handler's memory.
func (x *exchange) giveBack() {
	if x.taken > 0 {
		x.memory.free.Add(int64(x.taken))
		x.taken = 0
	}
}
