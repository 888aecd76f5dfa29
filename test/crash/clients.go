package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// The queues. Messages of the source queue whose body says so are never deleted there, and go to the dead-letter queue.
const (
	queuePlain  = "plain"
	queueSource = "source"
	queueDead   = "dead"
	queuePurged = "purged"
	queueFIFO   = "ordered.fifo"

	maxReceives = 3
	poison      = "poison"
	groups      = 20
	backlog     = 3000 // of messages in a queue, from which on senders pause
)

const visibility = 2 * time.Second

// clients work on the queues, each with a connection of its own; a client in two speaks the Query protocol.
type clients struct {
	url     string
	history *history
	next    struct {
		sync.Mutex
		n    int
		open map[string]int // sent and not deleted, about
	}
	connections int
}

func newClients(ctx context.Context, url string, h *history) (*clients, error) {
	c := &clients{url: url, history: h}
	c.next.open = map[string]int{}
	conn, err := c.connection()
	if err != nil {
		return nil, err
	}
	dead, err := conn.CreateQueue(ctx, queueDead)
	if err != nil {
		return nil, err
	}
	arn, err := dead.Attribute(ctx, sqs.AttributeQueueARN)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{queuePlain, queuePurged, queueSource, queueFIFO} {
		var options []func(*sqs.CreateOptions)
		switch name {
		case queueSource:
			options = append(options, sqs.WithDeadLetterQueue(arn, maxReceives))
		case queueFIFO:
			options = append(options, sqs.WithQueueAttribute(sqs.AttributeFIFOQueue, "true"))
		}
		if _, err := conn.CreateQueue(ctx, name, options...); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *clients) connection() (*sqs.Connection, error) {
	c.connections++
	protocol := sqs.ProtocolJSON
	if c.connections%2 == 0 {
		protocol = sqs.ProtocolQuery
	}
	// Nothing is repeated behind the history's back.
	return sqs.New(sqs.WithEndpoint(c.url), sqs.WithCredentials("any", "any", ""), sqs.WithProtocol(protocol), sqs.WithMaxAttempts(1),
		sqs.WithMessageClass(sqs.RawMessage{}))
}

// worker is one goroutine of the load.
type worker struct {
	*clients
	rng *rand.Rand
	q   *sqs.Queue

	past []sent // the newest that a sender to a FIFO queue has had acknowledged
}

// sent is a message that can be sent once more, with the same deduplication id.
type sent struct {
	m  *sqs.Message
	at time.Duration
}

const (
	maxPast   = 300
	maxRepeat = 4 * time.Minute // a deduplication id is good for five
)

// run starts the load and returns a channel that is closed when all of it has ended.
func (c *clients) run(ctx context.Context, seed uint64) <-chan struct{} {
	var all sync.WaitGroup
	start := func(queue string, step func(*worker, context.Context)) {
		conn, err := c.connection()
		if err != nil {
			panic(err) // the same options have worked before
		}
		w := &worker{clients: c, rng: rand.New(rand.NewPCG(seed, uint64(c.connections))), q: conn.QueueFromURL(c.url + "/000000000000/" + queue)}
		all.Go(func() {
			for ctx.Err() == nil {
				step(w, ctx)
			}
		})
	}
	for _, queue := range []string{queuePlain, queuePlain, queueSource, queuePurged} {
		start(queue, (*worker).send)
	}
	for _, queue := range []string{queuePlain, queuePlain, queueSource, queueSource, queueDead, queuePurged} {
		start(queue, (*worker).receive)
	}
	for range 2 {
		start(queueFIFO, (*worker).receive)
	}
	for range 4 {
		share := c.connections // groups of its own
		start(queueFIFO, func(w *worker, ctx context.Context) { w.sendInOrder(ctx, share) })
	}
	start(queueDead, (*worker).moveBack)
	start(queuePurged, (*worker).purge)
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	return done
}

// body is a new one.
func (c *clients) body(queue string, mark string) string {
	c.next.Lock()
	defer c.next.Unlock()
	c.next.n++
	c.next.open[queue]++
	return fmt.Sprintf("%s-%d%s", queue, c.next.n, mark)
}

// crowded reports whether enough is in a queue.
func (c *clients) crowded(queue string) bool {
	c.next.Lock()
	defer c.next.Unlock()
	return c.next.open[queue] > backlog
}

func (c *clients) left(queue string, n int) {
	c.next.Lock()
	defer c.next.Unlock()
	c.next.open[queue] -= n
}

// answered reports whether an operation was acknowledged. What got no answer may have been done. It is then for the server
// to come back. A refusal is nothing that happened, and can be right: a receipt handle may have expired, or a move task run
// already. It is not when the server knows no more of what it has made.
func (w *worker) answered(ctx context.Context, err error) bool {
	if err == nil {
		return true
	}
	if errors.Is(err, sqs.ErrQueueDoesNotExist) || errors.Is(err, sqs.ErrResourceNotFound) || errors.Is(err, sqs.ErrReceiptHandleIsInvalid) {
		w.history.forgotten(w.q.Name(), err)
	}
	w.history.lost()
	pause(ctx, 5*time.Millisecond)
	return false
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func isPoison(body string) bool { return strings.HasSuffix(body, poison) }
