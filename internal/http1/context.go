package http1

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// watchAfter is how long after the first call of Done it is looked whether the client is still there. Requests that do
// not wait for anything but the disk are over by then.
const watchAfter = 10 * time.Millisecond

// requestContext is the context of a request. It ends with the request, and when the client hangs up meanwhile. To
// notice that somebody has to read, which takes a goroutine and three system calls: only long polls are worth it.
type requestContext struct {
	c *conn

	mu      sync.Mutex
	done    chan struct{} // nil until somebody asks for it
	err     error
	timer   *time.Timer
	allRead bool          // the body
	due     bool          // watchAfter is over
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

func (x *requestContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err
}

func (x *requestContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done == nil {
		x.done = make(chan struct{})
		if x.err != nil {
			close(x.done)
		} else {
			x.timer = time.AfterFunc(watchAfter, x.isDue)
		}
	}
	return x.done
}

func (x *requestContext) isDue() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.due = true
	x.startWatching()
}

// bodyRead says that the handler has all of the body, and reads no more.
func (x *requestContext) bodyRead() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.allRead = true
	x.startWatching()
}

// startWatching looks for the end of the connection from now on, if it is time to and nobody else reads. A client that
// has sent its next request already cannot be watched. Call it with mu held.
func (x *requestContext) startWatching() {
	if !x.due || !x.allRead || x.ended || x.watch != nil || x.c.in.Buffered() > 0 {
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
	if x.timer != nil {
		x.timer.Stop()
	}
	if x.watch != nil {
		x.c.readDeadline(exactly, time.Unix(1, 0))
	}
	x.mu.Unlock()
	if x.watch != nil {
		<-x.watch
	}
}
