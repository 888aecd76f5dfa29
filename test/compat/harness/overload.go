package harness

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// LeastMemory is the least memory that a server runs in, which Fill fills.
var LeastMemory = []string{"--memory-limit", "96MiB"}

// Fill takes the memory that a server with LeastMemory has for large sends and for answers with large messages, by two
// requests that have arrived but for their last bytes. It returns when the server holds them. release lets them end, and
// returns when they have been answered, which is after their memory was given back.
func (s *Server) Fill(t testing.TB) (release func()) {
	t.Helper()
	var held []*padded
	for _, size := range []int{8 << 20, 1800 << 10} { // paid for three times, out of 32 MiB, of which receives have 28
		held = append(held, hold(t, strings.TrimPrefix(s.URL, "http://"), size))
	}
	return func() {
		t.Helper()
		for _, p := range held {
			p.finish(t)
		}
	}
}

// padded is a request with much white space in it. It asks for a queue that does not exist: what is answered with success goes
// into the records, and is no call of the client under test.
type padded struct {
	net.Conn
	in *bufio.Reader
}

// hold sends one of this size, but for the last byte. With most of it there, it is no slow one, which would have to give way.
func hold(t testing.TB, address string, size int) *padded {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	p := &padded{c, bufio.NewReader(c)}
	p.write(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.GetQueueUrl\r\n"+
		"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", size))
	p.want(t, http.StatusContinue) // it was paid for, or nobody would want it
	const begin = `{"QueueName":"none"`
	p.write(t, begin+strings.Repeat(" ", size-len(begin)-1))
	return p
}

func (p *padded) finish(t testing.TB) {
	t.Helper()
	p.write(t, "}")
	p.want(t, http.StatusBadRequest)
}

func (p *padded) write(t testing.TB, text string) {
	t.Helper()
	if _, err := p.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (p *padded) want(t testing.TB, status int) {
	t.Helper()
	answer, err := http.ReadResponse(p.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != status {
		t.Fatalf("a request that fills the server: got %s, want %d", answer.Status, status)
	}
}
