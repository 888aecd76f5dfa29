package otelsqs

import (
	"context"
	"errors"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/bufeomq/bufeo/sqs"
)

// Messages reads up to n messages, as QueueOf.Messages does, in a span "receive" with a link to the span that sent each. It
// asks for the attributes that carry their contexts, besides those that the options ask for.
func (q *Queue[T]) Messages(ctx context.Context, n int, optFns ...func(*sqs.ReadOptions)) ([]*sqs.MessageOf[T], error) {
	ctx, span := q.start(ctx, receive)
	asks := sqs.WithMessageAttributes(q.options.Propagator.Fields()...)
	messages, err := q.QueueOf.Messages(ctx, n, append(optFns[:len(optFns):len(optFns)], asks)...)
	span.SetAttributes(semconv.MessagingBatchMessageCount(len(messages)))
	for _, m := range messages {
		if link, ok := q.link(m); ok {
			span.AddLink(link)
		}
	}
	end(span, err)
	return messages, err
}

// Read reads one message, as QueueOf.Read does, in a span as that of Messages. An empty queue, ErrNoMessage, is no error of
// the span.
func (q *Queue[T]) Read(ctx context.Context, optFns ...func(*sqs.ReadOptions)) (*sqs.MessageOf[T], error) {
	messages, err := q.Messages(ctx, 1, optFns...)
	if err != nil {
		return nil, err
	}
	if len(messages) == 0 {
		return nil, sqs.ErrNoMessage
	}
	return messages[0], nil
}

// Consume is an option for NewConsumer: it asks for the attributes that carry the contexts of messages, and makes a span
// "receive" of each receive that brought messages or failed. Hooks that were set before are called as well.
func (q *Queue[T]) Consume(o *sqs.ConsumerOptions) {
	o.MessageAttributes = append(o.MessageAttributes, q.options.Propagator.Fields()...)
	before := o.Hooks.Received
	o.Hooks.Received = func(r sqs.ConsumerReceive) {
		if before != nil {
			before(r)
		}
		if r.Messages == 0 && r.Err == nil {
			return
		}
		_, span := q.start(context.Background(), receive, trace.WithTimestamp(r.Start))
		span.SetAttributes(semconv.MessagingBatchMessageCount(r.Messages))
		end(span, r.Err, trace.WithTimestamp(r.Start.Add(r.Took)))
	}
}

// Middleware is for Consumer.Use: it has the handler run in a span "process", a child of the span that sent the message.
// What the handler returns is the span's error, ErrKeep excepted.
func (q *Queue[T]) Middleware() sqs.Middleware[T] {
	return func(next sqs.Handler[T]) sqs.Handler[T] {
		return func(ctx context.Context, m *sqs.MessageOf[T]) error {
			var optFns []trace.SpanStartOption
			sent := q.ContextOf(ctx, m)
			if here := trace.SpanContextFromContext(ctx); here.IsValid() && !here.Equal(trace.SpanContextFromContext(sent)) {
				optFns = append(optFns, trace.WithLinks(trace.Link{SpanContext: here}))
			}
			ctx, span := q.start(sent, process, optFns...)
			span.SetAttributes(semconv.MessagingMessageID(m.ID))
			err := next(ctx, m)
			if errors.Is(err, sqs.ErrKeep) {
				end(span, nil)
				return err
			}
			end(span, err)
			return err
		}
	}
}
