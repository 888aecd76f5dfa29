package sqs

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// Write sends one message and sets its ID, MD5, MD5OfMessageAttributes and SequenceNumber.
//
// It fails with ErrInvalidMessageContents for text that SQS does not carry, and with a *ChecksumError if the server stored
// something else. After a lost connection or a context that ended, the message may have been stored.
func (q *QueueOf[T]) Write(ctx context.Context, m *MessageOf[T]) error {
	e, err := q.encode(m)
	if err != nil {
		return fmt.Errorf("sqs: %s: %w", api.SendMessage.Name, err)
	}
	in := api.SendMessageInput{
		QueueURL:                q.url,
		MessageBody:             e.MessageBody,
		DelaySeconds:            e.DelaySeconds,
		MessageAttributes:       e.MessageAttributes,
		MessageSystemAttributes: e.MessageSystemAttributes,
		MessageDeduplicationID:  e.MessageDeduplicationID,
		MessageGroupID:          e.MessageGroupID,
	}
	out, err := call(ctx, q.conn, api.SendMessage, q.path, &in)
	if err != nil {
		return err
	}
	return q.written(m, e, &api.SendMessageSuccess{
		MD5OfMessageAttributes:       out.MD5OfMessageAttributes,
		MD5OfMessageBody:             out.MD5OfMessageBody,
		MD5OfMessageSystemAttributes: out.MD5OfMessageSystemAttributes,
		MessageID:                    out.MessageID,
		SequenceNumber:               out.SequenceNumber,
	})
}

// encode makes the wire form of a message, all but its entry id.
func (q *QueueOf[T]) encode(m *MessageOf[T]) (*api.SendMessageEntry, error) {
	stored, err := q.codec.Encode(m.Body)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	if !utf8.ValidString(stored) {
		// Both protocols would replace the bytes in question, and store something else than was given.
		return nil, fmt.Errorf("%w: the encoded body is not UTF-8", ErrInvalidMessageContents)
	}
	e := &api.SendMessageEntry{
		MessageBody:             stored,
		DelaySeconds:            optionalSeconds(m.Delay),
		MessageAttributes:       wireAttributes(m.MessageAttributes),
		MessageSystemAttributes: traceAttribute(m.TraceHeader),
	}
	if m.DeduplicationID != "" {
		e.MessageDeduplicationID = &m.DeduplicationID
	}
	if m.GroupID != "" {
		e.MessageGroupID = &m.GroupID
	}
	return e, nil
}

// written takes over what the server says about a message that it stored, and checks it.
func (q *QueueOf[T]) written(m *MessageOf[T], e *api.SendMessageEntry, s *api.SendMessageSuccess) error {
	m.queue = q
	m.ID = s.MessageID
	m.MD5 = s.MD5OfMessageBody
	m.MD5OfMessageAttributes = s.MD5OfMessageAttributes
	m.SequenceNumber = s.SequenceNumber
	if q.conn.options.DisableChecksums {
		return nil
	}
	want := digestsOf(e.MessageBody, e.MessageAttributes, e.MessageSystemAttributes)
	if s.MD5OfMessageSystemAttributes == "" {
		want.system = "" // servers from before 2019 do not know it
	}
	return want.check(s.MessageID, digests{s.MD5OfMessageBody, s.MD5OfMessageAttributes, s.MD5OfMessageSystemAttributes})
}
