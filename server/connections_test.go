package server

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// closed reports whether the server has closed its end of a connection.
func closed(client net.Conn) bool {
	client.SetReadDeadline(time.Unix(1, 0))
	_, err := client.Read(make([]byte, 1))
	return err == io.EOF
}

// Room is made by those that have been idle for longest, however many there are, and by none that was used meanwhile.
func TestConnections_push_out_the_oldest(t *testing.T) {
	const n = maxOldest + 100
	c := newConnections(n, slog.New(slog.DiscardHandler))
	clients := map[net.Conn]net.Conn{}
	var order []net.Conn
	for range n {
		conn, client := net.Pipe()
		clients[conn] = client
		order = append(order, conn)
		c.follow(conn, http.StateNew)
		c.follow(conn, http.StateActive)
	}
	if c.makeRoom(true) {
		t.Fatal("room, though there are as many as there may be, and all are busy")
	}
	rand.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, conn := range order {
		c.follow(conn, http.StateIdle)
	}
	select {
	case <-c.room:
	default:
		t.Error("somebody waits for room, and was not told that some are idle")
	}
	goes := func(want net.Conn) {
		t.Helper()
		if closed(clients[want]) || !c.makeRoom(true) || !closed(clients[want]) {
			t.Fatal("the one to go is not the one that has been idle for longest")
		}
		c.follow(want, http.StateClosed) // its goroutine notices
		conn, _ := net.Pipe()
		c.follow(conn, http.StateNew)
	}
	goes(order[0])
	// What was seen in the same look is busy now, has ended, or is idle anew.
	c.follow(order[1], http.StateActive)
	c.follow(order[2], http.StateClosed)
	conn, _ := net.Pipe()
	c.follow(conn, http.StateNew)
	c.follow(order[3], http.StateActive)
	c.follow(order[3], http.StateIdle)
	for _, want := range append(order[4:], order[3]) {
		goes(want)
	}
	if c.makeRoom(true) {
		t.Error("the last one is busy, and made room")
	}
	if got := c.usage(); got.Used != n || got.Limit.Limit != n {
		t.Errorf("got %+v, want %d of %d", got, n, n)
	}
}

// Connections come, are used and end while others are closed to make room: in the end none is counted.
func TestConnections_at_once(t *testing.T) {
	c := newConnections(8, slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 200 {
		for first := true; !c.makeRoom(first); first = false {
			<-c.room
		}
		conn, _ := net.Pipe()
		c.follow(conn, http.StateNew)
		all.Go(func() {
			defer c.follow(conn, http.StateClosed)
			for range 10 {
				c.follow(conn, http.StateActive)
				c.follow(conn, http.StateIdle)
			}
		})
		if got := c.usage().Used; got > 8 {
			t.Errorf("%d connections, want at most 8", got)
		}
	}
	all.Wait()
	if got := c.usage().Used; got != 0 {
		t.Errorf("all have ended, and %d are counted", got)
	}
}
