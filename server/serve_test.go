package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// listenerAt is a listener that claims an address.
type listenerAt struct {
	*pipes
	addr net.Addr
}

func (l listenerAt) Addr() net.Addr { return l.addr }

func TestServe_beyond_loopback(t *testing.T) {
	l := listenerAt{newPipes(), &net.TCPAddr{IP: net.IPv4zero, Port: 9324}}

	t.Run("is_refused", func(t *testing.T) {
		err := newServer(t, &Options{InMemory: true}).Serve(l)
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.Contains(e.Text, "0.0.0.0:9324") || !strings.Contains(e.Hint, "--insecure-accept-any-credentials") {
			t.Errorf("got %v", err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("listener: got %v, want closed", err)
		}
	})
	t.Run("is_allowed_with_a_warning", func(t *testing.T) {
		var out bytes.Buffer
		s := newServer(t, &Options{InMemory: true, AcceptAnyCredentials: true, Log: slog.New(slog.NewTextHandler(&out, nil))})
		s.Shutdown(context.Background())
		if err := s.Serve(l); err != nil {
			t.Error(err)
		}
		if got := out.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "address=0.0.0.0:9324") {
			t.Errorf("log: got %s", got)
		}
	})
}

func TestServe_accept_any_credentials_still_checks_the_host_on_loopback(t *testing.T) {
	s := newServer(t, &Options{InMemory: true, AcceptAnyCredentials: true})
	l := newPipes()
	go s.Serve(l)
	<-s.Ready()
	status, _ := exchange(t, l.dial(), "GET /?Action=ListQueues HTTP/1.1\r\nHost: evil.example\r\n\r\n")
	if !strings.HasPrefix(status, "403") {
		t.Errorf("got %s", status)
	}
}

func TestIsLoopback(t *testing.T) {
	for _, c := range []struct {
		addr net.Addr
		want bool
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, true},
		{&net.TCPAddr{IP: net.IPv4(127, 9, 9, 9), Port: 1}, true},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 1}, true},
		{&net.TCPAddr{IP: net.IPv4zero, Port: 1}, false},
		{&net.TCPAddr{IP: net.IPv6unspecified, Port: 1}, false},
		{&net.TCPAddr{IP: net.IPv4(192, 168, 0, 1), Port: 1}, false},
		{&net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0", Port: 1}, false},
		{&net.TCPAddr{Port: 1}, false},
		{&net.UnixAddr{Name: "/run/bufeo.sock", Net: "unix"}, true},
		{pipeAddr{}, true},
	} {
		if got := isLoopback(c.addr); got != c.want {
			t.Errorf("%s: got %v, want %v", c.addr, got, c.want)
		}
	}
}

func TestServe_limits_slow_clients(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		want time.Duration // until the server hangs up
	}{
		"without_request":   {"", readHeaderTimeout},
		"with_half_header":  {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b", readHeaderTimeout},
		"idle_keep_alive":   {"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", idleTimeout},
		"long_poll_is_fine": {"GET /000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, &Options{InMemory: true})
				l := newPipes()
				go s.Serve(l)
				<-s.Ready()
				if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
					t.Fatal(w.Body)
				}
				began := time.Now()
				conn := l.dial()
				if _, err := io.WriteString(conn, c.sent); err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(conn)
				if err != nil {
					t.Fatal(err)
				}
				if got := time.Since(began).Round(time.Second); got != c.want {
					t.Errorf("hung up after %v, want %v; answer %s", got, c.want, answer)
				}
			})
		})
	}
}

func TestServe_limits_headers(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	l := newPipes()
	go s.Serve(l)
	<-s.Ready()
	status := func(headerBytes int) string {
		c := l.dial()
		go io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "+strings.Repeat("a", headerBytes)+"\r\n\r\n")
		line := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(c, line); err != nil {
			t.Fatal(err)
		}
		c.Close()
		return string(line)
	}
	if got, want := status(60<<10), "HTTP/1.1 200"; got != want {
		t.Errorf("60 KiB: got %s, want %s", got, want)
	}
	if got, want := status(70<<10), "HTTP/1.1 431"; got != want {
		t.Errorf("70 KiB: got %s, want %s", got, want)
	}
}
