package server

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/obs"
)

// connections bounds how many there are. At the limit, the one that has been idle for longest makes room for a new one:
// clients keep idle connections in pools, know that servers close them, and make new ones. If none is idle, the new one waits
// until one is or ends. More that come then stay in the kernel's backlog, and beyond that, clients try again to connect for
// as long as they like. Closing new ones at once, the alternative, is an error to clients, which count it as a failed
// request and come back at a moment when it is as likely to fail again; here they are served in the order in which they came.
//
// A connection changes twice a request, and somebody wants to know only at the limit. So all that a change does is to write
// down its turn, without a lock; who needs room looks through all connections for those that have been idle for longest.
type connections struct {
	limit int // 0: none
	log   *slog.Logger

	all     sync.Map      // from net.Conn to *turn
	count   atomic.Int64  // of all
	turns   atomic.Int64  // the last one
	waiting atomic.Bool   // makeRoom has found no room, or is looking for it
	room    chan struct{} // capacity 1: one has become idle or ended while somebody waited

	mu struct { // held by makeRoom and usage only
		sync.Mutex
		oldest []idleConn // of those that were idle when makeRoom looked last, the next to go at the end
		waited int64      // how many new ones found no room
		logged time.Time
	}
}

// turn is the turn in which a connection became idle, or inUse, or pushedOut.
type turn struct{ atomic.Int64 }

const (
	inUse     = 0
	pushedOut = -1
)

type idleConn struct {
	conn  net.Conn
	turn  *turn
	since int64
}

// roomReport is how often it is logged that there is no room.
const roomReport = 10 * time.Second

// maxOldest is how many are found in one look through all. Who becomes idle later comes after them.
const maxOldest = 1024

func newConnections(limit int, log *slog.Logger) *connections {
	return &connections{limit: limit, log: log, room: make(chan struct{}, 1)}
}

// follow is http.Server.ConnState.
func (c *connections) follow(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.all.Store(conn, new(turn))
		c.count.Add(1)
		return
	case http.StateActive, http.StateIdle:
		known, ok := c.all.Load(conn)
		if !ok { // closed to make room, a moment ago
			return
		}
		next := int64(inUse)
		if state == http.StateIdle {
			next = c.turns.Add(1)
		}
		t := known.(*turn)
		if old := t.Load(); old == pushedOut || !t.CompareAndSwap(old, next) || next == inUse { // only makeRoom can be faster
			return
		}
	default:
		if _, ok := c.all.LoadAndDelete(conn); !ok {
			return
		}
		c.count.Add(-1)
	}
	if c.waiting.Load() {
		select {
		case c.room <- struct{}{}:
		default:
		}
	}
}

// makeRoom reports whether there is room for one more connection. It closes an idle one if that helps.
func (c *connections) makeRoom(first bool) bool {
	if c.count.Load() < int64(c.limit) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first {
		c.mu.waited++
		c.reportLocked()
	}
	c.waiting.Store(true) // before looking: what is idle after the look wakes
	if c.count.Load() >= int64(c.limit) && !c.pushOutLocked() {
		return false
	}
	c.waiting.Store(false)
	return true
}

// pushOutLocked closes the connection that has been idle for longest, if one is idle.
func (c *connections) pushOutLocked() bool {
	for {
		for n := len(c.mu.oldest); n > 0; n = len(c.mu.oldest) {
			o := c.mu.oldest[n-1]
			c.mu.oldest[n-1] = idleConn{}
			c.mu.oldest = c.mu.oldest[:n-1]
			if !o.turn.CompareAndSwap(o.since, pushedOut) { // it was used since
				continue
			}
			if _, ok := c.all.LoadAndDelete(o.conn); !ok { // it has ended since
				continue
			}
			c.count.Add(-1)
			o.conn.Close()
			return true
		}
		if c.lookLocked(); len(c.mu.oldest) == 0 {
			return false
		}
	}
}

// lookLocked finds those that have been idle for longest.
func (c *connections) lookLocked() {
	idle := c.mu.oldest[:0]
	c.all.Range(func(conn, t any) bool {
		if since := t.(*turn).Load(); since > inUse {
			idle = append(idle, idleConn{conn.(net.Conn), t.(*turn), since})
		}
		return true
	})
	slices.SortFunc(idle, func(a, b idleConn) int { return cmp.Compare(b.since, a.since) })
	if n := len(idle) - maxOldest; n > 0 {
		idle = slices.Clone(idle[n:])
	}
	c.mu.oldest = idle
}

func (c *connections) reportLocked() {
	now := time.Now()
	if now.Sub(c.mu.logged) < roomReport {
		return
	}
	c.mu.logged = now
	c.log.Warn("there are as many connections as there may be: new ones wait until another is idle or ends",
		"connections", c.count.Load(), "waited", c.mu.waited,
		obs.KeyHint, "have clients share connections, or allow more with --max-connections and, if need be, --memory-limit")
}

// usage is how many connections there are, how many there may be and how many had to wait or to push out another.
func (c *connections) usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Usage{c.count.Load(), Limit{int64(c.limit), c.mu.waited}}
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
