package server

import (
	"container/list"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/obs"
)

// connections bounds how many there are. At the limit, the one that has been idle for longest makes room for a new one:
// clients keep idle connections in pools, know that servers close them, and make new ones. If none is idle, the new one waits
// until one is or ends. More that come then stay in the kernel's backlog, and beyond that, clients try again to connect for
// as long as they like. Closing new ones at once, the alternative, is an error to clients, which count it as a failed
// request and come back at a moment when it is as likely to fail again; here they are served in the order in which they came.
type connections struct {
	limit int // 0: none
	log   *slog.Logger

	mu struct {
		sync.Mutex
		idle    map[net.Conn]*list.Element // all connections; with nil those that are not idle
		oldest  list.List                  // of net.Conn: the idle ones
		waited  int64                      // how many new ones found no room
		logged  time.Time
		waiting bool
	}
	room chan struct{} // capacity 1: one has become idle or ended while somebody waited
}

// roomReport is how often it is logged that there is no room.
const roomReport = 10 * time.Second

func newConnections(limit int, log *slog.Logger) *connections {
	c := &connections{limit: limit, log: log, room: make(chan struct{}, 1)}
	c.mu.idle = map[net.Conn]*list.Element{}
	return c
}

// follow is http.Server.ConnState.
func (c *connections) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, known := c.mu.idle[conn]
	switch state {
	case http.StateNew:
		c.mu.idle[conn] = nil
		return
	case http.StateActive:
		if e != nil {
			c.mu.oldest.Remove(e)
			c.mu.idle[conn] = nil
		}
		return
	case http.StateIdle:
		if !known { // closed to make room, a moment ago
			return
		}
		c.mu.idle[conn] = c.mu.oldest.PushBack(conn)
	default:
		c.forgetLocked(conn)
	}
	if c.mu.waiting {
		select {
		case c.room <- struct{}{}:
		default:
		}
	}
}

func (c *connections) forgetLocked(conn net.Conn) {
	if e := c.mu.idle[conn]; e != nil {
		c.mu.oldest.Remove(e)
	}
	delete(c.mu.idle, conn)
}

// makeRoom reports whether there is room for one more connection. It closes an idle one if that helps.
func (c *connections) makeRoom(first bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.waiting = false
	if len(c.mu.idle) < c.limit {
		return true
	}
	if first {
		c.mu.waited++
		c.reportLocked()
	}
	if e := c.mu.oldest.Front(); e != nil {
		conn := e.Value.(net.Conn)
		c.forgetLocked(conn)
		conn.Close()
		return true
	}
	c.mu.waiting = true
	return false
}

func (c *connections) reportLocked() {
	now := time.Now()
	if now.Sub(c.mu.logged) < roomReport {
		return
	}
	c.mu.logged = now
	c.log.Warn("there are as many connections as there may be: new ones wait until another is idle or ends",
		"connections", len(c.mu.idle), "waited", c.mu.waited,
		obs.KeyHint, "have clients share connections, or allow more with --max-connections and, if need be, --memory-limit")
}

// usage is how many connections there are, how many there may be and how many had to wait or to push out another.
func (c *connections) usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Usage{int64(len(c.mu.idle)), Limit{int64(c.limit), c.mu.waited}}
}

// roomy is a listener that accepts what there is room for.
type roomy struct {
	net.Listener
	*connections
	once   sync.Once
	closed chan struct{}
}

func (c *connections) listener(l net.Listener) net.Listener {
	if c.limit <= 0 {
		return l
	}
	return &roomy{Listener: l, connections: c, closed: make(chan struct{})}
}

// Accept takes a connection first and looks for room then, so that no idle connection is closed for nobody.
func (l *roomy) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for first := true; !l.makeRoom(first); first = false {
		select {
		case <-l.room:
		case <-l.closed:
			conn.Close()
			return nil, net.ErrClosed
		}
	}
	return conn, nil
}

func (l *roomy) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// filesForOthers is how many files may be open besides connections: Pebble keeps up to 1,000 of its own open.
const filesForOthers = 1100

// maxConnections is the limit where none was given: what the memory limit is enough for, and the system's limit of open
// files, of which a small one is shared.
func maxConnections(o *Options) int {
	n := memory.Split(o.MemoryLimit).Connections
	if files := openFiles(); files > 0 {
		n = min(n, max(files-filesForOthers, files/2))
	}
	return n
}
