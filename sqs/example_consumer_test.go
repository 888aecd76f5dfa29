package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// greetings makes a queue with one message for an example.
func greetings(conn *sqs.Connection, body string) *sqs.Queue {
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "greetings")
	if err != nil {
		log.Fatal(err)
	}
	if err := q.Write(ctx, q.NewMessage(body)); err != nil {
		log.Fatal(err)
	}
	return q
}

func ExampleConsumer() {
	conn, done := local()
	defer done()
	q := greetings(conn, "hello")

	ctx, stop := context.WithCancel(context.Background()) // in a program: signal.NotifyContext
	c := sqs.NewConsumer(q, func(ctx context.Context, m *sqs.Message) error {
		fmt.Println(m.Body)
		stop() // it may finish nevertheless
		return nil
	}, sqs.WithWorkers(8), sqs.WithPrefetch(0))

	handedBack, err := c.Run(ctx)
	fmt.Println(handedBack, err)
	// Output:
	// hello
	// 0 <nil>
}

var errBusy = errors.New("the mail server is busy")

func ExampleHandler() {
	conn, done := local()
	defer done()
	q := greetings(conn, "hello")

	ctx, stop := context.WithCancel(context.Background())
	c := sqs.NewConsumer(q, func(ctx context.Context, m *sqs.Message) error {
		switch n, _ := m.Attributes.Int(sqs.SystemAttributeReceiveCount); n {
		case 1: // an error has the message tried again after the retry delay,
			return errBusy
		case 2: // or after a delay of its own,
			return sqs.RetryAfter(time.Second, errBusy)
		default: // or never again.
			stop()
			return fmt.Errorf("%w: nobody wants it", sqs.ErrDrop)
		}
	},
		sqs.WithRetryDelay(sqs.Backoff(0, time.Minute)),
		sqs.WithConsumerHooks(sqs.ConsumerHooks{Handled: func(h sqs.ConsumerHandled) {
			fmt.Printf("attempt %d: %s: %v\n", h.Receives, h.Outcome, h.Err)
		}}),
	)
	if _, err := c.Run(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// attempt 1: retried: the mail server is busy
	// attempt 2: retried: the mail server is busy (retry after 1s)
	// attempt 3: dropped: sqs: drop the message: nobody wants it
}

func ExampleConsumer_Use() {
	conn, done := local()
	defer done()
	q := greetings(conn, "hello")

	ctx, stop := context.WithCancel(context.Background())
	c := sqs.NewConsumer(q, func(ctx context.Context, m *sqs.Message) error {
		defer stop()
		panic("no stamps")
	}, sqs.WithDrainTimeout(0))
	c.Use(func(next sqs.Handler[string]) sqs.Handler[string] {
		return func(ctx context.Context, m *sqs.Message) error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			err := next(ctx, m)
			fmt.Printf("%s: %v\n", m.Body, err)
			return err
		}
	})
	if _, err := c.Run(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: hello: sqs: handler panicked: no stamps
}

func ExampleConsumer_HandleDecodeErrors() {
	conn, done := local()
	defer done()
	q := sqs.As(greetings(conn, "hello"), strict{})

	ctx, stop := context.WithCancel(context.Background())
	c := sqs.NewConsumer(q, func(ctx context.Context, m *sqs.Message) error { return nil })
	c.HandleDecodeErrors(func(ctx context.Context, m *sqs.Message) error {
		defer stop()
		fmt.Println(m.Stored(), m.DecodeError)
		return sqs.ErrDrop // or write it to another queue, and return what that returns
	})
	if _, err := c.Run(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: aGVsbG8= sqs: decode body: not in upper case
}

// strict is a message class that decodes little.
type strict struct{ sqs.RawMessage }

func (strict) Decode(stored string) (string, error) { return stored, errors.New("not in upper case") }
