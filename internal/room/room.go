// Package room has what many requests share and some have to wait for: memory, places. Package gateway uses it; it
// imports nothing of ours.
package room

import (
	"container/list"
	"sync"
	"time"
)

// Rank says who goes first when not all can. The zero value is the first; each further rank leaves more to those before it.
type Rank int

// Ranks is how many there are.
const Ranks = 3

// Room is an amount of something. Who finds none waits for a turn: the first ranks before the others, and within a rank
// in the order of arrival, so that a large share is not passed by small ones for ever.
type Room struct {
	limit func(Rank) int64

	mu      sync.Mutex
	used    int64
	waiting [Ranks]list.List // of *waiter
}

type waiter struct {
	n    int64
	turn chan struct{} // closed when n were taken for it
}

// New makes a room of which limit says how much may be taken, by all, when somebody of a rank takes. It may change; who waits
// sees that when somebody gives back.
func New(limit func(Rank) int64) *Room { return &Room{limit: limit} }

// Take takes n, and waits for a turn for as long as patience. It reports whether it has n, which Return has to give back.
// busy, if not nil, is called before it waits.
func (r *Room) Take(n int64, rank Rank, patience time.Duration, busy func()) bool {
	limit := r.limit(rank)
	r.mu.Lock()
	if r.waiting[rank].Len() == 0 && r.used+n <= limit {
		r.used += n
		r.mu.Unlock()
		return true
	}
	if n > limit || patience <= 0 {
		r.mu.Unlock()
		return false
	}
	w := &waiter{n: n, turn: make(chan struct{})}
	e := r.waiting[rank].PushBack(w)
	r.mu.Unlock()
	if busy != nil {
		busy()
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-w.turn:
		return true
	case <-timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-w.turn: // in this moment
		return true
	default:
	}
	r.waiting[rank].Remove(e)
	r.nextLocked() // it may have been in the way of a smaller one
	return false
}

// Return gives back n.
func (r *Room) Return(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	r.nextLocked()
}

// nextLocked gives those who wait their turn, as far as there is room.
func (r *Room) nextLocked() {
	for rank := range r.waiting {
		line := &r.waiting[rank]
		if line.Len() == 0 {
			continue
		}
		limit := r.limit(Rank(rank))
		for e := line.Front(); e != nil; e = line.Front() {
			w := e.Value.(*waiter)
			if r.used+w.n > limit {
				break
			}
			r.used += w.n
			line.Remove(e)
			close(w.turn)
		}
	}
}
