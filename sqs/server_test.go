package sqs_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/bufeomq/bufeo/server"
	"github.com/bufeomq/bufeo/sqs"
)

// openServer opens a server on an in-memory store, until the test ends.
func openServer(t testing.TB) *server.Server {
	t.Helper()
	srv, err := server.New(&server.Options{InMemory: true, RelaxedCooldowns: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// newServer starts a server on a socket and returns its URL.
func newServer(t testing.TB) string {
	t.Helper()
	front := httptest.NewServer(openServer(t).Handler())
	t.Cleanup(front.Close)
	return front.URL
}

// eachProtocol runs a test over both protocols, each with a server of its own.
func eachProtocol(t *testing.T, test func(t *testing.T, conn *sqs.Connection)) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		t.Run(protocol.String(), func(t *testing.T) {
			t.Parallel()
			test(t, connect(t, newServer(t), sqs.WithProtocol(protocol)))
		})
	}
}

// inBubble runs a test over both protocols in which time passes as soon as everything waits for it. Sockets do not work
// there, so the connection's HTTP client calls the server's handler.
func inBubble(t *testing.T, test func(t *testing.T, conn *sqs.Connection)) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		t.Run(protocol.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				direct := handlerClient{openServer(t).Handler()}
				test(t, connect(t, "http://127.0.0.1:9324", sqs.WithProtocol(protocol), sqs.WithHTTPClient(direct)))
			})
		})
	}
}

// handlerClient is an HTTP client that has the handler in the same process.
type handlerClient struct{ http.Handler }

func (c handlerClient) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	c.ServeHTTP(w, in)
	return w.Result(), nil
}

// connect makes a connection with keys, so that requests are signed.
func connect(t testing.TB, endpoint string, optFns ...func(*sqs.Options)) *sqs.Connection {
	t.Helper()
	optFns = append([]func(*sqs.Options){sqs.WithEndpoint(endpoint), sqs.WithCredentials("key", "secret", "")}, optFns...)
	conn, err := sqs.New(optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func create(t testing.TB, conn *sqs.Connection, name string, optFns ...func(*sqs.CreateOptions)) *sqs.Queue {
	t.Helper()
	q, err := conn.CreateQueue(t.Context(), name, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func write[T any](t testing.TB, q *sqs.QueueOf[T], body T) *sqs.MessageOf[T] {
	t.Helper()
	m := q.NewMessage(body)
	if err := q.Write(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func read[T any](t testing.TB, q *sqs.QueueOf[T], optFns ...func(*sqs.ReadOptions)) *sqs.MessageOf[T] {
	t.Helper()
	m, err := q.Read(t.Context(), optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantEmpty fails unless a read finds nothing.
func wantEmpty[T any](t testing.TB, q *sqs.QueueOf[T], optFns ...func(*sqs.ReadOptions)) {
	t.Helper()
	if m, err := q.Read(t.Context(), optFns...); err != sqs.ErrNoMessage {
		t.Fatalf("read: got %v, %v; want ErrNoMessage", m, err)
	}
}
