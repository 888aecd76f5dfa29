package otelsqs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/bufeomq/bufeo/sqs"
	otelsqs "github.com/bufeomq/bufeo/sqs/otel"
	"github.com/bufeomq/bufeo/sqstest"
)

// stage is a server with a queue, and what was traced.
type stage struct {
	*testing.T
	srv   *sqstest.Server
	q     *otelsqs.Queue[string]
	spans *tracetest.SpanRecorder
	tp    *sdktrace.TracerProvider
}

func onStage(t *testing.T, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, srv: sqstest.New(t), spans: tracetest.NewSpanRecorder()}
		s.tp = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.spans))
		conn, err := sqs.NewFromConfig(s.srv.Config())
		if err != nil {
			t.Fatal(err)
		}
		q, err := conn.CreateQueue(t.Context(), "orders")
		if err != nil {
			t.Fatal(err)
		}
		s.q = otelsqs.Wrap(q, otelsqs.WithTracerProvider(s.tp))
		test(s)
	})
}

// span returns the only span of a name.
func (s *stage) span(name string) sdktrace.ReadOnlySpan {
	s.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, span := range s.spans.Ended() {
		if span.Name() == name {
			found = append(found, span)
		}
	}
	if len(found) != 1 {
		s.Fatalf("%d spans %q, want 1", len(found), name)
	}
	return found[0]
}

func attributes(span sdktrace.ReadOnlySpan) string {
	set := attribute.NewSet(span.Attributes()...)
	return set.Encoded(attribute.DefaultEncoder())
}

func (s *stage) consume(handler sqs.Handler[string]) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	defer stop()
	c := sqs.NewConsumer(s.q.QueueOf, func(ctx context.Context, m *sqs.Message) error {
		defer stop()
		return handler(ctx, m)
	}, s.q.Consume)
	c.Use(s.q.Middleware())
	if _, err := c.Run(ctx); err != nil {
		s.Error(err)
	}
}

// A send and its handler are one trace, also with the program's own spans around and in between.
func TestTrace_from_send_to_handler(t *testing.T) {
	onStage(t, func(s *stage) {
		tracer := s.tp.Tracer("test")
		ctx, request := tracer.Start(s.Context(), "request")
		m := s.q.NewMessage("hello")
		if err := s.q.Write(ctx, m); err != nil {
			t.Fatal(err)
		}
		request.End()
		s.consume(func(ctx context.Context, m *sqs.Message) error {
			_, inner := tracer.Start(ctx, "work")
			inner.End()
			return nil
		})
		chain := []string{"request", "send orders", "process orders", "work"}
		for i, name := range chain[1:] {
			if child, parent := s.span(name), s.span(chain[i]); child.Parent().SpanID() != parent.SpanContext().SpanID() ||
				child.SpanContext().TraceID() != parent.SpanContext().TraceID() {
				t.Errorf("%s is no child of %s", name, chain[i])
			}
		}
		common := "messaging.destination.name=orders"
		url := ",messaging.system=aws_sqs"
		for name, want := range map[string]struct {
			kind  trace.SpanKind
			attrs string
		}{
			"send orders": {trace.SpanKindProducer, "aws.sqs.queue.url=" + s.q.URL() + "," + common +
				",messaging.message.id=" + m.ID + ",messaging.operation.name=send,messaging.operation.type=send" + url},
			"receive orders": {trace.SpanKindClient, "aws.sqs.queue.url=" + s.q.URL() + ",messaging.batch.message_count=1," + common +
				",messaging.operation.name=receive,messaging.operation.type=receive" + url},
			"process orders": {trace.SpanKindConsumer, "aws.sqs.queue.url=" + s.q.URL() + "," + common +
				",messaging.message.id=" + m.ID + ",messaging.operation.name=process,messaging.operation.type=process" + url},
		} {
			span := s.span(name)
			if got := attributes(span); got != want.attrs || span.SpanKind() != want.kind || span.Status().Code != codes.Unset {
				t.Errorf("%s: got %v, %s, %v; want %v, %s", name, span.SpanKind(), got, span.Status(), want.kind, want.attrs)
			}
		}
	})
}

func TestAttributes_of_the_program_come_first(t *testing.T) {
	state, err := trace.ParseTraceState("vendor=1")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		own  int
		want []string // besides them
	}{{0, []string{"traceparent", "tracestate"}}, {8, []string{"traceparent", "tracestate"}}, {9, []string{"traceparent"}}, {10, nil}} {
		t.Run(fmt.Sprint(test.own), func(t *testing.T) {
			onStage(t, func(s *stage) {
				own := map[string]sqs.MessageAttribute{}
				for i := range test.own {
					own[fmt.Sprint("a", i)] = sqs.NumberAttribute("1")
				}
				before := maps.Clone(own)
				ctx := trace.ContextWithSpanContext(s.Context(), trace.NewSpanContext(trace.SpanContextConfig{
					TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, TraceState: state,
				}))
				m := s.q.NewMessage("hello")
				m.MessageAttributes = own
				if err := s.q.Write(ctx, m); err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, name := range slices.Sorted(maps.Keys(s.srv.Messages("orders")[0].Attributes)) {
					if _, mine := before[name]; !mine {
						got = append(got, name)
					}
				}
				if !slices.Equal(got, test.want) || len(own) != len(before) {
					t.Errorf("got %q beside %d attributes, want %q", got, len(own), test.want)
				}
			})
		})
	}
}

// A message that is sent again carries the context of the second send.
func TestContext_of_a_message_sent_again(t *testing.T) {
	onStage(t, func(s *stage) {
		m := s.q.NewMessage("hello")
		for range 2 {
			if err := s.q.Write(s.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		ended := s.spans.Ended()
		sent := trace.SpanContextFromContext(s.q.ContextOf(s.Context(), m))
		if len(ended) != 2 || sent.SpanID() != ended[1].SpanContext().SpanID() {
			t.Errorf("the message carries %v, want the second of %v", sent.SpanID(), ended)
		}
	})
}

func TestBatch_and_read(t *testing.T) {
	onStage(t, func(s *stage) {
		if _, err := s.q.WriteBatch(s.Context(), []*sqs.Message{{Body: "a"}, {Body: "b"}}); err != nil {
			t.Fatal(err)
		}
		sender := sqs.NewSender(s.q.QueueOf)
		if err := s.q.Send(s.Context(), sender, s.q.NewMessage("c")); err != nil {
			t.Fatal(err)
		}
		if err := sender.Close(s.Context()); err != nil {
			t.Fatal(err)
		}
		messages, err := s.q.Messages(s.Context(), 10, sqs.WithMessageAttributes("color"))
		if err != nil || len(messages) != 3 {
			t.Fatalf("got %d messages, %v", len(messages), err)
		}
		if m, err := s.q.Read(s.Context()); !errors.Is(err, sqs.ErrNoMessage) {
			t.Errorf("got %v, %v", m, err)
		}
		ended := s.spans.Ended() // two sends, two receives
		want := []trace.SpanID{ended[0].SpanContext().SpanID(), ended[0].SpanContext().SpanID(), ended[1].SpanContext().SpanID()}
		var got []trace.SpanID
		for _, link := range ended[2].Links() {
			got = append(got, link.SpanContext.SpanID())
		}
		if !slices.Equal(got, want) {
			t.Errorf("the receive has links to %v, want %v", got, want)
		}
		if empty := ended[3]; empty.Status().Code != codes.Unset || len(empty.Links()) != 0 {
			t.Errorf("a read that found nothing: %v, %v", empty.Status(), empty.Links())
		}
	})
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler sqs.Handler[string]
		want    string // error.type; "" is no error
	}{
		{"none", func(context.Context, *sqs.Message) error { return nil }, ""},
		{"keep", func(context.Context, *sqs.Message) error { return sqs.ErrKeep }, ""},
		{"error", func(context.Context, *sqs.Message) error { return fmt.Errorf("wrapped: %w", context.DeadlineExceeded) }, "context.deadlineExceededError"},
		{"panic", func(context.Context, *sqs.Message) error { panic("no") }, "*sqs.PanicError"},
		{"server", func(context.Context, *sqs.Message) error {
			return fmt.Errorf("wrapped: %w", &sqs.Error{Code: sqs.ErrOverLimit})
		}, "OverLimit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				if err := s.q.Write(s.Context(), s.q.NewMessage("hello")); err != nil {
					t.Fatal(err)
				}
				s.consume(test.handler)
				span := s.span("process orders")
				set := attribute.NewSet(span.Attributes()...)
				got, _ := set.Value("error.type")
				if got.AsString() != test.want || (span.Status().Code == codes.Error) != (test.want != "") {
					t.Errorf("got error.type %q and %v, want %q", got.AsString(), span.Status(), test.want)
				}
			})
		})
	}
	t.Run("send", func(t *testing.T) {
		onStage(t, func(s *stage) {
			s.srv.Fail(sqstest.Rule{Action: "SendMessage", Error: sqs.ErrAccessDenied})
			if err := s.q.Write(s.Context(), s.q.NewMessage("hello")); !errors.Is(err, sqs.ErrAccessDenied) {
				t.Errorf("got %v", err)
			}
			if span := s.span("send orders"); span.Status().Code != codes.Error {
				t.Errorf("the span says %v", span.Status())
			}
		})
	})
}

// Receives of a consumer have the times of the requests; those that find nothing are no spans.
func TestReceives_of_a_consumer(t *testing.T) {
	onStage(t, func(s *stage) {
		start := time.Now()
		go func() {
			time.Sleep(30 * time.Second)
			if err := s.q.QueueOf.Write(s.Context(), s.q.NewMessage("hello")); err != nil {
				t.Error(err)
			}
		}()
		s.consume(func(context.Context, *sqs.Message) error { return nil })
		span := s.span("receive orders")
		if from, to := span.StartTime().Sub(start), span.EndTime().Sub(start); from != 20*time.Second || to != 30*time.Second {
			t.Errorf("the receive took from %v to %v, want 20 s to 30 s", from, to)
		}
		if parent := s.span("process orders").Parent(); parent.IsValid() { // whoever sent it does not trace
			t.Errorf("the handler's span has the parent %v", parent)
		}
	})
}

// What the span of Run's context is to messages: not their parent, but worth a link.
func TestLink_to_the_span_around_the_consumer(t *testing.T) {
	onStage(t, func(s *stage) {
		if err := s.q.Write(s.Context(), s.q.NewMessage("hello")); err != nil {
			t.Fatal(err)
		}
		ctx, around := s.tp.Tracer("test").Start(s.Context(), "program")
		handle := s.q.Middleware()(func(context.Context, *sqs.Message) error { return nil })
		m, err := s.q.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := handle(ctx, m); err != nil {
			t.Fatal(err)
		}
		around.End()
		span := s.span("process orders")
		if links := span.Links(); len(links) != 1 || links[0].SpanContext.SpanID() != around.SpanContext().SpanID() ||
			span.Parent().SpanID() != s.span("send orders").SpanContext().SpanID() {
			t.Errorf("parent %v, links %v", span.Parent().SpanID(), links)
		}
	})
}

// Baggage travels if the propagator carries it.
func TestPropagator(t *testing.T) {
	onStage(t, func(s *stage) {
		both := propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
		q := otelsqs.Wrap(s.q.QueueOf, otelsqs.WithTracerProvider(s.tp), otelsqs.WithPropagator(both))
		ctx := both.Extract(s.Context(), propagation.MapCarrier{"baggage": "customer=7"})
		if err := q.Write(ctx, q.NewMessage("hello")); err != nil {
			t.Fatal(err)
		}
		m, err := q.Read(s.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.MessageAttributes["baggage"].String; got != "customer=7" {
			t.Errorf("the baggage is %q", got)
		}
	})
}
