package otelsqs_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http/httptest"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/bufeomq/bufeo/server"
	"github.com/bufeomq/bufeo/sqs"
	otelsqs "github.com/bufeomq/bufeo/sqs/otel"
)

// orders starts a server for an example and makes a queue.
func orders() (*sqs.Queue, func()) {
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
	q, err := conn.CreateQueue(context.Background(), "orders")
	if err != nil {
		log.Fatal(err)
	}
	return q, func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
		front.Close()
	}
}

func ExampleWrap() {
	queue, done := orders()
	defer done()
	recorded := tracetest.NewSpanRecorder() // in a program: an exporter
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorded))
	q := otelsqs.Wrap(queue, otelsqs.WithTracerProvider(provider))

	ctx, stop := context.WithCancel(context.Background())
	if err := q.Write(ctx, q.NewMessage("hello")); err != nil {
		log.Fatal(err)
	}
	c := sqs.NewConsumer(q.QueueOf, func(ctx context.Context, m *sqs.Message) error {
		defer stop()
		fmt.Println("in a trace:", trace.SpanContextFromContext(ctx).IsValid())
		return nil
	}, q.Consume)
	c.Use(q.Middleware())
	if _, err := c.Run(ctx); err != nil {
		log.Fatal(err)
	}
	for _, span := range recorded.Ended() {
		fmt.Println(span.SpanKind(), span.Name())
	}
	// Unordered output:
	// in a trace: true
	// producer send orders
	// client receive orders
	// consumer process orders
}
