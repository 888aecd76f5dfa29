package main

import (
	"fmt"
	"sync"
	"time"
)

// ledger knows what is in the queues and what was done. Its memory does not grow with time: a message is forgotten when its
// delete was acknowledged. That it came back then shows from its number.
type ledger struct {
	mu     sync.Mutex
	counts map[string]int
	bytes  int64 // of bodies that were sent
	broken []string
	more   int // broken beyond those
}

func newLedger() *ledger { return &ledger{counts: map[string]int{}} }

func (l *ledger) done(what string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what] += n
}

// breaks notes what must not be.
func (l *ledger) breaks(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.broken) == 20 {
		l.more++
		return
	}
	l.broken = append(l.broken, fmt.Sprintf(format, args...))
}

// book is the messages of one queue, by number. Numbers rise, and each is given out once.
type book struct {
	*ledger
	queue string
	mu    sync.Mutex
	next  int
	open  map[int]*entry // sent, or about to be, and not known to be deleted
}

// entry is a message that is in the queue.
type entry struct {
	since time.Time // not to be received before
	until time.Time // received, and hidden until then
}

func (l *ledger) book(queue string) *book {
	return &book{ledger: l, queue: queue, open: map[int]*entry{}}
}

// sending gives the next message its number. It must not be received before delay is over.
func (b *book) sending(delay time.Duration, bytes int) (n int) {
	b.ledger.mu.Lock()
	b.bytes += int64(bytes)
	b.ledger.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	n = b.next
	b.next++
	b.open[n] = &entry{since: time.Now().Add(delay - margin)}
	return n
}

// margin is for the time between the clocks of client and server, which count in milliseconds.
const margin = 20 * time.Millisecond

// received notes a message that came with a receive that was begun then and hides it for that long.
func (b *book) received(n int, began time.Time, hidden time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	e := b.open[n]
	switch {
	case n >= b.next:
		b.breaks("%s %d: received, and never sent", b.queue, n)
		return
	case e == nil:
		b.breaks("%s %d: received after it was deleted", b.queue, n)
		return
	case now.Before(e.since):
		b.breaks("%s %d: received %v before its delay was over", b.queue, n, e.since.Sub(now))
	case now.Before(e.until):
		b.breaks("%s %d: received twice, %v before its visibility timeout was over", b.queue, n, e.until.Sub(now))
	}
	e.until = began.Add(hidden - margin)
}

// hiding notes that a message is about to be hidden for that long from now, or given back.
func (b *book) hiding(n int, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.open[n]; e != nil {
		e.until = time.Now().Add(d - margin)
	}
}

// gone notes that messages were deleted, with an answer.
func (b *book) gone(ns ...int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range ns {
		delete(b.open, n)
	}
}

// left is how many are open.
func (b *book) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// lost notes all that are open at the end.
func (b *book) lost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range b.open {
		b.breaks("%s %d: its send was acknowledged, and it is lost", b.queue, n)
	}
}
