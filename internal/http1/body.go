package http1

import (
	"io"
	"time"
)

// body is the body of a request. Not for concurrent use.
type body struct {
	c    *conn
	ctx  *requestContext
	left int64
	by   time.Time // the handler's deadline, set when something has to be waited for
	err  error     // what ended it early
}

// Read returns io.EOF with the last bytes.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if b.c.in.Buffered() == 0 {
		b.c.readDeadline(exactly, b.by)
	}
	n, err := b.c.in.Read(p[:min(int64(len(p)), b.left)])
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
		b.by = time.Now().Add(lingerTime)
	}
	b.c.readDeadline(exactly, b.by)
	_, err := b.c.in.Discard(int(b.left))
	return err == nil
}
