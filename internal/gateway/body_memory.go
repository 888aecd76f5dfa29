package gateway

import (
	"errors"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/room"
)

// What bodies take is paid for out of Options.BodyMemory before it is made, so that no number of connections can make the
// server set aside more. Who finds no room waits for it, before the body is read, for up to Options.Patience: what is under
// way does not wait for anything but the disk and its own client, so room comes. Then it is refused.
//
// Up to freeBody bytes are free: they are a part of what a connection costs anyway (Options of package server bound
// those), and nearly all requests are that short.
const freeBody = 4 << 10

// bodyWeight is how often the bytes of a body are in memory at a time while its messages are on their way to the disk: as
// they came, decoded, and in the store's batch.
const bodyWeight = 3

// The ranks of requests. Sends bring in what takes memory, so they are the first to wait, while there is still room for
// receives. Deletes and visibility changes end something, and what an operator does may be what helps: these have room as
// long as there is any.
const (
	urgent room.Rank = iota
	receiving
	sending
)

func rankOf(action string) room.Rank {
	switch action {
	case api.SendMessage.Name, api.SendMessageBatch.Name:
		return sending
	case api.ReceiveMessage.Name:
		return receiving
	}
	return urgent
}

// urgentForm is how long a Query request can be that deletes messages or changes their visibility: ten receipt handles of
// at most 1,024 characters, of which some are escaped. Its action may be in the body only; a longer one sends.
const urgentForm = 32 << 10

// memory is what bodies may take, all together.
type memory struct {
	*room.Room
	arriving struct { // bodies that were paid for
		sync.Mutex
		list   map[*exchange]struct{}
		looked time.Time // for slow ones
	}
}

// newMemory has room for one body of the greatest length, whatever size says. A quarter is kept from sends, an eighth
// from receives.
func newMemory(size func() int64, maxBody int) *memory {
	least := int64(bodyWeight*largest(maxBody))*4/3 + 1
	m := &memory{Room: room.New(func(r room.Rank) int64 {
		n := max(size(), least)
		return n - n/8*int64(r)
	})}
	m.arriving.list = map[*exchange]struct{}{}
	return m
}

// take pays for n bytes more of this exchange. What has paid already does not wait, or two could wait for each other.
func (x *exchange) take(n int) bool {
	patience := x.o.Patience
	if x.taken > 0 {
		patience = 0
	}
	if !x.memory.Take(int64(n), x.rank, patience, x.memory.makeWay) {
		return false
	}
	x.taken += n
	return true
}

// giveBack ends what the exchange took of the handler's memory.
func (x *exchange) giveBack() {
	if x.taken > 0 {
		x.memory.Return(int64(x.taken))
		x.taken = 0
	}
}

// A body that has taken longer than slowAfter and arrived at less than slowRate gives way when others wait:
// its memory would be better used by those whose bodies come at once. One Mbit/s is little for anybody who sends so much.
const (
	slowAfter = time.Second
	slowRate  = 128 << 10 // bytes a second
	slowLook  = 100 * time.Millisecond
)

// arrives and arrived say when the memory of a body is held for a client, and when for the server itself.
func (m *memory) arrives(x *exchange) {
	m.arriving.Lock()
	defer m.arriving.Unlock()
	x.began = time.Now()
	m.arriving.list[x] = struct{}{}
}

func (m *memory) arrived(x *exchange) {
	m.arriving.Lock()
	defer m.arriving.Unlock()
	delete(m.arriving.list, x)
}

// makeWay ends bodies that arrive slowly, for somebody who waits.
func (m *memory) makeWay() {
	now := time.Now()
	m.arriving.Lock()
	defer m.arriving.Unlock()
	if now.Sub(m.arriving.looked) < slowLook {
		return
	}
	m.arriving.looked = now
	for x := range m.arriving.list {
		took := now.Sub(x.began)
		if took > slowAfter && float64(x.got.Load()) < slowRate*took.Seconds() {
			x.gaveWay.Store(true)
			x.control.SetReadDeadline(now)
			delete(m.arriving.list, x)
		}
	}
}

var errMemory = errors.New("the bodies of requests under way have filled the memory that is set aside for them")

// noMemory is the fault of a request that could not pay.
func noMemory() error {
	e := api.ServiceUnavailable.Wrap(errMemory, "Too many large requests are under way. Please try again.")
	e.Hint = "have clients send fewer large requests at a time, or give the server more than its --memory-limit"
	return e
}
