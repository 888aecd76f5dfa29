package sqs

import (
	"context"
)

// Handler works on one message. What it returns decides what becomes of the message:
//
//   - nil: it is deleted;
//   - an error: the attempt failed, and the message becomes visible again after ConsumerOptions.RetryDelay;
//   - RetryAfter(d, err): the same, after d;
//   - an error that is ErrDrop: it is deleted although it failed, since no attempt would succeed;
//   - an error that is ErrKeep: it is neither deleted nor given back, and becomes visible when its lease ends, unless the
//     handler has seen to it otherwise;
//   - a panic is an error, a *PanicError.
//
// Its context ends when the message is not this consumer's any more (its cause is then ErrLeaseLost) and when the drain
// timeout is over (ErrDrainTimeout), and not together with the context of Run: a handler that runs may finish. The message
// is the handler's until it returns.
type Handler[T any] func(ctx context.Context, m *MessageOf[T]) error

// Middleware wraps a handler: for logs, traces, limits of time.
type Middleware[T any] func(next Handler[T]) Handler[T]

// Consumer reads a queue and has a handler work on its messages, several at a time. While a message waits for its handler
// and while the handler works, the consumer extends the message's visibility, so that no one else gets it; when the handler
// has succeeded, it deletes it. Extensions and deletes are sent in batches.
//
//	c := sqs.NewConsumer(q, func(ctx context.Context, m *sqs.Message) error {
//		return greet(ctx, m.Body)
//	}, sqs.WithWorkers(8))
//	handedBack, err := c.Run(ctx)
//
// # Leases
//
// A message that was received is leased: it is this consumer's for ConsumerOptions.Visibility, counted from when the
// request was sent that received or extended it, which is earlier than the server counts. A lease that cannot be extended
// (the server is away for too long, somebody deleted the message or gave it back, 12 hours have passed) is lost. The
// handler's context then ends with cause ErrLeaseLost, and whatever the handler returns, the message is not deleted:
// somebody else may have it.
//
// Leases do not make handlers run once only. Standard queues deliver twice now and then, and a delete whose answer was lost
// for as long as the lease lasted leaves it open whether the message comes back.
//
// # FIFO queues
//
// Messages of one group are handled one after the other, and the next only when the server has confirmed that the one before
// is deleted. When a message fails, or is lost, those of its group that wait here are given back, so that the group goes on
// with the message that failed; a receive counts for them, too, which a dead-letter queue's maxReceiveCount has to allow for.
//
// # Middleware and bodies that do not decode
//
// Use adds middleware, HandleDecodeErrors says what becomes of messages whose body the codec could not decode; without it,
// the attempt has failed with the *DecodeError. Middleware sees these messages and errors, too. A panic reaches it as an
// error.
type Consumer[T any] struct {
	queue       *QueueOf[T]
	options     ConsumerOptions
	handler     Handler[T]
	undecodable Handler[T]
	middleware  []Middleware[T]
}

// NewConsumer returns a consumer of q, which does nothing before Run.
func NewConsumer[T any](q *QueueOf[T], handler Handler[T], optFns ...func(*ConsumerOptions)) *Consumer[T] {
	var o ConsumerOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return &Consumer[T]{
		queue:       q,
		options:     o.withDefaults(),
		handler:     handler,
		undecodable: func(_ context.Context, m *MessageOf[T]) error { return m.DecodeError },
	}
}

// Use wraps the handler: the first middleware is the outermost. It must not be called once the consumer runs.
func (c *Consumer[T]) Use(middleware ...Middleware[T]) {
	c.middleware = append(c.middleware, middleware...)
}

// HandleDecodeErrors has h, instead of the handler, work on messages that have a DecodeError. What h returns means what it
// means from a handler: nil deletes the message. It must not be called once the consumer runs.
func (c *Consumer[T]) HandleDecodeErrors(h Handler[T]) { c.undecodable = h }

// Run consumes until ctx ends, and returns when all is done. It may be called again, also while it runs; each call has
// workers of its own.
//
// When ctx ends, messages that no handler has begun with are handed back, which makes them visible at once. Handlers that
// run may finish until ConsumerOptions.DrainTimeout is over. Then their contexts end with cause ErrDrainTimeout, and
// messages whose handlers fail now are handed back as well. A handler that has not returned one second later is abandoned:
// its message is handed back, and its goroutine left alone. Deletes that wait are sent at once, and repeated until five
// seconds after the drain timeout at most.
//
// A receive that waits for messages when ctx ends gets one more second. To cut it off at once could lose what is on the way:
// Amazon SQS does not take a message back when the client is gone, so that it stays invisible for the visibility timeout.
// (bufeo does take it back.)
//
// Run returns how many messages it handed back, and nil when ctx has ended. It does not give up when the server is away or
// refuses requests: it goes on trying, every 30 seconds at last, and tells ConsumerHooks. Only a queue that does not exist
// ends it, after a drain, with ErrQueueDoesNotExist. Options out of their range make it fail at once.
func (c *Consumer[T]) Run(ctx context.Context) (handedBack int, err error) {
	if err := c.options.validate(); err != nil {
		return 0, err
	}
	return newRun(c).loop(ctx)
}

// chain makes one handler of all that have a say. Panics are caught twice: of the program's handler, so that middleware sees
// an error, and of the middleware.
func (c *Consumer[T]) chain() Handler[T] {
	h := recovering(func(ctx context.Context, m *MessageOf[T]) error {
		if m.DecodeError != nil {
			return c.undecodable(ctx, m)
		}
		return c.handler(ctx, m)
	})
	for i := len(c.middleware) - 1; i >= 0; i-- {
		h = c.middleware[i](h)
	}
	return recovering(h)
}
