package gateway

import (
	"errors"
	"runtime"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/room"
)

// sendsPerProcessor is how many sends may be under way for each processor that Go uses: enough to keep it busy while others
// wait for the disk, also with one that takes 20 ms for a sync, and so few that what else there is to do is hardly delayed. The
// others wait for a place, in order, for up to Options.Patience, and are refused then. So a server that is asked for several
// times what it can do works on as much as it can at a time, and refuses each client once in a while; nothing was decoded by
// then, and in JSON no body read. Receives, deletes and visibility changes need no place.
const sendsPerProcessor = 256

// workPlaces is how many places a send takes while there is something to do for it, all but one of which it gives back when it waits for
// the disk. So no more than 16 for each processor are at work at a time: with more of them, each would take as long as all of
// them, and so would every delete and visibility change in between.
const workPlaces = 16

// placeGrace is how long a send may wait for its body on its place: who sends slowly must not keep others waiting.
const placeGrace = 50 * time.Millisecond

func newPlaces(n int) *room.Room {
	if n == 0 {
		n = sendsPerProcessor * runtime.GOMAXPROCS(0)
	}
	return room.New(func(room.Rank) int64 { return int64(n) })
}

// atWork is how many places a send takes at first.
func (x *exchange) atWork() int64 {
	if x.o.Sends > 0 {
		return int64(min(workPlaces, x.o.Sends))
	}
	return workPlaces
}

var errPlaces = errors.New("as many sends are under way as may be")

// enter waits for a place, if the request is a send.
func (x *exchange) enter() error {
	if x.rank != sending || x.placed.Load() > 0 {
		return nil
	}
	n := x.atWork()
	if !x.places.Take(n, urgent, x.o.Patience, nil) {
		e := api.ServiceUnavailable.Wrap(errPlaces, "Too many sends are waiting on this server. Please try again.")
		e.Hint = "the disk or the processors do not keep up with the sends: see their load, or spread it"
		return e
	}
	x.placed.Store(n)
	return nil
}

// ease is called when there is nothing to do for a send but to wait. It keeps one place of several then, unless the processors are
// behind.
func (x *exchange) ease() {
	if !x.late() {
		x.keepOne()
	}
}

// keepOne gives back all places but one.
func (x *exchange) keepOne() {
	if n := x.placed.Load(); n > 1 && x.placed.CompareAndSwap(n, 1) {
		x.places.Return(n - 1)
	}
}

// leave gives the places back, if there are any. It may be called at any time.
func (x *exchange) leave() {
	if n := x.placed.Swap(0); n > 0 {
		x.places.Return(n)
	}
}
