package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/gateway"
	"github.com/bufeomq/bufeo/internal/http1"
	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/service"
)

// The states of a server, in the only order in which they follow each other.
const (
	starting int32 = iota
	ready
	failing // a write has failed, and the data is being opened anew
	stopping
)

// Server is one SQS endpoint with its queues. Its life is New, then Serve (or Open and Handler), then Shutdown; all
// methods may be called at the same time.
type Server struct {
	o       Options
	http    *http1.Server
	born    time.Time
	state   atomic.Int32
	serving atomic.Bool
	// loopback tells the gateway to refuse foreign Host headers. Until Serve knows the listener, it follows from the
	// promise that there is none beyond loopback without AcceptAnyCredentials.
	loopback atomic.Bool
	requests inFlight
	conns    *connections
	shares   memory.Shares

	opening sync.Once
	opened  chan struct{} // closed when opening came to an end; guards the next two
	openErr error
	core    atomic.Pointer[core] // nil: it could not be opened
	ready   chan struct{}        // closed when requests are served

	closing chan struct{}  // closed when Shutdown begins
	tending sync.WaitGroup // see tend

	declaring sync.Mutex // held while the file of queues is applied

	stopping sync.Once
	stopped  chan struct{} // closed when Shutdown is done
	stopErr  error
}

// New makes a server. It opens and creates nothing; a nil o means the defaults.
func New(o *Options) (*Server, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &Server{
		o:        o.withDefaults(),
		opened:   make(chan struct{}),
		ready:    make(chan struct{}),
		closing:  make(chan struct{}),
		stopped:  make(chan struct{}),
		requests: newInFlight(),
	}
	dir, err := filepath.Abs(s.o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("server: DataDir %s: %w", s.o.DataDir, err)
	}
	s.o.DataDir = dir
	s.shares = memory.Split(s.o.MemoryLimit)
	s.born = s.now()
	s.loopback.Store(!s.o.AcceptAnyCredentials)
	s.conns = newConnections(max(0, s.o.MaxConnections), s.o.Log)
	h := newHTTPServer(s.Handler(), s.o.Log)
	h.ConnState = s.conns.follow
	s.http = http1.New(h)
	return s, nil
}

// Open opens the store and makes the server ready. It returns when that is done, or when ctx ends; opening goes on
// then. Serve opens by itself: Open is for programs that use Handler in a server of their own. Every call returns the
// result of the first, and ErrClosed after Shutdown.
func (s *Server) Open(ctx context.Context) error {
	s.opening.Do(func() { go s.open() })
	select {
	case <-s.opened:
		if s.openErr == nil && s.state.Load() == stopping {
			return ErrClosed
		}
		return s.openErr
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// now is the server's own clock, for its age only. A nil Options.Now is left to the engine, which has a better one.
func (s *Server) now() time.Time {
	if s.o.Now == nil {
		return time.Now()
	}
	return s.o.Now()
}

func (s *Server) open() {
	defer close(s.opened)
	e, err := openEngine(&s.o)
	if err != nil {
		s.openErr = err
		return
	}
	svc := service.New(e, &service.Options{Log: s.o.Log})
	if err := applyQueues(context.Background(), &s.o, e, svc); err != nil {
		s.openErr = errors.Join(err, e.Close())
		return
	}
	if seam := s.o.Seam; seam != nil {
		seam.Engine = e
	}
	s.core.Store(s.newCore(e, svc))
	if s.state.CompareAndSwap(starting, ready) { // else Shutdown came first, and closes what was opened here
		s.tending.Go(s.tend)
		close(s.ready)
	}
}

// core is what answers requests. It lasts until a write fails; see tend.
type core struct {
	engine  *engine.Engine
	service *service.Service
	gateway http.Handler
}

func (s *Server) newCore(e *engine.Engine, svc *service.Service) *core {
	g := &gateway.Options{
		Log:        s.o.Log,
		Region:     s.o.Region,
		Account:    s.o.Account,
		PublicURL:  s.o.PublicURL,
		AllowHosts: s.o.AllowHosts,
		Loopback:   s.loopback.Load(),
		BodyMemory: s.bodyMemory,

		AutoCreateQueues: s.o.AutoCreateQueues,
	}
	if seam := s.o.Seam; seam != nil {
		g.Around = seam.Around
	}
	return &core{e, svc, gateway.New(svc, g)}
}

// bodyMemory is what bodies may take beside the connections that there are.
func (s *Server) bodyMemory() int64 {
	return s.shares.BodiesWith(s.conns.count.Load())
}

// Ready is closed when the server answers SQS requests. It never is when opening fails: wait for Serve, too.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Shutdown stops the server: from here on it is not ready and takes no new requests, long polls end with an empty
// answer, requests that had begun are finished, and the store is closed. When ctx ends first, what is still under way
// is cut off and the error says so; the store is closed all the same. Opening and closing the store are always waited
// for. Later calls return what the first one did, when it is done.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopping.Do(func() {
		s.stopErr = s.shutdown(ctx)
		close(s.stopped)
	})
	return s.stopErr
}

func (s *Server) shutdown(ctx context.Context) error {
	s.state.Store(stopping)
	close(s.closing)
	s.opening.Do(func() {
		s.openErr = ErrClosed
		close(s.opened)
	})
	<-s.opened
	s.tending.Wait()
	c := s.core.Load()
	if c != nil {
		c.engine.Drain()
	}
	// The listener stays until nothing is under way, so that /readyz can say 503 and new requests are told to come
	// again: after http.Server.Shutdown has begun, net/http hangs up on them without a word.
	n := s.requests.drain(ctx)
	err := s.http.Shutdown(ctx)
	if n > 0 {
		err = &Error{
			Text: fmt.Sprintf("%d request(s) were cut off", n),
			Hint: "give them more time with --shutdown-timeout (BUFEO_SHUTDOWN_TIMEOUT)",
			Err:  context.Cause(ctx),
		}
	} else if ctx.Err() != nil {
		err = nil // only connections without a request were left
	}
	s.http.Close() //nolint:errcheck // Shutdown has told
	if c != nil {
		err = errors.Join(err, c.engine.Close())
	}
	return err
}
