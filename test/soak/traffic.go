package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// traffic is the load. Each lane has queues of its own, producers that work at a steady rate until their time is over, and
// consumers that go on until everything is received.
type traffic struct {
	url     string
	rate    float64
	length  time.Duration
	ledger  *ledger
	latency *latency

	connections          int
	books                []*book
	producers, consumers sync.WaitGroup
	stop                 context.CancelFunc // of the consumers
	backlogged, expiring *lane
}

// lane is a queue with what is known of it.
type lane struct {
	*traffic
	*book
	q *sqs.Queue
}

// start creates the queues and begins. Producers end with work.
func (t *traffic) start(work, ctx context.Context) error {
	consuming, stop := context.WithCancel(ctx)
	t.stop = stop
	for _, begin := range []func(work, ctx, consuming context.Context) error{
		t.plain, t.large, t.ordered, t.delayed, t.deadLetters, t.backlog, t.shortLived, t.purged, t.churn, t.polls,
	} {
		if err := begin(work, ctx, consuming); err != nil {
			stop()
			return err
		}
	}
	return nil
}

// lane makes a queue, with a connection of its own; one in two speaks the Query protocol.
func (t *traffic) lane(ctx context.Context, name string, options ...func(*sqs.CreateOptions)) (*lane, error) {
	conn, err := t.connect()
	if err != nil {
		return nil, err
	}
	q, err := conn.CreateQueue(ctx, name, options...)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", name, err)
	}
	l := &lane{t, t.ledger.book(name), q}
	t.books = append(t.books, l.book)
	return l, nil
}

func (t *traffic) connect() (*sqs.Connection, error) {
	t.connections++
	protocol := sqs.ProtocolJSON
	if t.connections%2 == 0 {
		protocol = sqs.ProtocolQuery
	}
	// Nothing is repeated: at this rate, nothing may fail.
	return sqs.New(sqs.WithEndpoint(t.url), sqs.WithCredentials("any", "any", ""), sqs.WithProtocol(protocol), sqs.WithMaxAttempts(1),
		sqs.WithMessageClass(sqs.RawMessage{}))
}

// every calls f at a steady rate until ctx ends. What f takes longer than its share is not caught up with.
func (t *traffic) every(ctx context.Context, perSecond float64, f func()) {
	t.producers.Go(func() {
		tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond / t.rate))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f()
			}
		}
	})
}

// again calls f without a pause until ctx ends.
func (t *traffic) again(ctx context.Context, f func()) {
	t.consumers.Go(func() {
		for ctx.Err() == nil {
			f()
		}
	})
}

// try does a request of some kind. A failure that is not the end of ctx is one of the server.
func (t *traffic) try(ctx context.Context, kind string, f func() error) bool {
	began := time.Now()
	err := f()
	switch {
	case err == nil || errors.Is(err, sqs.ErrNoMessage):
		t.latency.record(kind, time.Since(began))
		return err == nil
	case ctx.Err() == nil:
		t.ledger.breaks("%s failed: %v", kind, err)
		pause(ctx, time.Second)
	}
	return false
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// noise is text that cannot be compressed: what is made of one letter would take up no space on the disk.
type noiseText string

var noise = func() noiseText {
	rng := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, 2<<20)
	for i := range b {
		b[i] = byte('!' + rng.IntN('~'-'!'+1))
	}
	return noiseText(b)
}()

// take returns some of it.
func (t noiseText) take(length int) string {
	at := rand.IntN(len(t) - length)
	return string(t[at : at+length])
}

// number is that of a body.
func number(text string) int {
	first, _, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 1 << 40 // never sent
	}
	return n
}

// message makes the next one. mark is put behind its number.
func (l *lane) message(length int, delay time.Duration, mark string) *sqs.Message {
	m := l.q.NewMessage("")
	n := l.sending(delay, length)
	m.Body = strconv.Itoa(n) + " " + mark + noise.take(length)
	if delay > 0 {
		m.Delay = &delay
	}
	return m
}

func (l *lane) send(ctx context.Context, m *sqs.Message) bool {
	ok := l.try(ctx, "send", func() error { return l.q.Write(ctx, m) })
	if ok {
		l.done("sent", 1)
	}
	return ok
}

func (l *lane) sendBatch(ctx context.Context, ms []*sqs.Message) bool {
	ok := l.try(ctx, "send_batch", func() error {
		_, err := l.q.WriteBatch(ctx, ms)
		return err
	})
	if ok {
		l.done("sent", len(ms))
		l.done("batches", 1)
	}
	return ok
}

// batch makes n messages.
func (l *lane) batch(n, length int) []*sqs.Message {
	ms := make([]*sqs.Message, n)
	for i := range ms {
		ms[i] = l.message(length, 0, "")
	}
	return ms
}

// receive takes up to ten messages, and notes them. A long poll has no latency but that of waking up, see polls.
func (l *lane) receive(ctx context.Context, wait, visibility time.Duration) []*sqs.Message {
	began := time.Now()
	var got []*sqs.Message
	kind := "receive"
	if wait > 0 {
		kind = "poll"
	}
	if !l.try(ctx, kind, func() (err error) {
		got, err = l.q.Messages(ctx, 10, sqs.WithWait(wait), sqs.WithVisibility(visibility))
		return err
	}) {
		return nil
	}
	for _, m := range got {
		l.received(number(m.Body), began, visibility)
	}
	l.done("received", len(got))
	return got
}

// remove deletes messages, with one request or with one for each.
func (l *lane) remove(ctx context.Context, ms []*sqs.Message, together bool) {
	if together && len(ms) > 0 {
		ok := l.try(ctx, "delete_batch", func() error {
			_, err := l.q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(ms))
			return err
		})
		if ok {
			l.removed(ms)
		}
		return
	}
	for _, m := range ms {
		if l.try(ctx, "delete", func() error { return m.Delete(ctx) }) {
			l.removed([]*sqs.Message{m})
		}
	}
}

func (l *lane) removed(ms []*sqs.Message) {
	for _, m := range ms {
		l.gone(number(m.Body))
	}
	l.done("deleted", len(ms))
}

// change sets the visibility of a message.
func (l *lane) change(ctx context.Context, m *sqs.Message, d time.Duration) {
	l.hiding(number(m.Body), d)
	if l.try(ctx, "visibility", func() error { return m.ChangeVisibility(ctx, d) }) {
		l.done("visibility", 1)
	}
}
