package http1

import (
	"io"
	"sync"
	"time"
)

// body is the body of a request. One goroutine reads; its deadline can be set by others.
type body struct {
	c    *conn
	ctx  *requestContext
	left int64
	err  error // what ended it early

	mu      sync.Mutex
	by      time.Time // the handler's deadline, set when something has to be waited for
	waiting bool
}

// Read returns io.EOF with the last bytes.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	p = p[:min(int64(len(p)), b.left)]
	waits := b.c.in.Buffered() == 0
	if waits {
		b.wait(true)
	}
	n, err := b.c.in.Read(p)
	if waits {
		b.wait(false)
	}
	b.left -= int64(n)
	switch {
	case b.left == 0:
		b.ctx.bodyRead()
		return n, io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}

// wait says whether Read waits for the client: then the deadline holds.
func (b *body) wait(begins bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = begins
	if begins {
		b.c.readDeadline(exactly, b.by)
	}
}

// setDeadline is for Read, also while it waits.
func (b *body) setDeadline(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.by = t
	if b.waiting {
		b.c.readDeadline(exactly, t)
	}
}

// Close does nothing: what is left is read when the answer is out.
func (b *body) Close() error { return nil }

// discard reads what is left, and reports whether the next request can be read.
func (b *body) discard() bool {
	if b.left == 0 {
		return true
	}
	if b.err != nil || b.left > maxDiscard {
		return false
	}
	if b.by.IsZero() {
		b.setDeadline(time.Now().Add(lingerTime))
	}
	b.wait(true)
	_, err := b.c.in.Discard(int(b.left))
	b.wait(false)
	return err == nil
}
