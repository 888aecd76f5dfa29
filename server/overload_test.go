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
// nothing keeps it for as long as nobody else waits for it.
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
			t.Errorf("beside one that has just begun: got %d, want 503", got)
		}
		time.Sleep(10 * time.Second)
		if _, err := io.WriteString(slow, "}"); err != nil {
			t.Errorf("nobody came, and it was cut off: %v", err)
		}
		const begin, end = `{"QueueUrl":"q","MessageBody":"`, `"}`
		body := begin + strings.Repeat("x", 1<<20-len(begin)-len(end)) + end
		next := announce(t, l, len(body))
		io.WriteString(next, body)
		if got := status(t, next); got != 200 {
			t.Errorf("beside it, later: got %d, want 200", got)
		}
		began := time.Now()
		if got := status(t, slow); got != 503 || time.Since(began) > 0 {
			t.Errorf("the slow one: got %d after %v, want 503 at once", got, time.Since(began))
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

// At the limit, the connection that has been idle for longest makes room; if none is idle, the new one waits.
func TestMaxConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, &Options{InMemory: true, MaxConnections: 3})
		l := newPipes()
		go s.Serve(l)
		<-s.Ready()
		if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
			t.Fatal(w.Body)
		}
		const list = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Length: 2\r\n\r\n{}"
		const poll = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: 37\r\n\r\n" +
			`{"QueueUrl":"q","WaitTimeSeconds":20}`
		const odd = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" // which another server answers, see package http1
		ask := func(c net.Conn, request string) {
			t.Helper()
			if status, _ := exchange(t, c, request); status != "200 OK" {
				t.Errorf("got %s", status)
			}
			synctest.Wait() // the client has its answer a moment before the connection counts as idle
		}
		polling := l.dial()
		io.WriteString(polling, poll)
		first, second := l.dial(), l.dial()
		ask(first, list)
		ask(second, odd)
		ask(first, list) // so the second has been idle for longer
		third := l.dial()
		ask(third, list)
		ask(first, odd)
		if _, err := second.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the oldest idle connection: got %v, want it closed", err)
		}
		// Now all are busy.
		io.WriteString(first, poll)
		io.WriteString(third, poll)
		synctest.Wait()
		for _, c := range []net.Conn{polling, first, third} {
			go io.Copy(io.Discard, c)
		}
		began := time.Now()
		fourth := l.dial()
		go io.WriteString(fourth, list)
		if got := status(t, fourth); got != 200 || time.Since(began) != 20*time.Second {
			t.Errorf("got %d after %v, want 200 when the polls are over", got, time.Since(began))
		}
		usage := s.conns.usage()
		if want := (Usage{3, Limit{3, 2}}); usage != want {
			t.Errorf("got %+v, want %+v", usage, want)
		}
		for _, c := range []net.Conn{polling, first, third, fourth} {
			c.Close()
		}
		synctest.Wait()
		if usage := s.conns.usage(); usage.Used != 0 {
			t.Errorf("all are closed, and %d are counted", usage.Used)
		}
	})
}
