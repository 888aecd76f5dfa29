package gateway

import (
	"bytes"
	"sync"
	"unsafe"
)

// A body is read into a buffer of the first of these sizes that its announced length fits into, with a byte to see its
// end with. One of unknown length moves on from the least to the next. Buffers of these sizes are pooled by size: a short
// body in a large buffer would hold memory that nobody has paid for. Longer ones are made as long as they have to be and
// not kept, so that rare giants do not stay for good.
var bufferSizes = [...]int{freeBody, 16 << 10, 64 << 10, maxPooled}

const maxPooled = 256 << 10

var buffers [len(bufferSizes)]sync.Pool

// bufferSize is the size of the buffer that n bytes are read into. limit is Options.MaxBody: the byte above it tells a
// body that is too long, or has room for the end of one that is not.
func bufferSize(n, limit int) int {
	for _, size := range bufferSizes {
		if n < size {
			return size
		}
	}
	return min(n+1, largest(limit))
}

// largest is the size of the largest buffer that a body needs.
func largest(limit int) int { return max(limit+1, maxPooled) }

func newBuffer(size int) *bytes.Buffer {
	for i, s := range bufferSizes {
		if s == size {
			if b, ok := buffers[i].Get().(*bytes.Buffer); ok {
				return b
			}
		}
	}
	return bytes.NewBuffer(make([]byte, 0, size))
}

// keep puts a buffer back into its pool.
func keep(b *bytes.Buffer) {
	for i, s := range bufferSizes {
		if b.Cap() == s {
			b.Reset()
			buffers[i].Put(b) // and it is somebody else's
			return
		}
	}
}

// firstSize is the size of the first buffer: of all of the body, if its length was announced.
func (x *exchange) firstSize() int {
	return bufferSize(int(max(x.r.ContentLength, 0)), x.o.MaxBody)
}

// pay takes memory for a body of this size instead of a smaller one.
func (x *exchange) pay(size int) error {
	if size <= freeBody {
		return nil
	}
	if !x.take(bodyWeight*size - x.taken) {
		return noMemory()
	}
	return nil
}

// grow moves a body whose length was not announced into a larger buffer. It pays for the new one only; the other is
// garbage in a moment.
func (x *exchange) grow() error {
	size := bufferSize(2*x.body.Cap()-1, x.o.MaxBody)
	first := x.taken == 0
	if err := x.pay(size); err != nil {
		return err
	}
	if first {
		x.memory.arrives(x)
	}
	larger := newBuffer(size)
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

// release lets go of the body when it is decoded and done. It is left to the collector after a panic: who knows who has it.
func (x *exchange) release() {
	if x.body != nil {
		keep(x.body)
		x.body = nil
	}
}
