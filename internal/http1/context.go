package http1

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// requestContext is the context of a request. It ends with the request, and when the client hangs up meanwhile. Err looks
// whether it has, in one system call. To be told of it, somebody has to read, which takes a goroutine and three system calls; so
// that begins with the first call of Done, by which a handler says that it is going to wait for something.
type requestContext struct {
	c *conn

	mu      sync.Mutex
	done    chan struct{} // nil until somebody asks for it
	err     error
	allRead bool          // the body
	watch   chan struct{} // closed when the watching goroutine is done; nil if there is none
	ended   bool
}

var _ context.Context = (*requestContext)(nil)

// Deadline is none.
func (*requestContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value knows what net/http's contexts know.
func (x *requestContext) Value(key any) any {
	switch key {
	case http.LocalAddrContextKey:
		return x.c.local
	case http.ServerContextKey:
		return x.c.server.http
	}
	return nil
}

// Err looks whether the client is still there.
func (x *requestContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err == nil && x.c.peer.gone() {
		x.cancel()
	}
	return x.err
}

func (x *requestContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done == nil {
		x.done = make(chan struct{})
		if x.err != nil {
			close(x.done)
		}
		x.startWatching()
	}
	return x.done
}

// bodyRead says that the handler has all of the body, and reads no more.
func (x *requestContext) bodyRead() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.allRead = true
	x.startWatching()
}

// startWatching looks for the end of the connection from now on, if somebody wants to know and nobody else reads. A client that
// has sent its next request already cannot be watched. Call it with mu held.
func (x *requestContext) startWatching() {
	if x.done == nil || !x.allRead || x.ended || x.watch != nil || x.c.in.Buffered() > 0 {
		return
	}
	x.c.readDeadline(exactly, time.Time{})
	x.watch = make(chan struct{})
	go func() {
		defer close(x.watch)
		if _, err := x.c.in.Peek(1); err != nil {
			x.mu.Lock()
			x.cancel()
			x.mu.Unlock()
		}
	}()
}

// cancel ends the context. Call it with mu held.
func (x *requestContext) cancel() {
	if x.err != nil {
		return
	}
	x.err = context.Canceled
	if x.done != nil {
		close(x.done)
	}
}

// end ends the context with its request, and waits until nobody else reads from the connection.
func (x *requestContext) end() {
	x.mu.Lock()
	x.ended = true
	x.cancel()
	if x.watch != nil {
		x.c.readDeadline(exactly, time.Unix(1, 0))
	}
	x.mu.Unlock()
	if x.watch != nil {
		<-x.watch
	}
}
