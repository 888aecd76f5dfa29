package engine

import (
	"container/list"
	"context"
	"math"
	"time"
)

// waiter is one long poll. It is woken by a token in its channel and then tries to receive like anybody else; if the
// message is gone it goes back to the head of the line.
type waiter struct {
	woken chan struct{} // capacity 1
	place *list.Element // nil while it is not in line
	limit uint64        // the sequence numbers of what was there when the receive began are less; 0: it begins anew
}

// wakeLocked wakes up to n waiters, those who came first first.
func (q *Queue) wakeLocked(n int) {
	for ; n > 0; n-- {
		front := q.mu.waiters.Front()
		if front == nil {
			return
		}
		w := q.mu.waiters.Remove(front).(*waiter)
		w.place = nil
		w.woken <- struct{}{} // has room: only who is in line is woken, and leaves the line
	}
}

// lineUpLocked puts w in line, at its head if it was there before.
func (q *Queue) lineUpLocked(w *waiter) {
	if q.fifo && q.mu.waiters.Len() == 0 && q.mu.expiryAt != math.MaxInt64 {
		q.mu.expiryAt = 0 // it is urgent from now on
	}
	if w.woken == nil {
		w.woken = make(chan struct{}, 1)
		w.place = q.mu.waiters.PushBack(w)
		return
	}
	if w.place == nil {
		w.place = q.mu.waiters.PushFront(w)
	}
}

// leaveLocked takes w out of line. If it was woken and did not use it, the next in line is woken instead.
func (q *Queue) leaveLocked(w *waiter) {
	if w.place != nil {
		q.mu.waiters.Remove(w.place)
		w.place = nil
		return
	}
	select {
	case <-w.woken:
		q.wakeLocked(1)
	default:
	}
}

// pause waits for a token, the end of the poll, a client that has gone, or a server that stops. It reports whether to
// try again.
func (q *Queue) pause(ctx context.Context, w *waiter, timeout <-chan time.Time) (again bool) {
	select {
	case <-w.woken:
		return true
	case <-timeout:
	case <-ctx.Done():
	case <-q.e.draining:
	}
	return false
}
