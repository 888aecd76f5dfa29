package sqstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// exampleT stands for the *testing.T of a test, which examples do not have.
type exampleT struct {
	testing.TB
	cleanup []func()
}

func (t *exampleT) Helper()                   {}
func (t *exampleT) Output() io.Writer         { return os.Stderr }
func (t *exampleT) Cleanup(f func())          { t.cleanup = append(t.cleanup, f) }
func (t *exampleT) Fatalf(f string, a ...any) { log.Fatalf(f, a...) }
func (t *exampleT) Errorf(f string, a ...any) { log.Fatalf(f, a...) }

func (t *exampleT) end() {
	for _, f := range t.cleanup {
		f()
	}
}

// queue creates a queue whose bodies are stored as they are.
func queue(srv *sqstest.Server, name string) *sqs.Queue {
	conn, err := sqs.NewFromConfig(srv.Config(), sqs.WithMessageClass(sqs.RawMessage{}))
	if err != nil {
		log.Fatal(err)
	}
	q, err := conn.CreateQueue(context.Background(), name)
	if err != nil {
		log.Fatal(err)
	}
	return q
}

func send(q *sqs.Queue, bodies ...string) {
	for _, body := range bodies {
		if err := q.Write(context.Background(), q.NewMessage(body)); err != nil {
			log.Fatal(err)
		}
	}
}

func ExampleNew() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()

	srv := sqstest.New(t)
	// URL is for clients that take an address: here, one that is not even an SQS client.
	answer, err := http.Get(srv.URL() + "/?Action=CreateQueue&QueueName=orders")
	if err != nil {
		log.Fatal(err)
	}
	answer.Body.Close()
	fmt.Println(answer.Status, len(srv.Messages("orders")))
	// Output: 200 OK 0
}

func ExampleServer_Config() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	ctx := context.Background()
	srv := sqstest.New(t)

	// The AWS SDK's client takes it, too: NewFromConfig of its service/sqs.
	conn, err := sqs.NewFromConfig(srv.Config())
	if err != nil {
		log.Fatal(err)
	}
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	if err := q.Write(ctx, q.NewMessage("a book")); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Body)
	// Output: a book
}

func ExampleServer_Client() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)

	// No port is opened: the client's connections are pipes in memory.
	answer, err := srv.Client().Get("http://localhost/?Action=CreateQueue&QueueName=orders")
	if err != nil {
		log.Fatal(err)
	}
	answer.Body.Close()
	fmt.Println(answer.Status)
	// Output: 200 OK
}

func ExampleServer_Messages() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)

	orders := queue(srv, "orders")
	send(orders, "a book", "a lamp")
	if _, err := orders.Read(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, m := range srv.Messages("orders") {
		fmt.Printf("%s: %s, received %d times\n", m.Body, m.State, m.ReceiveCount)
	}
	// Output:
	// a book: in flight, received 1 times
	// a lamp: visible, received 0 times
}

func ExampleServer_Reset() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)
	send(queue(srv, "orders"), "a book")

	srv.Reset()
	queue(srv, "orders") // at once: the name does not rest for 60 seconds
	fmt.Println(len(srv.Messages("orders")))
	// Output: 0
}

func ExampleServer_Fail() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)
	orders := queue(srv, "orders")

	lost := srv.Fail(sqstest.Rule{Action: "SendMessage", Queue: "orders", Drop: sqstest.DropAnswer, Times: 1})
	send(orders, "a book") // the client repeats what it got no answer to

	fmt.Println("answers lost:", lost.Fired())
	fmt.Println("messages:", len(srv.Messages("orders")))
	// Output:
	// answers lost: 1
	// messages: 2
}

func ExampleServer_Fail_error() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)
	orders := queue(srv, "orders")
	send(orders, "a book")

	srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Error: sqs.ErrOverLimit, Times: 1})
	_, err := orders.Read(context.Background())
	fmt.Println(errors.Is(err, sqs.ErrOverLimit))
	m, err := orders.Read(context.Background())
	fmt.Println(m.Body, err)
	// Output:
	// true
	// a book <nil>
}

// A standard queue may deliver a message again although it is in flight. What becomes of a program then?
func ExampleServer_Fail_duplicate() {
	t := &exampleT{} // in a test: its *testing.T
	defer t.end()
	srv := sqstest.New(t)
	orders := queue(srv, "orders")
	send(orders, "a book")

	srv.Fail(sqstest.Rule{Duplicate: true, Times: 1})
	for range 3 {
		_, err := orders.Read(context.Background())
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
	// sqs: no message
}

// In a bubble of synctest the longest visibility timeout is over as soon as everything waits for it.
func Example_synctest() {
	t := new(testing.T) // in a test: its own
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		orders := queue(sqstest.New(t), "orders")
		send(orders, "a book")

		if _, err := orders.Read(ctx, sqs.WithVisibility(12*time.Hour)); err != nil {
			log.Fatal(err)
		}
		_, err := orders.Read(ctx)
		fmt.Println(err)
		time.Sleep(12 * time.Hour)
		m, err := orders.Read(ctx)
		fmt.Println(m.Body, err)
	})
	// Output:
	// sqs: no message
	// a book <nil>
}
