package otelsqs

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/bufeomq/bufeo/sqs"
)

// tracerName is this package's instrumentation scope.
const tracerName = "github.com/bufeomq/bufeo/sqs/otel"

// Queue is a queue whose sends and receives are traced. Its other methods are those of the queue that it wraps. It is safe
// for concurrent use.
type Queue[T any] struct {
	*sqs.QueueOf[T]
	options Options
	tracer  trace.Tracer
}

// Wrap returns q with traces. It does not change q, and does not reach the server.
func Wrap[T any](q *sqs.QueueOf[T], optFns ...func(*Options)) *Queue[T] {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	o = o.withDefaults()
	return &Queue[T]{QueueOf: q, options: o, tracer: o.TracerProvider.Tracer(tracerName, trace.WithSchemaURL(semconv.SchemaURL))}
}

// operation is one of the operations of the semantic conventions.
type operation struct {
	name string
	kind attribute.KeyValue
	span trace.SpanKind
}

var (
	send    = operation{"send", semconv.MessagingOperationTypeSend, trace.SpanKindProducer}
	receive = operation{"receive", semconv.MessagingOperationTypeReceive, trace.SpanKindClient}
	process = operation{"process", semconv.MessagingOperationTypeProcess, trace.SpanKindConsumer}
)

// start begins a span.
func (q *Queue[T]) start(ctx context.Context, op operation, optFns ...trace.SpanStartOption) (context.Context, trace.Span) {
	return q.tracer.Start(ctx, op.name+" "+q.Name(), append(optFns, trace.WithSpanKind(op.span), trace.WithAttributes(
		semconv.MessagingSystemAWSSQS,
		semconv.MessagingOperationName(op.name),
		op.kind,
		semconv.MessagingDestinationName(q.Name()),
		semconv.AWSSQSQueueURL(q.URL()),
	))...)
}

// end ends a span with what became of its operation.
func end(span trace.Span, err error, optFns ...trace.SpanEndOption) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		span.SetAttributes(semconv.ErrorTypeKey.String(errorType(err)))
	}
	span.End(optFns...)
}

// errorType is the server's code, or the type of the error.
func errorType(err error) string {
	if e, ok := errors.AsType[*sqs.Error](err); ok && e.Code != "" {
		return string(e.Code)
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// ContextOf returns ctx with the context that came with a message: a span that is started in it is a child of the one that
// sent the message. Without such attributes it returns ctx.
func (q *Queue[T]) ContextOf(ctx context.Context, m *sqs.MessageOf[T]) context.Context {
	return q.options.Propagator.Extract(ctx, attributeCarrier(m.MessageAttributes))
}

// link returns a link to the span that sent a message, and whether there is one.
func (q *Queue[T]) link(m *sqs.MessageOf[T]) (trace.Link, bool) {
	sc := trace.SpanContextFromContext(q.ContextOf(context.Background(), m))
	link := trace.Link{SpanContext: sc, Attributes: []attribute.KeyValue{semconv.MessagingMessageID(m.ID)}}
	return link, sc.IsValid()
}
