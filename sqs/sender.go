package sqs

import (
	"context"
	"fmt"
	"slices"

	"github.com/bufeomq/bufeo/internal/api"
)

// Sender gathers messages that many goroutines send one by one into requests of up to ten messages and 1 MiB. Make it
// with NewSender, and Close it. It is safe for concurrent use.
//
// A message leaves at once when no request is under way, so that a lone sender waits for nothing. While requests are
// under way messages gather, until there are enough to fill one, Linger has passed, or the last request is answered.
//
// Requests, and single messages that the server failed to store by its own fault, are repeated as the connection's
// Retryer says. A request that is refused as a whole for what is wrong with one of its messages is sent again message
// by message, so that nobody's message fails for a stranger's.
//
// # FIFO queues
//
// Each message group has at most one request under way, and its messages are stored in the order in which Send or
// Enqueue took them. A message that failed closes its group: the messages of the group that are behind it in the Sender
// fail with ErrHeldBack and are not sent, and so do new ones, until the error of each message that failed was returned,
// by Send or by Wait. Who sends it has then seen the gap, decides what to do about it, and sends on. A message withdrawn
// by its context is the caller's decision already, and closes nothing. Exceptions are messages in the same request: the
// server may have stored one behind the one that failed, and the failed one is then not repeated, since that would turn
// the order round; SenderOptions.OnePerGroup excludes it. A repetition after a lost answer is a duplicate unless the
// message has a DeduplicationID or the queue makes one of the content.
type Sender[T any] struct {
	queue *QueueOf[T]
	core  *sender
}

// NewSender returns a Sender of messages to q, whose codec encodes them. It starts no goroutine before it has something
// to send.
func NewSender[T any](q *QueueOf[T], optFns ...func(*SenderOptions)) *Sender[T] {
	var o SenderOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return &Sender[T]{queue: q, core: newSender(q.conn, q.url, q.path, o.withDefaults())}
}

// Send sends a message and returns after the server's answer for it, with ID, MD5, MD5OfMessageAttributes and
// SequenceNumber set as Write sets them. It fails as Write does, and beyond that:
//
// If ctx ends before the message has left, it never leaves: the error is ErrNotSent and the context's. If ctx ends later,
// the request goes on without the caller, and the error is ErrMayHaveBeenSent and the context's. It is ErrMayHaveBeenSent,
// too, if the server's answer was lost. ErrFull, ErrSenderClosed and ErrHeldBack mean that the message was not sent.
func (s *Sender[T]) Send(ctx context.Context, m *MessageOf[T]) error {
	p, err := s.pending(ctx, m)
	if err != nil {
		return err
	}
	if err := s.core.put(p); err != nil {
		return err
	}
	return s.wait(ctx, m, p)
}

// Enqueue takes a message and returns as soon as there is room for it; ctx bounds that wait. Messages are sent in the
// order of the calls (on a FIFO queue within their group), so that one goroutine can have many of them under way. The
// outcome is what the ticket's Wait returns; a message that nobody waits for is sent nevertheless. The message belongs to
// the Sender until Wait returns.
//
// It fails with ErrNotSent if ctx ends, with ErrFull, ErrSenderClosed or ErrHeldBack, and with what Send finds wrong with
// a message before it is sent.
func (s *Sender[T]) Enqueue(ctx context.Context, m *MessageOf[T]) (*Ticket[T], error) {
	p, err := s.pending(ctx, m)
	if err != nil {
		return nil, err
	}
	admitted := make(chan struct{})
	p.admitted = admitted
	if err := s.core.put(p); err != nil {
		return nil, err
	}
	if err := s.core.waitForRoom(ctx, p, admitted); err != nil {
		return nil, err
	}
	return &Ticket[T]{sender: s, message: m, pending: p}, nil
}

// Ticket stands for a message that a Sender has taken. It belongs to one goroutine at a time.
type Ticket[T any] struct {
	sender  *Sender[T]
	message *MessageOf[T]
	pending *pending
}

// Wait returns the outcome of the message as Send does, also as to ctx: if it ends before the message has left, the
// message is withdrawn. After an error with ErrMayHaveBeenSent and ctx's, Wait may be called again.
func (t *Ticket[T]) Wait(ctx context.Context) error {
	return t.sender.wait(ctx, t.message, t.pending)
}

// Flush sends what the Sender holds without further delay and returns when it is answered, or ctx ends. Messages of
// later calls are not waited for. The error is ctx's; what became of the messages, their senders learn.
func (s *Sender[T]) Flush(ctx context.Context) error { return s.core.flush(ctx) }

// Close makes later calls of Send and Enqueue fail with ErrSenderClosed, sends what the Sender holds, and returns nil when
// it is answered. If ctx ends before, requests under way are cancelled, so that their messages fail with
// ErrMayHaveBeenSent; what has not left fails with ErrSenderClosed; and the error is ctx's. In either case no goroutine of
// the Sender is left. To close again is no error.
func (s *Sender[T]) Close(ctx context.Context) error { return s.core.close(ctx) }

// Stats returns what the Sender holds now.
func (s *Sender[T]) Stats() SenderStats { return s.core.stats() }

// pending encodes a message into something that shares no memory with it: its sender may be back, and change it, while
// the request is still under way.
func (s *Sender[T]) pending(ctx context.Context, m *MessageOf[T]) (*pending, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, given(ctx, ctx.Err()))
	}
	e, err := s.queue.encode(m)
	if err != nil {
		return nil, fmt.Errorf("sqs: %s: %w", api.SendMessageBatch.Name, err)
	}
	for i := range e.MessageAttributes {
		v := &e.MessageAttributes[i].Value
		v.BinaryValue = slices.Clone(v.BinaryValue)
	}
	if e.MessageGroupID != nil {
		e.MessageGroupID = new(m.GroupID)
	}
	if e.MessageDeduplicationID != nil {
		e.MessageDeduplicationID = new(m.DeduplicationID)
	}
	return newPending(e, m.GroupID, len(m.DeduplicationID)+len(m.TraceHeader)), nil
}

// wait returns the outcome of p, and writes it into m if there is one.
func (s *Sender[T]) wait(ctx context.Context, m *MessageOf[T], p *pending) error {
	if err := s.core.wait(ctx, p); err != nil {
		return err
	}
	return s.queue.written(m, p.entry, &p.success)
}
