package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/bufeomq/bufeo/server"
	"github.com/bufeomq/bufeo/sqs"
)

// local starts a server for an example and connects to it.
func local() (*sqs.Connection, func()) {
	srv, err := server.New(&server.Options{InMemory: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	if err := srv.Open(context.Background()); err != nil {
		log.Fatal(err)
	}
	front := httptest.NewServer(srv.Handler())
	conn, err := sqs.New(sqs.WithEndpoint(front.URL))
	if err != nil {
		log.Fatal(err)
	}
	return conn, func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
		front.Close()
	}
}

func Example() {
	conn, done := local() // sqs.New(sqs.WithEndpoint("http://127.0.0.1:9324"))
	defer done()
	ctx := context.Background()

	q, err := conn.CreateQueue(ctx, "greetings")
	if err != nil {
		log.Fatal(err)
	}
	if err := q.Write(ctx, q.NewMessage("hello")); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx, sqs.WithWait(20*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Body)
	if err := m.Delete(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: hello
}

func ExampleNew() {
	conn, err := sqs.New(
		sqs.WithEndpoint("https://queues.example.org"),
		sqs.WithRegion("eu-west-1"),
		sqs.WithCredentials("AKIDEXAMPLE", "secret", ""),
		sqs.WithProtocol(sqs.ProtocolQuery),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Endpoint(), conn.Region())
	// Output: https://queues.example.org eu-west-1
}

func ExampleNew_amazon() {
	conn, err := sqs.New(sqs.WithRegion("eu-west-1"), sqs.WithCredentials("AKIDEXAMPLE", "secret", ""))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Endpoint())
	// Output: https://sqs.eu-west-1.amazonaws.com
}

func ExampleNewFromConfig() {
	// With the SDK's config package: cfg, err := config.LoadDefaultConfig(ctx)
	cfg := aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}}
	conn, err := sqs.NewFromConfig(cfg, sqs.WithEndpoint("http://127.0.0.1:9324"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Endpoint(), conn.Region())
	// Output: http://127.0.0.1:9324 eu-west-1
}

func ExampleConnection_CreateQueue() {
	conn, done := local()
	defer done()
	q, err := conn.CreateQueue(context.Background(), "orders",
		sqs.WithVisibilityTimeout(time.Minute),
		sqs.WithQueueAttribute(sqs.AttributeDelaySeconds, "5"),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Name(), q.ID(), q.ARN())
	// Output: orders /000000000000/orders arn:aws:sqs:us-east-1:000000000000:orders
}

func ExampleConnection_Queue() {
	conn, done := local()
	defer done()
	_, err := conn.Queue(context.Background(), "orders")
	switch {
	case errors.Is(err, sqs.ErrQueueDoesNotExist):
		fmt.Println("there is no such queue")
	case err != nil:
		log.Fatal(err)
	}
	// Output: there is no such queue
}

func ExampleConnection_Queues() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	for _, name := range []string{"orders", "orders-dead", "mail"} {
		if _, err := conn.CreateQueue(ctx, name); err != nil {
			log.Fatal(err)
		}
	}
	for q, err := range conn.Queues(ctx, "orders") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.Name())
	}
	// Output:
	// orders
	// orders-dead
}

func ExampleConnection_DeleteQueue() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	if err := conn.DeleteQueue(ctx, q); err != nil {
		log.Fatal(err)
	}
	all, err := conn.AllQueues(ctx, "")
	fmt.Println(len(all), err)
	// Output: 0 <nil>
}

func ExampleError() {
	conn, done := local()
	defer done()
	_, err := conn.Queue(context.Background(), "orders")
	if e, ok := errors.AsType[*sqs.Error](err); ok {
		fmt.Println(e.Code, e.QueryCode, e.Status, e.Fault)
		fmt.Println(e.Message)
	}
	// Output:
	// QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue 400 Sender
	// The specified queue does not exist.
}
