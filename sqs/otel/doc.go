// Package otelsqs traces what package sqs of this module sends and receives with OpenTelemetry. It is a module of its own,
// so that programs without OpenTelemetry do not have it among their dependencies.
//
//	q := otelsqs.Wrap(queue)
//	err := q.Write(ctx, q.NewMessage("hello")) // a span "send orders", whose context travels with the message
//	...
//	c := sqs.NewConsumer(q.QueueOf, handler, q.Consume)
//	c.Use(q.Middleware()) // a span "process orders" around the handler, in the trace of the send
//
// # Propagation
//
// The context travels as message attributes, traceparent and tracestate with the W3C propagator, which is the default.
// Messages can have 10 attributes. Those of the program come first: what does not fit is left out, traceparent last, and the
// message is sent all the same. To have them returned, a receive must ask for these attributes; Read, Messages and Consume
// do so.
//
// # Spans
//
// Names, kinds and attributes follow OpenTelemetry's semantic conventions for messaging: send is a producer's span, receive a
// client's, process a consumer's. A process span is a child of the span that sent the message, and has a link to the span in
// which the consumer runs, if there is one. A span of several messages (a batch, a receive) has links to those of each.
package otelsqs
