package sqstest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/seam"
	"github.com/bufeomq/bufeo/server"
)

// Server is a running SQS server. Its methods may be called from any goroutine, except that those that can fail the test
// (URL, Messages, Reset, Fail) must be called from the goroutine of the test, as t.Fatal must.
type Server struct {
	t       testing.TB
	o       Options
	sqs     *server.Server
	seam    seam.Seam
	faults  *faults
	pipes   *pipes
	client  *http.Client
	front   *http.Server // serves the pipes and, once URL was called, a socket
	serving sync.WaitGroup

	mu struct {
		sync.Mutex
		url string // "" until URL is called
	}
}

// closeTimeout is what requests under way get when the test ends. Long polls and injected latencies end at once, so only
// what is stuck takes longer than some milliseconds: a request whose body does not come.
const closeTimeout = 5 * time.Second

// answerTimeout is what answers get to leave when all requests are done. Connections that had no request yet, which clients
// open in advance, would be waited for, too: net/http cannot tell them from those that are about to have one.
const answerTimeout = 100 * time.Millisecond

// New starts a server with no queues, and closes it at the end of the test. It fails the test if it cannot.
//
//	srv := sqstest.New(t, func(o *sqstest.Options) { o.Region = "eu-west-1" })
func New(t testing.TB, optFns ...func(*Options)) *Server {
	t.Helper()
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	s := &Server{t: t, o: o.withDefaults(t)}
	s.faults = newFaults(s)
	s.seam.Around = s.faults.around
	var err error
	s.sqs, err = server.New(&server.Options{
		InMemory:         true,
		Region:           s.o.Region,
		Account:          s.o.Account,
		RelaxedCooldowns: true,
		Log:              s.o.Log,
		Seam:             &s.seam,
	})
	if err != nil {
		t.Fatalf("sqstest: %v", err)
	}
	if err := s.sqs.Open(context.Background()); err != nil {
		t.Fatalf("sqstest: %v", err)
	}
	s.front = &http.Server{Handler: s.sqs.Handler(), ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug)}
	s.pipes = newPipes()
	s.client = newClient(s.pipes)
	s.serve(s.pipes)
	t.Cleanup(s.close)
	return s
}

func (s *Server) serve(l net.Listener) {
	s.serving.Go(func() {
		if err := s.front.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("sqstest: serving %s: %v", l.Addr(), err)
		}
	})
}

// close leaves no goroutine behind, so that a bubble of synctest can end.
func (s *Server) close() {
	s.faults.stop()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := s.sqs.Shutdown(ctx); err != nil {
		s.t.Errorf("sqstest: at the end of the test: %v", err)
	}
	s.client.CloseIdleConnections()
	leave, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	_ = s.front.Shutdown(leave) // Close cuts off what is left
	s.front.Close()
	s.serving.Wait()
}

// Reset deletes all queues with their messages and withdraws all rules: the server is as New made it, and clients that
// are connected stay so. Long polls that wait end with QueueDoesNotExist.
func (s *Server) Reset() {
	s.t.Helper()
	s.faults.clear()
	ctx := context.Background()
	for _, q := range s.seam.Engine.All() {
		if err := s.seam.Engine.Delete(ctx, q); err != nil && !errors.Is(err, engine.ErrNoQueue) {
			s.t.Fatalf("sqstest: reset: %v", err)
		}
	}
}
