package gateway_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/gateway"
	"github.com/bufeomq/bufeo/internal/http1"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

// fixture is the handler over a real service and engine.
type fixture struct {
	*testing.T
	handler *gateway.Handler
	engine  *engine.Engine
}

func newFixture(t *testing.T, o *gateway.Options) *fixture {
	t.Helper()
	return newFixtureAt(t, o, nil)
}

// newFixtureAt has an engine whose clock is now; nil is the real one.
func newFixtureAt(t *testing.T, o *gateway.Options, now func() time.Time) *fixture {
	t.Helper()
	st, err := store.Open("", &store.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	so, eo := &service.Options{}, &engine.Options{Now: now}
	if o != nil {
		so.Log, eo.Log = o.Log, o.Log
	}
	e, err := engine.Open(st, eo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{T: t, handler: gateway.New(service.New(e, so), o), engine: e}
}

// do sends a request to the handler, without a network.
func (f *fixture) do(method, url, body string, header ...string) *httptest.ResponseRecorder {
	f.Helper()
	r := httptest.NewRequestWithContext(f.Context(), method, url, strings.NewReader(body))
	r.Host = "localhost:9324"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

// json calls an action in AWS JSON 1.0.
func (f *fixture) json(action, body string, header ...string) *httptest.ResponseRecorder {
	f.Helper()
	return f.do("POST", "/", body, append(header, "Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", "AmazonSQS."+action)...)
}

// form posts Query parameters.
func (f *fixture) form(params string, header ...string) *httptest.ResponseRecorder {
	f.Helper()
	return f.do("POST", "/", params, append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

// serve runs the handler as package server does and returns its address: behind http1, which leaves to net/http what it
// does not know.
func (f *fixture) serve(configure func(*http.Server)) string {
	f.Helper()
	s := &http.Server{Handler: f.handler, MaxHeaderBytes: 16 << 10}
	if configure != nil {
		configure(s)
	}
	return f.listen(http1.New(s))
}

// serveWithout runs it behind net/http alone, as programs do that have a server of their own.
func (f *fixture) serveWithout() string {
	return f.listen(&http.Server{Handler: f.handler, MaxHeaderBytes: 16 << 10})
}

func (f *fixture) listen(s interface {
	Serve(net.Listener) error
	Close() error
}) string {
	f.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	go s.Serve(l)
	f.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// bothWays calls test with each kind of server.
func bothWays(t *testing.T, test func(t *testing.T, serve func(f *fixture) string)) {
	t.Run("http1", func(t *testing.T) { test(t, func(f *fixture) string { return f.serve(nil) }) })
	t.Run("net_http", func(t *testing.T) { test(t, (*fixture).serveWithout) })
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
