package http1

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
)

// peer is the other end of a connection. To wait for its end takes a goroutine that reads, which learns of it some time after
// the kernel: on a busy machine late enough for a client to hang up, to send a message, and for its old poll to get that.
// To look takes one system call, and sees what the kernel has seen.
type peer struct {
	raw  syscall.RawConn // nil: cannot be looked at
	look func(fd uintptr)
	left atomic.Bool // it was seen to have closed
}

func newPeer(c net.Conn) *peer {
	p := &peer{}
	p.look = func(fd uintptr) {
		if hungUp(fd) {
			p.left.Store(true)
		}
	}
	for {
		switch outer := c.(type) {
		case *replay:
			c = outer.Conn
		case interface{ NetConn() net.Conn }: // TLS
			c = outer.NetConn()
		case syscall.Conn:
			p.raw, _ = outer.SyscallConn()
			return p
		default:
			return p
		}
	}
}

// gone reports whether the client has closed the connection, or its half of it; or we have.
func (p *peer) gone() bool {
	return p.raw != nil && (p.raw.Control(p.look) != nil || p.left.Load())
}

// lookingContext is the context of a request that net/http serves. Its Err looks.
type lookingContext struct {
	context.Context //nolint:containedctx // it is one itself
	cancel          context.CancelFunc
	peer            *peer
}

func (x *lookingContext) Err() error {
	if x.Context.Err() == nil && x.peer.gone() {
		x.cancel()
	}
	return x.Context.Err()
}

type peerKey struct{}

// lookWithHTTP has net/http's server look as well.
func lookWithHTTP(s *http.Server) {
	connContext, handler := s.ConnContext, s.Handler
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if connContext != nil {
			ctx = connContext(ctx, c)
		}
		return context.WithValue(ctx, peerKey{}, newPeer(c))
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		handler.ServeHTTP(w, r.WithContext(&lookingContext{ctx, cancel, ctx.Value(peerKey{}).(*peer)}))
	})
}
