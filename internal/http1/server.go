package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves one listener.
type Server struct {
	handler http.Handler
	http    *http.Server // has the settings, and serves what is handed over
	handed  *handedOver
	ending  chan struct{} // closed when Shutdown or Close begins
	endOnce sync.Once

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	none      chan struct{} // closed when the last of conns is gone, if somebody waits for that
}

// New makes a server with the handler, the timeouts and the log of s, which belongs to it from now on.
func New(s *http.Server) *Server {
	h := s.Handler
	lookWithHTTP(s)
	return &Server{
		handler:   h,
		http:      s,
		handed:    newHandedOver(),
		ending:    make(chan struct{}),
		listeners: make(map[net.Listener]struct{}),
		conns:     make(map[*conn]struct{}),
	}
}

// Serve accepts connections on l, which it closes, until Shutdown or Close: then it returns http.ErrServerClosed.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.listen(l) {
		return http.ErrServerClosed
	}
	s.handed.addr = l.Addr()
	handed := make(chan error, 1)
	go func() { handed <- s.http.Serve(s.handed) }()
	err := s.accept(l)
	s.handed.Close() //nolint:errcheck // it cannot fail
	<-handed         //nolint:errcheck // it ended because it was closed
	return err
}

// accept starts a goroutine for each connection. An error that may pass, such as too many open files, is waited out.
func (s *Server) accept(l net.Listener) error {
	const longest = time.Second
	wait := 5 * time.Millisecond
	for {
		c, err := l.Accept()
		switch temporary, ok := errors.AsType[interface {
			error
			Temporary() bool
		}](err); {
		case err == nil:
			wait = 5 * time.Millisecond
			s.start(c)
		case s.ended():
			return http.ErrServerClosed
		case ok && temporary.Temporary():
			s.logf("http: Accept error: %v; retrying in %v", err, wait)
			select {
			case <-time.After(wait):
			case <-s.ending:
			}
			wait = min(2*wait, longest)
		default:
			return err
		}
	}
}

func (s *Server) start(nc net.Conn) {
	if _, ok := nc.(*tls.Conn); ok {
		s.handed.give(nc)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended() {
		nc.Close()
		return
	}
	size := headRoom
	if len(s.conns) > many {
		size = smallHeadRoom
	}
	c := newConn(s, nc, size)
	s.conns[c] = struct{}{}
	c.tell(http.StateNew)
	go c.serve()
}

func (s *Server) gone(c *conn) {
	c.tell(http.StateClosed)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if len(s.conns) == 0 && s.none != nil {
		close(s.none)
		s.none = nil
	}
}

// Shutdown stops to accept, closes the connections without a request under way, and waits for the others until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	none := s.end(func(c *conn) {
		if c.state.CompareAndSwap(idle, closed) {
			c.Conn.Close()
		}
	})
	select {
	case <-none:
	case <-ctx.Done():
	}
	return s.http.Shutdown(ctx)
}

// Close closes everything at once. The handlers are left to notice.
func (s *Server) Close() error {
	s.end(func(c *conn) {
		c.state.Store(closed)
		c.Conn.Close()
	})
	return s.http.Close()
}

// end closes the listeners and calls close for each connection. The channel is closed when no connection is left.
func (s *Server) end(each func(*conn)) (none <-chan struct{}) {
	s.endOnce.Do(func() { close(s.ending) })
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.listeners {
		l.Close()
		delete(s.listeners, l)
	}
	for c := range s.conns {
		each(c)
	}
	if s.none == nil {
		s.none = make(chan struct{})
	}
	wait := s.none
	if len(s.conns) == 0 {
		close(s.none)
		s.none = nil
	}
	return wait
}

func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended() {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) ended() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

func (s *Server) logf(format string, args ...any) {
	if l := s.http.ErrorLog; l != nil {
		l.Printf(format, args...)
	}
}

// date is the value of Date, made anew once a second.
var date atomic.Pointer[dateText]

type dateText struct {
	second int64
	text   string
}

func dateAt(now time.Time) string {
	d := date.Load()
	if d == nil || d.second != now.Unix() {
		d = &dateText{now.Unix(), now.UTC().Format(http.TimeFormat)}
		date.Store(d)
	}
	return d.text
}
