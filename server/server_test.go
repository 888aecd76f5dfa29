package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
)

func TestServer_life(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	wantProbe(t, s, "/livez", 200, "ok")
	wantProbe(t, s, "/readyz", 503, "starting")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	<-s.Ready()
	wantProbe(t, s, "/readyz", 200, "ready")
	answer, err := http.Get("http://" + l.Addr().String() + "/?Action=CreateQueue&QueueName=q")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Errorf("CreateQueue: got %s", answer.Status)
	}

	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: got %v, want nil after Shutdown", err)
	}
	wantProbe(t, s, "/livez", 200, "ok")
	wantProbe(t, s, "/readyz", 503, "stopping")
	if err := s.Open(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("Open: got %v, want ErrClosed", err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Errorf("second Shutdown: %v", err)
	}
}

func wantProbe(t *testing.T, s *Server, path string, code int, text string) {
	t.Helper()
	w := get(s, path)
	if got := strings.TrimSpace(w.Body.String()); w.Code != code || got != text {
		t.Errorf("%s: got %d %s, want %d %s", path, w.Code, got, code, text)
	}
}

func TestServer_health(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := newServer(t, &Options{InMemory: true, MaxConnections: 77, Now: func() time.Time { return now }})
	now = now.Add(90 * time.Second)
	w := get(s, "/health")
	var got Health
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := Health{Status: "starting", Version: obs.ThisBuild().Version, Uptime: 90}
	want.Connections.Limit.Limit = 77
	if w.Code != 503 || got != want {
		t.Errorf("got %d %+v, want 503 %+v", w.Code, got, want)
	}
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/health"); w.Code != 200 || !strings.Contains(w.Body.String(), `"status":"ready"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestServer_probes_take_no_other_methods(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	l := newPipes()
	go s.Serve(l)
	status, _ := exchange(t, l.dial(), "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	if status != "405 Method Not Allowed" {
		t.Errorf("got %s", status)
	}
}

func TestServer_refuses_before_ready_in_the_protocol_of_the_request(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	query := get(s, "/?Action=ListQueues")
	inJSON := get(s, "/", "X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0")
	for _, c := range []struct {
		got, want string
	}{
		{query.Body.String(), "<Code>ServiceUnavailable</Code><Message>The server is starting. Please try again.</Message>"},
		{inJSON.Body.String(), `"__type":"com.amazon.coral.service#ServiceUnavailableException"`},
		{query.Header().Get("Retry-After"), "1"},
		{query.Result().Status + inJSON.Result().Status, "503 Service Unavailable503 Service Unavailable"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestShutdown_ends_long_polls_with_an_empty_answer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, &Options{InMemory: true})
		if err := s.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		get(s, "/?Action=CreateQueue&QueueName=q")
		var polled *httptest.ResponseRecorder
		go func() { polled = get(s, "/000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20") }()
		synctest.Wait() // it waits for a message
		began := time.Now()
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v: waited for the poll", took)
		}
		synctest.Wait()
		if polled.Code != 200 || strings.Contains(polled.Body.String(), "<Message>") {
			t.Errorf("got %d %s, want 200 and no message", polled.Code, polled.Body)
		}
	})
}

func TestShutdown_cuts_off_what_takes_too_long(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	l := newPipes()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	<-s.Ready()
	c := l.dial()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n")
	eventually(t, "the request is under way", func() bool { return s.requests.n.Load() == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := s.Shutdown(ctx)
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(e.Text, "1 request") {
		t.Errorf("got %v, want that 1 request was cut off", err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("connection: got %v, want EOF", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: got %v", err)
	}
}

func TestShutdown_does_not_mind_a_connection_without_request(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	l := newPipes()
	go s.Serve(l)
	<-s.Ready()
	l.dial()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

func TestShutdown_before_anything(t *testing.T) {
	s := newServer(t, &Options{DataDir: filepath.Join(t.TempDir(), "q")})
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Open(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("Open: got %v, want ErrClosed", err)
	}
	if err := s.Serve(newPipes()); err != nil {
		t.Errorf("Serve: got %v, want nil", err)
	}
	if _, err := os.Stat(s.o.DataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("data folder: got %v, want that it was not made", err)
	}
}

func TestServe_only_once(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	go s.Serve(newPipes())
	<-s.Ready()
	l := newPipes()
	if err := s.Serve(l); err == nil {
		t.Error("got nil")
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("listener: got %v, want closed", err)
	}
}

func TestOpen_keeps_what_was_stored(t *testing.T) {
	dir := t.TempDir()
	for _, action := range []string{"CreateQueue", "GetQueueUrl"} {
		s := newServer(t, &Options{DataDir: dir})
		if err := s.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w := get(s, "/?QueueName=q&Action="+action); w.Code != 200 {
			t.Errorf("%s: got %d %s", action, w.Code, w.Body)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpen_fails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(dir, "taken")
	if err := newServer(t, &Options{DataDir: taken}).Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		dir, text, hint string
		is              error
	}{
		"below_a_file": {filepath.Join(file, "q"), "cannot create the data folder " + filepath.Join(file, "q"), "--data", nil},
		"in_use":       {taken, "cannot open the data folder " + taken, "stop the other server", ErrLocked},
	} {
		t.Run(name, func(t *testing.T) {
			l := newPipes()
			err := newServer(t, &Options{DataDir: c.dir}).Serve(l)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Text != c.text || !strings.Contains(e.Hint, c.hint) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v", err)
			}
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("listener: got %v, want closed", err)
			}
		})
	}
}

func TestOpen_of_a_damaged_store(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, &Options{DataDir: dir})
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	manifests, _ := filepath.Glob(filepath.Join(dir, "MANIFEST-*"))
	for _, m := range manifests {
		if err := os.WriteFile(m, []byte("this is no manifest"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := newServer(t, &Options{DataDir: dir}).Open(context.Background()); !errors.Is(err, ErrStore) {
		t.Errorf("got %v, want ErrStore", err)
	}
}
