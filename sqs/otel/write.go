package otelsqs

import (
	"context"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/bufeomq/bufeo/sqs"
)

// Write sends one message, as QueueOf.Write does, in a span "send". It replaces m.MessageAttributes by a copy that carries
// the span's context.
func (q *Queue[T]) Write(ctx context.Context, m *sqs.MessageOf[T]) error {
	return q.send(ctx, m, q.QueueOf.Write)
}

// Send sends one message through a Sender, which gathers it into a batch with others, in a span "send" that ends with the
// server's answer. It changes m as Write does.
func (q *Queue[T]) Send(ctx context.Context, s *sqs.Sender[T], m *sqs.MessageOf[T]) error {
	return q.send(ctx, m, s.Send)
}

func (q *Queue[T]) send(ctx context.Context, m *sqs.MessageOf[T], write func(context.Context, *sqs.MessageOf[T]) error) error {
	ctx, span := q.start(ctx, send)
	m.MessageAttributes = inject(ctx, q.options.Propagator, m.MessageAttributes)
	err := write(ctx, m)
	if m.ID != "" {
		span.SetAttributes(semconv.MessagingMessageID(m.ID))
	}
	end(span, err)
	return err
}

// WriteBatch sends messages, as QueueOf.WriteBatch does, in one span "send", whose context all of them carry. It changes
// them as Write does. If some failed, the span has the error and the number of all.
func (q *Queue[T]) WriteBatch(ctx context.Context, messages []*sqs.MessageOf[T]) (*sqs.BatchResults, error) {
	ctx, span := q.start(ctx, send)
	span.SetAttributes(semconv.MessagingBatchMessageCount(len(messages)))
	for _, m := range messages {
		m.MessageAttributes = inject(ctx, q.options.Propagator, m.MessageAttributes)
	}
	results, err := q.QueueOf.WriteBatch(ctx, messages)
	end(span, err)
	return results, err
}
