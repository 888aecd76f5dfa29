package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/gateway"
)

// peer is a connection to a real server that writes what no http.Client would.
type peer struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, address string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &peer{T: t, Conn: c, in: bufio.NewReader(c)}
}

func (p *peer) write(text string) {
	p.Helper()
	if _, err := io.WriteString(p, text); err != nil {
		p.Fatal(err)
	}
}

func (p *peer) answer() (status int, body string) {
	p.Helper()
	r, err := http.ReadResponse(p.in, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode, readAll(p.T, r.Body)
}

const jsonHead = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Type: application/x-amz-json-1.0\r\n"

func TestHostileConnections(t *testing.T) { bothWays(t, hostileConnections) }

func hostileConnections(t *testing.T, serve func(*fixture) string) {
	const formHead = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	f := newFixture(t, &gateway.Options{MaxBody: 1 << 10, BodyTimeout: 50 * time.Millisecond})
	address := serve(f)
	for _, c := range []struct {
		name, request string
		hangUp        bool // close our half after the request
		status        int
		text          string
	}{
		{"truncated_json", jsonHead + "Content-Length: 10\r\n\r\n{", true, 400, "SerializationException"},
		{"truncated_form", formHead + "Content-Length: 100\r\n\r\nAction=ListQueues", true, 400, "MalformedInput"},
		{"slow_body", jsonHead + "Content-Length: 10\r\n\r\n{", false, 408, "RequestTimeout"},
		{"announced_too_long", jsonHead + "Content-Length: 1025\r\n\r\n", false, 413, "longer than 1024 bytes"},
		{"chunks_too_long", jsonHead + "Transfer-Encoding: chunked\r\n\r\n401\r\n" + strings.Repeat(" ", 1025) + "\r\n0\r\n\r\n", false, 413, "longer than 1024 bytes"},
		{"chunks_exact", jsonHead + "Transfer-Encoding: chunked\r\n\r\n400\r\n{}" + strings.Repeat(" ", 1022) + "\r\n0\r\n\r\n", false, 200, `{"QueueUrls":`},
		{"chunks_broken", jsonHead + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", false, 400, "SerializationException"},
		{"length_negative", jsonHead + "Content-Length: -1\r\n\r\n", false, 400, ""},
		{"length_overflow", jsonHead + "Content-Length: 99999999999999999999\r\n\r\n", false, 400, ""},
		{"huge_header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", false, 431, ""},
		{"huge_url", "GET /?Action=" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 431, ""},
		{"long_action", "GET /?Action=" + strings.Repeat("%3C", 5000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 400, strings.Repeat("&lt;", 256) + "..."},
		{"bad_escape", "GET /?Action=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 400, "MalformedInput"},
		{"no_host", "GET /?Action=GetQueueUrl&QueueName=q HTTP/1.0\r\n\r\n", false, 200, "<QueueUrl>http://" + address + "/000000000000/q<"},
		{"absolute_target", "GET http://sqs.example/?Action=GetQueueUrl&QueueName=q HTTP/1.1\r\nHost: other\r\n\r\n", false, 200, "<QueueUrl>http://sqs.example/000000000000/q<"},
		{"options", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 200, ""},
		{"lower_case_method", "get /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 405, "MethodNotAllowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.json("CreateQueue", `{"QueueName":"q"}`)
			p := dial(t, address)
			p.write(c.request)
			if c.hangUp {
				p.Conn.(*net.TCPConn).CloseWrite()
			}
			status, body := p.answer()
			if status != c.status || !strings.Contains(body, c.text) {
				t.Errorf("got %d %s, want %d with %q", status, body, c.status, c.text)
			}
		})
	}
}

// A deadline for the body must not become one for the request: this long poll is as long as many bodies may take.
func TestLongPollOutlivesTheBodyTimeout(t *testing.T) {
	f := newFixture(t, &gateway.Options{BodyTimeout: 20 * time.Millisecond})
	f.json("CreateQueue", `{"QueueName":"q"}`)
	p := dial(t, f.serve(nil))
	body := `{"QueueUrl":"q","WaitTimeSeconds":1}`
	begin := time.Now()
	p.write(strings.Replace(jsonHead, "ListQueues", "ReceiveMessage", 1) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
	status, answer := p.answer()
	if status != 200 || answer != "{}" || time.Since(begin) < time.Second {
		t.Errorf("got %d %s after %v, want 200 {} after a second", status, answer, time.Since(begin))
	}
}

func TestLongPollEndsWhenTheClientLeaves(t *testing.T) {
	var log logBuffer
	f := newFixture(t, &gateway.Options{Log: log.logger(0)})
	f.json("CreateQueue", `{"QueueName":"q"}`)
	done := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handler.ServeHTTP(w, r)
		close(done)
	})
	p := dial(t, f.serve(func(s *http.Server) { s.Handler = handler }))
	p.write("GET /000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	p.Close()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Error("the long poll goes on for nobody")
	}
	if got := log.String(); got != "" {
		t.Errorf("got %s, want nothing logged", got)
	}
}

func TestExpectContinue(t *testing.T) {
	f := newFixture(t, nil)
	p := dial(t, f.serve(nil))
	for range 2 { // on one connection
		p.write(jsonHead + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
		if status, _ := p.answer(); status != 100 {
			t.Fatalf("got %d, want 100", status)
		}
		p.write("{}")
		if status, body := p.answer(); status != 200 || body != "{}" {
			t.Fatalf("got %d %s, want 200 {}", status, body)
		}
	}
}

// What is decoded must not share memory with the pooled buffers that it came in.
func TestBuffersAreNotShared(t *testing.T) {
	f := newFixture(t, nil)
	f.json("CreateQueue", `{"QueueName":"q"}`)
	var senders sync.WaitGroup
	for i := range 8 {
		senders.Go(func() {
			body := strings.Repeat(string(rune('a'+i)), 1000+i)
			for range 20 {
				f.json("SendMessage", `{"QueueUrl":"q","MessageBody":"`+body+`"}`)
				f.form("Action=SendMessage&QueueUrl=q&MessageBody=" + body)
			}
		})
	}
	senders.Wait()
	received := 0
	for range 32 {
		w := f.json("ReceiveMessage", `{"QueueUrl":"q","MaxNumberOfMessages":10}`)
		for _, m := range strings.Split(w.Body.String(), `{"Body":"`)[1:] {
			body, _, _ := strings.Cut(m, `"`)
			if want := strings.Repeat(body[:1], 1000+int(body[0]-'a')); body != want {
				t.Fatalf("got %s, want one letter %d times", body, len(want))
			}
			received++
		}
	}
	if received != 320 {
		t.Errorf("got %d messages, want 320", received)
	}
}
