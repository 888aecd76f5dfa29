package engine

import (
	"container/list"
	"context"
	"math"
	"time"
)

// waiter is one receive that waits: a long poll for messages to come, or any receive for a refill. There is a line for each. It
// is woken by a token in its channel and then tries to receive like anybody else; if the message is gone it goes back to the
// head of the line.
//
// Who is woken will take as many messages as it wants, so nobody else is woken for these: with many polls that want ten,
// ten times as many would else be woken as find something. Whoever takes fewer, or none, wakes others for the rest.
type waiter struct {
	woken  chan struct{} // capacity 1
	want   int           // how many messages it takes at most
	owed   bool          // it was woken and has not tried yet: want is a part of queue.mu.owed
	place  *list.Element // nil while it is not in line
	polls  bool          // it has been in the line of long polls
	first  bool          // it has waited for a refill before, or has messages already
	refill *refill       // that it waits for, or for one after it; nil if none
	limit  uint64        // the sequence numbers of what was there when the receive began are less; 0: it begins anew
}

// wakeLocked wakes the polls that came first, as many as it takes to receive n messages. It returns how many it found nobody for.
func (q *Queue) wakeLocked(n int) (left int) { return q.wakeLineLocked(&q.mu.waiters, n) }

func (q *Queue) wakeLineLocked(line *list.List, n int) (left int) {
	for n > 0 && line.Len() > 0 {
		n -= q.wakeFirstLocked(line)
	}
	return n
}

// wakeFirstLocked wakes the first in a line, and returns how many messages it wants.
func (q *Queue) wakeFirstLocked(line *list.List) (want int) {
	w := line.Remove(line.Front()).(*waiter)
	w.place = nil
	w.owed = true
	q.mu.owed += w.want
	w.woken <- struct{}{} // has room: only who is in line is woken, and leaves the line
	return w.want
}

// wakeAllLocked wakes everybody, since the queue is not what it was.
func (q *Queue) wakeAllLocked() {
	q.wakeLocked(math.MaxInt)
	q.wakeLineLocked(&q.mu.refilling, math.MaxInt)
}

// triesLocked says that w tries to receive, or never will: nothing is left for it from now on.
func (q *Queue) triesLocked(w *waiter) {
	if w.owed {
		w.owed = false
		q.mu.owed -= w.want
	}
}

// gaveUp ends a receive that does not wait any more. What it was woken for is for others.
func (q *Queue) gaveUp(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leaveLocked(w)
	if q.mu.contents != nil && !q.mu.gone {
		q.wakeVisibleLocked()
		q.wakeStrandedLocked()
	}
	q.rescheduleLocked(q.e.now())
}

// lineUpForLocked has w wait for a refill. One refill brings as much as some hundred receives take, and with more than these
// waiting, to wake all of them each time would cost more than their messages, and serve them in no order.
// got: it has messages already.
func (q *Queue) lineUpForLocked(r *refill, w *waiter, want int, got bool) {
	w.first = w.first || got
	if q.mu.refill != r || w.place != nil { // it was not even started: see its error
		return
	}
	w.want, w.refill = max(1, want), r
	w.stand(&q.mu.refilling, &w.first)
}

// stand puts w in line, at its head if it was there before.
func (w *waiter) stand(line *list.List, before *bool) {
	if w.woken == nil {
		w.woken = make(chan struct{}, 1)
	}
	if *before {
		w.place = line.PushFront(w)
		return
	}
	*before = true
	w.place = line.PushBack(w)
}

// wakeStrandedLocked wakes all who wait for a refill when none is running and nobody is about to try, who might start one.
func (q *Queue) wakeStrandedLocked() {
	if q.mu.refill == nil && q.mu.owed == 0 {
		q.wakeLineLocked(&q.mu.refilling, math.MaxInt)
	}
}

// lineUpLocked puts w in line for what comes.
func (q *Queue) lineUpLocked(w *waiter, want int) {
	w.want = max(1, want)
	if q.fifo && q.mu.waiters.Len() == 0 && q.mu.expiryAt != math.MaxInt64 {
		q.mu.expiryAt = 0 // it is urgent from now on
	}
	if w.place == nil {
		w.stand(&q.mu.waiters, &w.polls)
	}
}

// leaveLocked takes w out of line. If it was woken and did not use it, the next in line is woken instead.
func (q *Queue) leaveLocked(w *waiter) {
	if w.place != nil {
		q.mu.waiters.Remove(w.place) // which does nothing if it is in the other
		q.mu.refilling.Remove(w.place)
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
