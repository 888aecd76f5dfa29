package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// hidden is how long a message is out, which is more than its consumer ever needs.
const hidden = 2 * time.Minute

// plain: small messages to a standard queue, singly and in batches, received by long polls. Some are given back, some are kept
// for longer.
func (t *traffic) plain(work, ctx, consuming context.Context) error {
	l, err := t.lane(ctx, "plain")
	if err != nil {
		return err
	}
	t.every(work, 40, func() { l.send(ctx, l.message(200, 0, "")) })
	t.every(work, 8, func() { l.sendBatch(ctx, l.batch(10, 200)) })
	for range 3 {
		t.again(consuming, func() { l.consume(consuming) })
	}
	return nil
}

// consume takes what is there and deletes most of it.
func (l *lane) consume(ctx context.Context) {
	got := l.receive(ctx, 5*time.Second, hidden)
	got = slices.DeleteFunc(got, func(m *sqs.Message) bool {
		switch rand.IntN(20) {
		case 0:
			l.change(ctx, m, 0)
			return true
		case 1:
			l.change(ctx, m, hidden+time.Minute)
		}
		return false
	})
	l.remove(ctx, got, len(got) > 3)
}

// large: bodies of up to half a megabyte.
func (t *traffic) large(work, ctx, consuming context.Context) error {
	l, err := t.lane(ctx, "large")
	if err != nil {
		return err
	}
	t.every(work, 2, func() {
		m := l.message(64<<10+rand.IntN(448<<10), 0, "")
		if l.try(ctx, "send_large", func() error { return l.q.Write(ctx, m) }) {
			l.done("sent", 1)
			l.done("large", 1)
		}
	})
	t.again(consuming, func() { l.consume(consuming) })
	return nil
}

// delayed: messages that must not come early.
func (t *traffic) delayed(work, ctx, consuming context.Context) error {
	l, err := t.lane(ctx, "delayed")
	if err != nil {
		return err
	}
	most := min(30, max(2, int(t.length/(5*time.Second))))
	t.every(work, 20, func() {
		if l.send(ctx, l.message(200, time.Duration(1+rand.IntN(most))*time.Second, "")) {
			l.done("delayed", 1)
		}
	})
	for range 2 {
		t.again(consuming, func() { l.consume(consuming) })
	}
	return nil
}

// backlog: messages wait for a minute and more behind others, so that they are read from the disk.
func (t *traffic) backlog(work, ctx, _ context.Context) error {
	l, err := t.lane(ctx, "backlog")
	if err != nil {
		return err
	}
	t.backlogged = l
	const perSecond = 20
	for range min(2000, int(t.length.Seconds())*perSecond/6) {
		l.sendBatch(ctx, l.batch(10, 1024))
	}
	t.every(work, perSecond, func() {
		if l.sendBatch(ctx, l.batch(10, 1024)) {
			l.remove(ctx, l.receive(ctx, 0, hidden), true)
		}
	})
	return nil
}

// shortLived: messages that nobody receives, and that are gone after a minute.
func (t *traffic) shortLived(work, ctx, _ context.Context) error {
	l, err := t.lane(ctx, "short", sqs.WithQueueAttribute(sqs.AttributeMessageRetentionPeriod, "60"))
	if err != nil {
		return err
	}
	t.expiring = l
	t.every(work, 10, func() { l.sendBatch(ctx, l.batch(10, 1024)) })
	t.every(work, 0.1, func() { l.expired(ctx) })
	return nil
}

// expired counts what is past its retention, and forgets it. Only as many messages as are sent in a minute can be left.
func (l *lane) expired(ctx context.Context) {
	before := l.left()
	n, ok := l.count(ctx)
	if !ok {
		return
	}
	if most := int(100*l.rate*61) + 20; n > most {
		l.breaks("short: %d messages are there, and no more than %d were sent in the last minute", n, most)
	}
	l.book.mu.Lock()
	gone := before - n
	for number := range l.open {
		if number < l.next-n-20 {
			delete(l.open, number)
		}
	}
	l.book.mu.Unlock()
	if gone > 20 {
		l.done("expired", gone)
	}
}

// count is how many messages a queue has, in any state.
func (l *lane) count(ctx context.Context) (n int, ok bool) {
	ok = l.try(ctx, "attributes", func() error {
		as, err := l.q.Attributes(ctx, sqs.AttributeMessages, sqs.AttributeMessagesNotVisible, sqs.AttributeMessagesDelayed)
		for name := range as {
			i, err := as.Int(name)
			if err != nil {
				return err
			}
			n += i
		}
		return err
	})
	return n, ok
}

// purged: what was purged does not come back, whether it was out or not.
func (t *traffic) purged(work, ctx, _ context.Context) error {
	l, err := t.lane(ctx, "purged")
	if err != nil {
		return err
	}
	round := 0
	t.every(work, 5, func() {
		l.sendBatch(ctx, l.batch(10, 500))
		l.receive(ctx, 0, hidden)
		if round++; round%20 == 0 {
			l.purge(ctx)
		}
	})
	return nil
}

func (l *lane) purge(ctx context.Context) {
	if !l.try(ctx, "purge", func() error { return l.q.Purge(ctx) }) {
		return
	}
	l.book.mu.Lock()
	clear(l.open)
	l.book.mu.Unlock()
	l.done("purges", 1)
	if n, ok := l.count(ctx); ok && n > 0 {
		l.breaks("%s: %d messages after a purge", l.queue, n)
	}
}
