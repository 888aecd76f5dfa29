package sqs

import (
	"context"
	"errors"
	"time"
)

// Message is a message whose body is a string, which is what the queues that Connection returns have.
type Message = MessageOf[string]

// MessageOf is a message: one to be written, or one that was read. The zero value with a Body can be written. It belongs
// to one goroutine at a time.
type MessageOf[T any] struct {
	// Body is the decoded body. The codec of the queue encodes it when it is written, whatever queue the message is from.
	Body T
	// MessageAttributes are the program's own attributes, up to 10. A read returns those that it asked for.
	MessageAttributes map[string]MessageAttribute
	// Delay is how long the message is to stay invisible at first: 0 to 15 minutes. nil: the queue's own delay. It has no
	// meaning on messages that were read.
	Delay *time.Duration
	// GroupID is the message group: required on FIFO queues. A read sets it if the attribute was asked for.
	GroupID string
	// DeduplicationID makes FIFO queues drop repetitions within 5 minutes. A read sets it if the attribute was asked for.
	DeduplicationID string
	// TraceHeader is the AWS X-Ray header, which travels as a system attribute and takes no part in the size limit. A read
	// sets it if the attribute was asked for.
	TraceHeader string

	// ID is the id that SQS gave the message. Write and a read set it.
	ID string
	// MD5 is the digest of the encoded body, in hexadecimal. Write and a read set it.
	MD5 string
	// MD5OfMessageAttributes is the digest of MessageAttributes, in hexadecimal, "" if there are none. Write and a read
	// set it.
	MD5OfMessageAttributes string
	// SequenceNumber is the position in a FIFO queue. Write sets it, and a read if the attribute was asked for.
	SequenceNumber string

	// ReceiptHandle names this delivery of the message, for deleting it and for changing its visibility. A read sets it.
	ReceiptHandle string
	// Attributes are the system attributes that the read asked for.
	Attributes Attributes
	// DecodeError is set by a read if the codec could not decode the body. Body is then what the codec made of it: with
	// the codecs of this package, the stored text where Body is a string or bytes, and the zero value where it is not.
	DecodeError *DecodeError

	queue  *QueueOf[T]
	stored string
}

// errNoQueue is what a message answers that was made without NewMessage, when asked for what its queue knows.
var errNoQueue = errors.New("sqs: message of no queue: it was neither read, written nor made by NewMessage")

// NewMessage returns a message for the queue, which is not sent. It knows how the queue encodes it, which a literal
// &Message{Body: …} does not before it is written.
func (q *QueueOf[T]) NewMessage(body T) *MessageOf[T] {
	return &MessageOf[T]{Body: body, queue: q}
}

// EncodedBody returns Body as its queue stores it: boto's get_body_encoded. It fails for a message that has no queue yet.
func (m *MessageOf[T]) EncodedBody() (string, error) {
	if m.queue == nil {
		return "", errNoQueue
	}
	return m.queue.codec.Encode(m.Body)
}

// Len returns the length of EncodedBody in bytes, of which SQS takes up to 1 MiB with the attributes. boto's len counts
// characters. It fails as EncodedBody does.
func (m *MessageOf[T]) Len() (int, error) {
	stored, err := m.EncodedBody()
	return len(stored), err
}

// Stored returns the text that a read found in the queue, before decoding, and "" for a message that was not read.
func (m *MessageOf[T]) Stored() string { return m.stored }

// Delete deletes the message from the queue that it was read from.
func (m *MessageOf[T]) Delete(ctx context.Context) error {
	if m.queue == nil {
		return errNoQueue
	}
	return m.queue.DeleteMessage(ctx, m.ReceiptHandle)
}

// ChangeVisibility makes the message visible again after d from now, 0 to 12 hours after it was read. 0 gives it back.
func (m *MessageOf[T]) ChangeVisibility(ctx context.Context, d time.Duration) error {
	if m.queue == nil {
		return errNoQueue
	}
	return m.queue.ChangeMessageVisibility(ctx, m.ReceiptHandle, d)
}

// ReceiptHandles returns the receipt handles of messages, for the batch methods.
func ReceiptHandles[T any](messages []*MessageOf[T]) []string {
	handles := make([]string, len(messages))
	for i, m := range messages {
		handles[i] = m.ReceiptHandle
	}
	return handles
}
