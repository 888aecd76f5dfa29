package server

import (
	"context"
	"sync/atomic"
)

// inFlight counts requests so that Shutdown can wait for them, whichever http.Server they came through.
//
// A request enters, then looks at the server's state; Shutdown changes the state, then looks at the count. So either
// the request sees that the server stops, or Shutdown sees the request. (A WaitGroup would not do: it forbids adding
// from zero while somebody waits.)
type inFlight struct {
	n       *atomic.Int64
	changed chan struct{} // holds one token after the count went to zero
}

func newInFlight() inFlight {
	return inFlight{new(atomic.Int64), make(chan struct{}, 1)}
}

func (f inFlight) enter() { f.n.Add(1) }

func (f inFlight) leave() {
	if f.n.Add(-1) > 0 {
		return
	}
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// drain waits until no request is under way or ctx ends, and returns how many are left.
func (f inFlight) drain(ctx context.Context) int64 {
	for {
		n := f.n.Load()
		if n == 0 || ctx.Err() != nil {
			return n
		}
		select {
		case <-f.changed:
		case <-ctx.Done():
		}
	}
}
