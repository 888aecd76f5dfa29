package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/http1"
)

// client is the other end of a connection.
type client struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, address string) *client {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) write(text string) {
	c.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.Fatal(err)
	}
}

func (c *client) answer() (*http.Response, string) {
	c.Helper()
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.Fatal(err)
	}
	return r, string(body)
}

func (c *client) wantEnd() {
	c.Helper()
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		c.Errorf("got %.80q, %v, want the end of the connection", rest, err)
	}
}

func post(body string) string {
	return fmt.Sprintf("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func handler(h func(w http.ResponseWriter, r *http.Request)) *http1.Server {
	return http1.New(settings(http.HandlerFunc(h)))
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}

// What SDKs send is served here: it would be a pity if one more field of one of them sent all of its requests the slow way.
func TestPlainRequestsAreNotHandedOver(t *testing.T) {
	s := settings(http.HandlerFunc(echo))
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateHijacked {
			t.Error("handed over")
		}
	}
	c := dial(t, start(t, http1.New(s)))
	const sign = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d67"
	for _, fields := range []string{
		"", // ours
		"Accept-Encoding: identity\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Type: application/x-amz-json-1.0\r\nUser-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11\r\nX-Amz-Date: 20261127T100000Z\r\nAuthorization: " + sign + "\r\namz-sdk-invocation-id: 2c4f\r\namz-sdk-request: attempt=1\r\n",
		"content-type: application/x-amz-json-1.0\r\nx-amz-user-agent: aws-sdk-js/3.900.0\r\nuser-agent: aws-sdk-js/3.900.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#22.1.0 api/sqs#3.900.0 m/E,n\r\nConnection: keep-alive\r\nauthorization: " + sign + "\r\n",
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: Boto/2.49.0 Python/3.11.2 Linux/6.1\r\nAccept-Encoding: identity\r\n",
	} {
		c.write(strings.Replace(post("{}"), "Content-Length", fields+"Content-Length", 1))
		if r, body := c.answer(); r.StatusCode != 200 || body != "{}" {
			t.Errorf("got %d %s", r.StatusCode, body)
		}
	}
}

func TestBodiesOfAllSizes(t *testing.T) {
	c := dial(t, start(t, handler(echo)))
	for _, size := range []int{1, 2000, 4 << 10, 32 << 10, 32<<10 + 1, 1 << 20, 10} {
		body := strings.Repeat("x", size)
		c.write(post(body))
		if r, got := c.answer(); r.StatusCode != 200 || got != body || r.Close {
			t.Errorf("%d bytes: got %d, %d bytes", size, r.StatusCode, len(got))
		}
	}
}

// Requests of one write are answered in order, and so are those that come a byte at a time.
func TestPipelinedAndSlow(t *testing.T) {
	c := dial(t, start(t, handler(echo)))
	var all strings.Builder
	for i := range 100 {
		all.WriteString(post(fmt.Sprint("body ", i)))
	}
	go io.WriteString(c, all.String())
	for i := range 100 {
		if _, got := c.answer(); got != fmt.Sprint("body ", i) {
			t.Fatalf("got %s for %d", got, i)
		}
	}
	for _, b := range []byte(post("slow")) {
		c.write(string(b))
	}
	if _, got := c.answer(); got != "slow" {
		t.Errorf("got %s", got)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		status int
		field  string
		body   string
		ends   bool
	}{
		{"nothing", func(w http.ResponseWriter) {}, 200, "Content-Length: 0", "", false},
		{"length_unknown", func(w http.ResponseWriter) { io.WriteString(w, "one"); io.WriteString(w, "two") }, 200, "Content-Length: 6", "onetwo", false},
		{"type_unknown", func(w http.ResponseWriter) { io.WriteString(w, "<html>") }, 200, "Content-Type: text/html; charset=utf-8", "<html>", false},
		{"in_parts", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "6")
			io.WriteString(w, "one")
			io.WriteString(w, "two")
		}, 200, "Content-Length: 6", "onetwo", false},
		{"status", func(w http.ResponseWriter) { w.WriteHeader(503); w.WriteHeader(200) }, 503, "Content-Length: 0", "", false},
		{"no_content", func(w http.ResponseWriter) { w.WriteHeader(204) }, 204, "", "", false},
		{"close", func(w http.ResponseWriter) { w.Header().Set("Connection", "close") }, 200, "Connection: close", "", true},
		{"line_in_value", func(w http.ResponseWriter) { w.Header().Set("X-Echo", "a\r\nSet-Cookie: b") }, 200, "X-Echo: a  Set-Cookie: b", "", false},
		{"odd_name", func(w http.ResponseWriter) { w.Header()["X: y\r\nz"] = []string{"v"} }, 200, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := dial(t, start(t, handler(func(w http.ResponseWriter, r *http.Request) { c.answer(w) })))
			p.write(post("{}"))
			r, body := p.answer()
			name, value, _ := strings.Cut(c.field, ": ")
			got := r.Header.Get(name)
			if name == "Connection" && r.Close {
				got = "close" // ReadResponse takes the field away
			}
			if r.StatusCode != c.status || got != value || body != c.body || r.Header.Get("Date") == "" || r.Header.Get("Set-Cookie") != "" {
				t.Errorf("got %+v %q", r, body)
			}
			if c.ends {
				p.wantEnd()
				return
			}
			p.write(post("{}"))
			p.answer()
		})
	}
}

// An answer that is not as announced cannot be followed by another.
func TestAnswersOfWrongLength(t *testing.T) {
	for length, want := range map[string]error{"2": http.ErrContentLength, "4": nil} {
		said := make(chan error, 1)
		c := dial(t, start(t, handler(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", length)
			_, err := io.WriteString(w, "one")
			said <- err
		})))
		c.write(post("{}") + post("{}"))
		text, err := io.ReadAll(c.in)
		if got := <-said; err != nil || bytes.Count(text, []byte("HTTP/1.1")) > 1 || !errors.Is(got, want) {
			t.Errorf("%s: got %q, %v, and Write said %v", length, text, err, got)
		}
	}
}

// A client that sends all of a long body before it reads gets the answer, whether or not anybody read that body.
func TestUnreadBodies(t *testing.T) {
	for size, ends := range map[int]bool{10: false, 200 << 10: false, 1 << 20: true} {
		c := dial(t, start(t, handler(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) })))
		go io.WriteString(c, post(strings.Repeat("x", size))+post("{}"))
		if r, _ := c.answer(); r.StatusCode != 503 {
			t.Errorf("%d bytes: got %d", size, r.StatusCode)
		}
		if !ends {
			c.answer()
			continue
		}
		if _, err := c.in.ReadByte(); err == nil {
			t.Errorf("%d bytes: got more", size)
		}
	}
}

func TestPanics(t *testing.T) {
	logged := make(lines, 1)
	s := settings(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); string(body) == "abort" {
			panic(http.ErrAbortHandler)
		}
		panic("at the disco")
	}))
	s.ErrorLog = log.New(logged, "", 0)
	address := start(t, http1.New(s))
	for _, body := range []string{"abort", "{}"} { // in this order: the first must not be logged
		p := dial(t, address)
		p.write(post(body))
		p.wantEnd()
	}
	if got := <-logged; !strings.Contains(got, "at the disco") {
		t.Errorf("got %q", got)
	}
}

// lines are what was logged. Nobody waits for a place: a line too many is an error.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default:
		panic("logged more: " + string(p))
	}
	return len(p), nil
}

// A request that waits ends when its client has gone, and only then: not with the idle timeout, not with bytes of the
// next request.
func TestContextEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		s := settings(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.ReadAll(r.Body)
			begin := time.Now()
			select {
			case <-r.Context().Done():
				ended <- time.Since(begin)
			case <-time.After(20 * time.Second):
				echo(w, r)
			}
		}))
		s.IdleTimeout, s.ReadHeaderTimeout = 5*time.Second, 3*time.Second
		l := newPipes()
		served := serveOn(t, http1.New(s), l)
		c := l.dial()
		for range 2 {
			io.WriteString(c, post("{}"))
			if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != 200 {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		io.WriteString(c, post("{}"))
		time.Sleep(time.Second)
		go io.WriteString(c, post("{}")) // the next request already
		for range 2 {
			if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != 200 {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		c.Close()
		c = l.dial()
		io.WriteString(c, post("{}"))
		time.Sleep(7 * time.Second)
		c.Close()
		if got := <-ended; got != 7*time.Second {
			t.Errorf("got an end after %v, want 7 s", got)
		}
		served()
	})
}

// Another goroutine can end the wait for a body, and an answer can leave before the body has arrived.
func TestDeadlineDuringTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type outcome struct {
			err   error
			after time.Duration
		}
		ended := make(chan outcome, 1)
		l := newPipes()
		served := serveOn(t, handler(func(w http.ResponseWriter, r *http.Request) {
			control := http.NewResponseController(w)
			if err := control.EnableFullDuplex(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(503)
			control.SetReadDeadline(time.Now().Add(time.Minute))
			time.AfterFunc(7*time.Second, func() { control.SetReadDeadline(time.Now()) })
			begin := time.Now()
			_, err := io.ReadAll(r.Body)
			ended <- outcome{err, time.Since(begin)}
		}), l)
		c := l.dial()
		io.WriteString(c, strings.TrimSuffix(post("{}"), "}"))
		if got := <-ended; !errors.Is(got.err, os.ErrDeadlineExceeded) || got.after != 7*time.Second {
			t.Errorf("got %+v, want a deadline after 7 s", got)
		}
		c.Close()
		served()
	})
}

// With many connections a buffer is small at first, and nobody notices.
func TestManyConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%d,%d", len(r.Header.Get("X-Long")), len(body))
		}))
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateHijacked {
				t.Error("handed over")
			}
		}
		l := newPipes()
		served := serveOn(t, http1.New(s), l)
		var idle []net.Conn
		for range 1001 {
			idle = append(idle, l.dial())
		}
		c := l.dial()
		in := bufio.NewReader(c)
		for _, size := range []struct{ header, body int }{{1, 10}, {1, 10_000}, {1900, 10}, {2000, 100}, {3500, 10}, {3500, 10_000}, {1, 10}} {
			text := strings.Replace(post(strings.Repeat("x", size.body)), "Content-Length", "X-Long: "+strings.Repeat("y", size.header)+"\r\nContent-Length", 1)
			go io.WriteString(c, text+text) // and the next request already
			for range 2 {
				r, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, _ := io.ReadAll(r.Body)
				if want := fmt.Sprintf("%d,%d", size.header, size.body); string(got) != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		}
		for _, c := range append(idle, c) {
			c.Close()
		}
		served()
	})
}

// The context of a request is over when the request is.
func TestContextEndsWithTheRequest(t *testing.T) {
	kept := make(chan context.Context, 1)
	c := dial(t, start(t, handler(func(w http.ResponseWriter, r *http.Request) {
		if err := r.Context().Err(); err != nil {
			t.Errorf("got %v during the request", err)
		}
		if r.Context().Value(http.LocalAddrContextKey) == nil || r.Context().Value("else") != nil {
			t.Error("the context has other values")
		}
		kept <- r.Context()
	})))
	c.write(post("{}"))
	c.answer()
	ctx := <-kept
	<-ctx.Done()
	if ctx.Err() != context.Canceled {
		t.Errorf("got %v", ctx.Err())
	}
}

func TestTimeouts(t *testing.T) {
	for _, c := range []struct {
		name, text string
		after      time.Duration
	}{
		{"nothing_sent", "", 3 * time.Second},
		{"half_a_header", "POST / HTTP", 3 * time.Second},
		{"idle", post("{}"), 5 * time.Second},
		{"half_a_second_header", post("{}") + "POST / H", 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := settings(http.HandlerFunc(echo))
				s.IdleTimeout, s.ReadHeaderTimeout = 5*time.Second, 3*time.Second
				l := newPipes()
				served := serveOn(t, http1.New(s), l)
				p := l.dial()
				begin := time.Now()
				go io.WriteString(p, c.text)
				io.Copy(io.Discard, p)
				if got := time.Since(begin); got < c.after*7/8 || got > c.after {
					t.Errorf("hung up after %v, want %v", got, c.after)
				}
				served()
			})
		})
	}
}

// Shutdown lets go of who does nothing, and waits for who does.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := http1.New(settings(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if body, _ := io.ReadAll(r.Body); string(body) == "wait" {
				<-release
			}
		})))
		l := newPipes()
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		fresh, used, waits := l.dial(), l.dial(), l.dial()
		io.WriteString(used, post("{}"))
		http.ReadResponse(bufio.NewReader(used), nil)
		io.WriteString(waits, post("wait"))
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- s.Shutdown(t.Context()) }()
		for _, c := range []net.Conn{fresh, used} {
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("got %v, want the end of a connection without request", err)
			}
		}
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("Shutdown is done before the request, with %v", err)
		default:
		}
		close(release)
		r, err := http.ReadResponse(bufio.NewReader(waits), nil)
		if err != nil || !r.Close {
			t.Errorf("got %+v, %v, want an answer that ends the connection", r, err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: got %v", err)
		}
	})
}

// pipes is a listener without a network, for tests in fake time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// serveOn serves in a bubble. The function that it returns ends that.
func serveOn(t *testing.T, s *http1.Server, l net.Listener) (stop func()) {
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return func() {
		s.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: got %v", err)
		}
	}
}
