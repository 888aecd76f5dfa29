package http1_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/http1"
)

// server is what both kinds of server have.
type server interface {
	Serve(net.Listener) error
	Close() error
}

func settings(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
}

// start serves until the test ends.
func start(t testing.TB, s server) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: got %v, want ErrServerClosed", err)
		}
	})
	return l.Addr().String()
}

// mirror answers with all that a handler sees of a request.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	text, _ := json.Marshal(map[string]any{
		"method": r.Method, "url": r.URL, "proto": r.Proto, "header": r.Header, "body": body, "error": fmt.Sprint(err),
		"host": r.Host, "uri": r.RequestURI, "length": r.ContentLength, "close": r.Close, "encoding": r.TransferEncoding,
		"trailer": r.Trailer, "scheme": r.URL.Scheme, "raw": r.URL.RawPath, "version": []int{r.ProtoMajor, r.ProtoMinor},
	})
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

type answer struct {
	Status int
	Header http.Header
	Body   string
}

// exchange writes text, closes its half of the connection, and reads all answers.
func exchange(t *testing.T, address string, text []byte) (answers []answer) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		c.Write(text) // the server may have enough before the end
		c.(*net.TCPConn).CloseWrite()
	}()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers
		}
		body, _ := io.ReadAll(r.Body)
		r.Header.Del("Date")
		answers = append(answers, answer{r.StatusCode, r.Header, string(body)})
	}
}

const plain = "POST / HTTP/1.1\r\nHost: localhost:9324\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 2\r\n\r\n{}"

var requests = []string{
	plain,
	plain + plain,
	plain + "GET /health HTTP/1.1\r\nHost: a\r\n\r\n" + plain,
	strings.Replace(plain, "POST /", "POST /000000000000/q.fifo", 1),
	strings.Replace(plain, "POST /", "POST //host/q", 1),
	strings.Replace(plain, "POST /", "POST /a%2Fb?c=d", 1),
	strings.Replace(plain, "POST /", "POST http://other/q", 1),
	strings.Replace(plain, "POST /", "post /", 1),
	strings.Replace(plain, "POST /", "POST  /", 1),
	strings.Replace(plain, "POST", "GET", 1),
	strings.Replace(plain, "1.1", "1.0", 1),
	strings.Replace(plain, "1.1", "1.2", 1),
	strings.Replace(plain, "HTTP/1.1", "HTTP/2.0", 1),
	strings.ReplaceAll(plain, "\r\n", "\n"),
	"\r\n" + plain,
	strings.Replace(plain, "Host", "host", 1),
	strings.Replace(plain, "Host:", "Host :", 1),
	strings.Replace(plain, "Host: localhost:9324\r\n", "", 1),
	strings.Replace(plain, "Host: localhost:9324\r\n", "Host:\r\n", 1),
	strings.Replace(plain, "Host", "Host: other\r\nHost", 1),
	strings.Replace(plain, "localhost:9324", "a b", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nContent-Length: 2", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nContent-Length: 3", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: +2", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 002", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 0", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 3", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 1", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2, 2", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 99999999999999999999", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nTransfer-Encoding: chunked", 1),
	strings.Replace(plain, "Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nConnection: close", 1) + plain,
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nConnection: Keep-Alive", 1) + plain,
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nConnection: keep-alive, x", 1) + plain,
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nExpect: 100-continue", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nPragma: no-cache", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nTrailer: X", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nx-lower-case: \t v \t", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: 1\r\nx: 2\r\nX: 3", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX_Y: 1", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: a\r\n folded", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: a\nY: b", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: a\rY: b", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: \x00", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: é", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\n: x", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nno colon", 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: "+strings.Repeat("a", 5000), 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2\r\nX: "+strings.Repeat("a", 70_000), 1),
	strings.Replace(plain, "Content-Length: 2", "Content-Length: 2"+strings.Repeat("\r\nX: a", 100), 1),
	plain[:len(plain)-1],
	plain[:40],
	"",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
}

// Whatever comes over a connection, a handler sees of it what net/http shows, and the client gets the same answers.
func FuzzSame(f *testing.F) {
	for _, r := range requests {
		f.Add([]byte(r))
	}
	ours, theirs := start(f, http1.New(settings(http.HandlerFunc(mirror)))), start(f, settings(http.HandlerFunc(mirror)))
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.Contains(bytes.ToLower(text), []byte("upgrade")) || len(text) > 1<<20 {
			return
		}
		if got, want := exchange(t, ours, text), exchange(t, theirs, text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", text, got, want)
		}
	})
}
