package main

import (
	"context"
	"fmt"
	"time"
)

// settle ends the traffic: producers have come to their end, consumers take what is left. Then nothing may be left, here or
// there.
func (t *traffic) settle(ctx context.Context) error {
	t.producers.Wait()
	defer t.consumers.Wait()
	defer t.stop()
	short := t.expiring
	short.expired(ctx)
	short.purge(ctx)
	for l := t.backlogged; l.left() > 0; {
		got := l.receive(ctx, 0, hidden)
		l.remove(ctx, got, true)
		if len(got) == 0 {
			break
		}
	}
	limit := time.Now().Add(2 * time.Minute)
	for t.outstanding() > 0 && time.Now().Before(limit) && ctx.Err() == nil {
		pause(ctx, 100*time.Millisecond)
	}
	for _, b := range t.books {
		if b.queue != "purged" {
			b.lost()
		}
	}
	return t.empty(ctx)
}

// outstanding is how much of all lanes has yet to come.
func (t *traffic) outstanding() (n int) {
	for _, b := range t.books {
		if b.queue != "purged" { // nobody receives what is not purged
			n += b.left()
		}
	}
	return n
}

// empty asks the server whether it has more than was sent.
func (t *traffic) empty(ctx context.Context) error {
	conn, err := t.connect()
	if err != nil {
		return err
	}
	queues, err := conn.AllQueues(ctx, "")
	if err != nil {
		return err
	}
	if len(queues) != len(t.books) {
		t.ledger.breaks("%d queues at the end, want %d", len(queues), len(t.books))
	}
	for _, q := range queues {
		l := &lane{traffic: t, book: t.ledger.book(q.Name()), q: q}
		if q.Name() == "purged" {
			l.purge(ctx)
			continue
		}
		n, ok := l.count(ctx)
		if !ok {
			return fmt.Errorf("cannot count %s", q.Name())
		}
		if n > 0 {
			l.breaks("%s: %d messages are there at the end, and all were deleted", q.Name(), n)
		}
	}
	return nil
}
