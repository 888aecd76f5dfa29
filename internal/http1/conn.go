package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// The states of a connection: idle between requests, when Shutdown may close it.
const (
	idle int32 = iota
	busy
	closed
)

// headRoom is how long a header may be that is read here; longer ones are net/http's. A read of so much brings most requests of
// SDKs as a whole. With more than many connections a new one begins with less, which is enough for most headers: with 10,000, and
// sends that wait for their turn, the buffers were a third of what Go had.
const (
	headRoom      = 4 << 10
	smallHeadRoom = 2 << 10
	many          = 1000
)

// What a handler left of a body is read up to maxDiscard bytes, so that the connection can be used again. If that is not
// enough, or there is a Connection: close, our direction is closed and lingerTime given to the client to read the
// answer: closing at once would have the kernel send a reset, which throws away what the client has not read.
const (
	maxDiscard = 256 << 10
	lingerTime = 500 * time.Millisecond
)

// conn is a connection. All of it belongs to the goroutine of serve, except state, and in while its context watches.
type conn struct {
	net.Conn
	server *Server
	state  atomic.Int32
	in     *bufio.Reader
	peer   *peer
	local  net.Addr
	remote string

	readBy, writeBy time.Time // the deadlines that are set; zero for none

	request, answer http.Header // used again and again
}

// newConn makes a connection that begins with a buffer of this size.
func newConn(s *Server, c net.Conn, size int) *conn {
	return &conn{
		Conn:    c,
		server:  s,
		in:      bufio.NewReaderSize(c, size),
		peer:    newPeer(c),
		local:   c.LocalAddr(),
		remote:  c.RemoteAddr().String(),
		request: make(http.Header, 14), // 16 would be a table of 32
		answer:  make(http.Header, 8),
	}
}

// serve serves requests until one side has had enough, or something unusual comes.
func (c *conn) serve() {
	defer c.server.gone(c)
	// A connection is made for a request. As in net/http, the next has begun when 4 bytes of it are there.
	text, ok := c.await(1, c.server.http.ReadHeaderTimeout)
	for ; ; text, ok = c.await(4, c.server.http.IdleTimeout) {
		if !ok {
			c.Close()
			return
		}
		clear(c.request)
		hd, ok := readHead(text, c.request)
		if !ok {
			c.handOver()
			return
		}
		c.in.Discard(len(text)) //nolint:errcheck // it is in the buffer
		next := c.exchange(hd)
		if c.state.CompareAndSwap(busy, idle) && next == goOn {
			c.tell(http.StateIdle)
		}
		switch {
		case next == explain:
			c.linger()
			return
		case next == end || c.server.ended():
			c.Close()
			return
		}
	}
}

// await waits for the header of a request, the first n bytes of which have to come within patience. Without a text, there is
// something, but no header of less than headRoom with proper line ends. With either, the connection is busy.
func (c *conn) await(n int, patience time.Duration) (text string, ok bool) {
	c.readDeadline(roughly, after(patience))
	if _, err := c.in.Peek(n); err != nil || !c.state.CompareAndSwap(idle, busy) {
		return "", false
	}
	c.tell(http.StateActive)
	for first := true; ; first = false {
		buffered, _ := c.in.Peek(c.in.Buffered())
		if end := bytes.Index(buffered, []byte("\r\n\r\n")); end >= 0 {
			return string(buffered[:end+4]), true
		}
		if len(buffered) == headRoom || bareNewline(buffered) {
			return "", true
		}
		if len(buffered) == c.in.Size() {
			c.in = bufio.NewReaderSize(&replay{c.Conn, bytes.Clone(buffered)}, headRoom)
		}
		if first {
			c.readDeadline(exactly, after(c.server.http.ReadHeaderTimeout))
		}
		if _, err := c.in.Peek(len(buffered) + 1); err != nil {
			return "", !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
}

// bareNewline: net/http takes these for the ends of lines, too.
func bareNewline(text []byte) bool {
	return bytes.Count(text, []byte{'\n'}) > bytes.Count(text, []byte("\r\n"))
}

// What comes after an exchange.
type next int

const (
	goOn    next = iota
	end          // close the connection
	explain      // close it so that the client reads the answer, although it has sent more than was read
)

// exchange has the handler answer a request.
func (c *conn) exchange(hd head) next {
	clear(c.answer)
	ctx := &requestContext{c: c}
	b := &body{c: c, left: hd.length, ctx: ctx}
	w := &response{c: c, header: c.answer, body: b, length: -1}
	r := (&http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Path: hd.path},
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        c.request,
		Body:          b,
		ContentLength: hd.length,
		Host:          hd.host,
		RequestURI:    hd.path,
		RemoteAddr:    c.remote,
	}).WithContext(ctx)
	c.handle(w, r)
	failed := w.aborted || w.finish() != nil
	ctx.end()
	switch {
	case failed:
		return end
	case w.close && b.left == 0:
		return end
	case w.close || !b.discard():
		return explain
	}
	return goOn
}

// handle calls the handler. A panic ends the connection, and is logged unless it was meant to do just that.
func (c *conn) handle(w *response, r *http.Request) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		w.aborted = true
		if v != http.ErrAbortHandler {
			c.server.logf("http: panic serving %v: %v\n%s", c.remote, v, debug.Stack())
		}
	}()
	c.server.handler.ServeHTTP(w, r)
}

// handOver gives the connection to net/http, with all that was read and not served.
func (c *conn) handOver() {
	c.SetDeadline(time.Time{}) //nolint:errcheck // net/http will find out
	rest, _ := c.in.Peek(c.in.Buffered())
	c.tell(http.StateHijacked)
	c.server.handed.give(&replay{c.Conn, bytes.Clone(rest)})
}

// tell calls the ConnState of the settings, as net/http does. A connection that is handed over is hijacked, and comes back as
// a new one.
func (c *conn) tell(s http.ConnState) {
	if f := c.server.http.ConnState; f != nil {
		f(c.Conn, s)
	}
}

// linger closes the connection so that the client can read what it was sent.
func (c *conn) linger() {
	defer c.Close()
	if closeWrite(c.Conn) != nil {
		return
	}
	c.readDeadline(exactly, time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.in, maxDiscard) //nolint:errcheck // it ends when the client has closed, or with the deadline
}
