package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Target is an endpoint under load. Its methods are the few calls that set a run up and check it afterwards; each has a
// connection of its own. Safe for concurrent use.
type Target struct {
	Addr     string // host:port, plain HTTP
	Protocol Protocol
}

// controlTimeout bounds one set-up or checking call. 30 s: counting a deep queue is exact in some servers and slow.
const controlTimeout = 30 * time.Second

func (t *Target) call(ctx context.Context, c *Call) ([]byte, error) {
	cl := client{target: t, deadline: time.Now().Add(controlTimeout)}
	defer cl.close()
	return cl.do(ctx, c.Action, t.Protocol.Append(nil, t.Addr, c))
}

// CreateQueue returns the URL of a queue whose messages stay in flight for an hour once received. A name that ends in
// .fifo makes a FIFO queue.
func (t *Target) CreateQueue(ctx context.Context, name string) (queueURL string, err error) {
	answer, err := t.call(ctx, &Call{Action: CreateQueue, QueueName: name})
	if err != nil {
		return "", err
	}
	return t.Protocol.QueueURL(answer)
}

// DeleteQueue deletes it with all that is in it.
func (t *Target) DeleteQueue(ctx context.Context, queueURL string) error {
	_, err := t.call(ctx, &Call{Action: DeleteQueue, QueueURL: queueURL})
	return err
}

// Counts are the messages of a queue.
type Counts struct{ Visible, InFlight, Delayed int }

// Counts asks for them.
func (t *Target) Counts(ctx context.Context, queueURL string) (Counts, error) {
	answer, err := t.call(ctx, &Call{Action: GetQueueAttributes, QueueURL: queueURL})
	if err != nil {
		return Counts{}, err
	}
	visible, err1 := t.Protocol.Attribute(attrVisible, answer)
	inFlight, err2 := t.Protocol.Attribute(attrInFlight, answer)
	delayed, err3 := t.Protocol.Attribute(attrDelayed, answer)
	return Counts{visible, inFlight, delayed}, errors.Join(err1, err2, err3)
}

// Stored is the number of messages in the queue: visible, in flight and delayed.
func (t *Target) Stored(ctx context.Context, queueURL string) (int, error) {
	c, err := t.Counts(ctx, queueURL)
	return c.Visible + c.InFlight + c.Delayed, err
}

// Audit is what a queue and the Ledger of its messages say about each other.
type Audit struct {
	Acked   int // acknowledged sends
	Lost    int // acknowledged, and neither in the queue nor delivered
	Doubled int // delivered once more within the visibility timeout
	Surplus int // in the queue, or delivered, without having been acknowledged or after having been deleted
}

// OK reports whether the endpoint kept its word.
func (a Audit) OK() bool { return a.Lost == 0 && a.Doubled == 0 && a.Surplus == 0 }

// Add adds what o found on another queue.
func (a *Audit) Add(o Audit) {
	a.Acked += o.Acked
	a.Lost += o.Lost
	a.Doubled += o.Doubled
	a.Surplus += o.Surplus
}

// AuditSent checks a queue that was only sent to: it holds as many messages as were acknowledged.
func (t *Target) AuditSent(ctx context.Context, queueURL string, l *Ledger) (Audit, error) {
	n, err := t.Stored(ctx, queueURL)
	if err != nil {
		return Audit{}, fmt.Errorf("count messages: %w", err)
	}
	acked := l.Totals().Acked
	return Audit{Acked: acked, Lost: max(acked-n, 0), Surplus: max(n-acked, 0)}, nil
}

// AuditEmptied receives and deletes what is left, then checks that each message was delivered exactly once and that the
// queue is empty: a delete that was acknowledged and not done shows as a message still in flight.
func (t *Target) AuditEmptied(ctx context.Context, queueURL string, l *Ledger) (Audit, error) {
	if err := t.drain(ctx, queueURL, l); err != nil {
		return Audit{}, fmt.Errorf("drain: %w", err)
	}
	n, err := t.Stored(ctx, queueURL)
	if err != nil {
		return Audit{}, fmt.Errorf("count messages: %w", err)
	}
	s := l.Totals()
	return Audit{Acked: s.Acked, Lost: s.Missing, Doubled: s.Doubled, Surplus: s.Strangers + n}, nil
}

// drain stops at the first receive that waits a second for nothing.
func (t *Target) drain(ctx context.Context, queueURL string, l *Ledger) error {
	j := &Job{Target: t, QueueURL: queueURL, Ledger: l, Batch: 10}
	c := client{target: t}
	defer c.close()
	take := j.newTaker(1).take
	for {
		c.close() // a long drain outlives any deadline that is set once
		c.deadline = time.Now().Add(controlTimeout)
		for range 100 {
			if n, err := take(ctx, &c); n == 0 || err != nil {
				return err
			}
		}
	}
}
