package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// announce begins a send of n bytes.
func announce(t *testing.T, l *pipes, n int) net.Conn {
	t.Helper()
	c := l.dial()
	t.Cleanup(func() { c.Close() })
	_, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: %d\r\n\r\n", n)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// status reads an answer.
func status(t *testing.T, c net.Conn) int {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode
}

// With the least memory there is room for one body of the greatest length. A client that claims it and sends next to
// nothing keeps it for as long as nobody else wants it.
func TestSlowBodyGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, &Options{InMemory: true, MemoryLimit: 96 << 20})
		l := newPipes()
		go s.Serve(l)
		<-s.Ready()
		if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
			t.Fatal(w.Body)
		}
		slow := announce(t, l, 8<<20)
		io.WriteString(slow, "{")
		synctest.Wait()
		if got := status(t, announce(t, l, 1<<20)); got != 503 {
			t.Errorf("beside it: got %d, want 503", got)
		}
		time.Sleep(10 * time.Second)
		if _, err := io.WriteString(slow, "}"); err != nil {
			t.Errorf("nobody came, and it was cut off: %v", err)
		}
		if got := status(t, announce(t, l, 1<<20)); got != 503 {
			t.Errorf("beside it, later: got %d, want 503", got)
		}
		if got := status(t, slow); got != 503 {
			t.Errorf("the slow one, later: got %d, want 503", got)
		}
		const begin, end = `{"QueueUrl":"q","MessageBody":"`, `"}`
		body := begin + strings.Repeat("x", 1<<20-len(begin)-len(end)) + end
		next := announce(t, l, len(body))
		io.WriteString(next, body)
		if got := status(t, next); got != 200 {
			t.Errorf("after it: got %d, want 200", got)
		}
	})
}

// What is left of a refused body must never be taken for another request.
func TestRefusedBodyIsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, &Options{InMemory: true, MemoryLimit: 96 << 20})
		l := newPipes()
		go s.Serve(l)
		<-s.Ready()
		if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
			t.Fatal(w.Body)
		}
		announce(t, l, 8<<20)
		synctest.Wait()
		refused := announce(t, l, 100<<10)
		if got := status(t, refused); got != 503 {
			t.Fatalf("got %d, want 503", got)
		}
		time.Sleep(time.Minute)
		io.WriteString(refused, "GET /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if answer, _ := io.ReadAll(refused); len(answer) > 0 {
			t.Errorf("got %s, want the connection closed", answer)
		}
	})
}
