package engine

import (
	"container/list"
	"context"
	"math"
	"time"
)

// waiter is one long poll. It is woken by a token in its channel and then tries to receive like anybody else; if the
// message is gone it goes back to the head of the line.
//
// Who is woken will take as many messages as it wants, so nobody else is woken for these: with many polls that want ten,
// ten times as many would else be woken as find something. Whoever takes fewer, or none, wakes others for the rest.
type waiter struct {
	woken chan struct{} // capacity 1
	want  int           // how many messages it takes at most
	owed  bool          // it was woken and has not tried yet: want is a part of queue.mu.owed
	place *list.Element // nil while it is not in line
	limit uint64        // the sequence numbers of what was there when the receive began are less; 0: it begins anew
}

// wakeLocked wakes those who came first, as many as it takes to receive n messages.
func (q *Queue) wakeLocked(n int) {
	for n > 0 {
		front := q.mu.waiters.Front()
		if front == nil {
			return
		}
		w := q.mu.waiters.Remove(front).(*waiter)
		w.place = nil
		w.owed = true
		q.mu.owed += w.want
		n -= w.want
		w.woken <- struct{}{} // has room: only who is in line is woken, and leaves the line
	}
}

// wakeAllLocked wakes everybody, since the queue is not what it was.
func (q *Queue) wakeAllLocked() { q.wakeLocked(math.MaxInt) }

// triesLocked says that w tries to receive, or never will: nothing is left for it from now on.
func (q *Queue) triesLocked(w *waiter) {
	if w.owed {
		w.owed = false
		q.mu.owed -= w.want
	}
}

// gaveUp ends a try that found something to do and could not do it. What it was woken for is for others.
func (q *Queue) gaveUp(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.triesLocked(w)
	if q.mu.contents != nil && !q.mu.gone {
		q.wakeVisibleLocked()
	}
}

// lineUpLocked puts w in line, at its head if it was there before.
func (q *Queue) lineUpLocked(w *waiter, want int) {
	w.want = max(1, want)
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
	q.triesLocked(w)
	select {
	case <-w.woken:
		q.wakeLocked(w.want)
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
