// Package memory divides what a server may use of the machine's memory among those who use it: the store's cache and
// memtables, the engine's window, the bodies of requests and answers, the heap of Go. Packages server and cli use it; it
// imports nothing of ours.
package memory

const (
	mib = 1 << 20

	// Default is the limit where no control group has one.
	Default = 1 << 30
	// Min is the least limit that a server works with: the largest body needs three times its 8 MiB, Go and the program
	// itself some 30 MiB, and something has to be left.
	Min = 96 * mib
	// program is what the pages of the program's file take: measured, 23 MiB.
	program = 24 * mib
)

// Shares is a limit, divided. All but Garbage and Connections are in bytes, and each is an upper bound of its own: they
// are chosen so that all of them together stay below the limit, with the connections that Connections allows.
type Shares struct {
	Limit int64

	Cache     int64 // of the store: blocks of tables
	MemTables int64 // of the store: all memtables, full ones that wait for the disk included
	Pending   int64 // of the store: batches that wait for the disk
	Window    int64 // of the engine: bodies of messages that will be received next
	Bodies    int64 // of the gateway: requests and answers under way

	Go      int64 // soft limit for everything that Go's runtime manages
	Garbage int64 // by how much Go's heap may grow between two collections, from a few MiB of live heap on

	Connections int // how many connections this is enough for
}

// connection is what a connection takes at most while its request waits, bodies excepted: buffers, stacks and what is
// known of the request. 22 KB were measured with 10,000 long polls; what Go has of that while a send waits for its turn is half.
const (
	connection   = 24 << 10
	connectionGo = 12 << 10
	minBodies    = 32 * mib
)

// Split divides a limit of at least Min; 0 is Default.
func Split(limit int64) Shares {
	if limit == 0 {
		limit = Default
	}
	s := Shares{
		Limit:     limit,
		Cache:     limit / 16,
		MemTables: min(max(limit/16, 4*mib), 64*mib),
		Pending:   min(limit/16, 64*mib),
		Window:    limit / 16,
		Bodies:    max(limit/4, minBodies),
		Garbage:   min(limit/16, 64*mib),
	}
	s.Go = limit - program - limit/16 // of which C wastes some, and Go's limit is a soft one
	if offHeap {
		s.Go -= s.Cache + s.MemTables
	}
	s.Connections = int(limit / connection)
	return s
}

// BodiesWith is what bodies may take beside so many connections. With a few thousand and a small limit these leave less than
// Bodies, and Go would spend half of the time to collect what is not garbage.
func (s *Shares) BodiesWith(connections int64) int64 {
	return max(min(s.Bodies, s.Go-s.Window-s.Garbage-connections*connectionGo), minBodies)
}
