package sqs

import (
	"context"
	"errors"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// The names of the system attributes of messages.
const (
	SystemAttributeFirstReceiveTimestamp    = api.ApproximateFirstReceiveTimestamp
	SystemAttributeReceiveCount             = api.ApproximateReceiveCount
	SystemAttributeTraceHeader              = api.AWSTraceHeader
	SystemAttributeDeadLetterQueueSourceARN = api.DeadLetterQueueSourceArn
	SystemAttributeDeduplicationID          = api.MessageDeduplicationID
	SystemAttributeGroupID                  = api.MessageGroupID
	SystemAttributeSenderID                 = api.SenderID
	SystemAttributeSentTimestamp            = api.SentTimestamp
	SystemAttributeSequenceNumber           = api.SequenceNumber
)

// ReadOptions say how to read. The zero value leaves everything to the queue.
type ReadOptions struct {
	// Visibility is how long other readers do not see the messages: 0 to 12 hours. nil: the queue's timeout.
	Visibility *time.Duration
	// Wait is how long the server waits for a message if there is none: 0 to 20 seconds. nil: the queue's waiting time.
	Wait *time.Duration
	// Attributes names the system attributes to return; "All" stands for all of them. Default: none.
	Attributes []string
	// MessageAttributes names the message attributes to return; "All" stands for all, "name.*" for those that begin with
	// name. Default: none.
	MessageAttributes []string
	// AttemptID lets a FIFO queue answer a repeated read with the same messages. Default: none.
	AttemptID string
}

// WithVisibility sets ReadOptions.Visibility. WithVisibility(0) reads without hiding.
func WithVisibility(d time.Duration) func(*ReadOptions) {
	return func(o *ReadOptions) { o.Visibility = &d }
}

// WithWait sets ReadOptions.Wait. WithWait(0) returns at once, whatever the queue's waiting time.
func WithWait(d time.Duration) func(*ReadOptions) {
	return func(o *ReadOptions) { o.Wait = &d }
}

// WithAttributes adds to ReadOptions.Attributes, all of them if none is named.
func WithAttributes(names ...string) func(*ReadOptions) {
	if len(names) == 0 {
		names = []string{AttributeAll}
	}
	return func(o *ReadOptions) { o.Attributes = append(o.Attributes, names...) }
}

// WithMessageAttributes adds to ReadOptions.MessageAttributes, all of them if none is named.
func WithMessageAttributes(names ...string) func(*ReadOptions) {
	if len(names) == 0 {
		names = []string{AttributeAll}
	}
	return func(o *ReadOptions) { o.MessageAttributes = append(o.MessageAttributes, names...) }
}

// WithAttemptID sets ReadOptions.AttemptID.
func WithAttemptID(id string) func(*ReadOptions) {
	return func(o *ReadOptions) { o.AttemptID = id }
}

// Read reads one message. It returns ErrNoMessage if there is none, after the waiting time. The message stays in the
// queue, invisible, until it is deleted; when its visibility ends first, it is read again.
func (q *QueueOf[T]) Read(ctx context.Context, optFns ...func(*ReadOptions)) (*MessageOf[T], error) {
	messages, err := q.Messages(ctx, 1, optFns...)
	if err != nil {
		return nil, err
	}
	if len(messages) == 0 {
		return nil, ErrNoMessage
	}
	return messages[0], nil
}

// Messages reads up to n messages, 1 to 10, in one request: boto's get_messages. There may be fewer than n although the
// queue has more, and none, which is no error. Another n fails with ErrInvalidParameterValue.
//
// A message whose body cannot be decoded is returned with its DecodeError. One that arrived damaged is left out; the error
// is then a *ChecksumError (or several, joined), and the other messages are returned with it.
func (q *QueueOf[T]) Messages(ctx context.Context, n int, optFns ...func(*ReadOptions)) ([]*MessageOf[T], error) {
	var o ReadOptions
	for _, fn := range optFns {
		fn(&o)
	}
	in := api.ReceiveMessageInput{
		QueueURL:              q.url,
		AttributeNames:        o.Attributes, // the older name: servers that know the newer one know both
		MessageAttributeNames: o.MessageAttributes,
		MaxNumberOfMessages:   &n,
		VisibilityTimeout:     optionalSeconds(o.Visibility),
		WaitTimeSeconds:       optionalSeconds(o.Wait),
	}
	if o.AttemptID != "" {
		in.ReceiveRequestAttemptID = &o.AttemptID
	}
	out, err := call(ctx, q.conn, api.ReceiveMessage, q.path, &in)
	if err != nil {
		return nil, err
	}
	messages := make([]*MessageOf[T], 0, len(out.Messages))
	var damaged []error
	for i := range out.Messages {
		m := &out.Messages[i]
		if err := q.checkReceived(m); err != nil {
			damaged = append(damaged, err)
			continue
		}
		messages = append(messages, q.decode(m))
	}
	return messages, errors.Join(damaged...)
}

func (q *QueueOf[T]) checkReceived(m *api.Message) error {
	if q.conn.options.DisableChecksums {
		return nil
	}
	want := digestsOf(m.Body, m.MessageAttributes, nil)
	return want.check(m.MessageID, digests{body: m.MD5OfBody, attributes: m.MD5OfMessageAttributes})
}

func (q *QueueOf[T]) decode(in *api.Message) *MessageOf[T] {
	attributes := attributesOf(in.Attributes)
	m := &MessageOf[T]{
		MessageAttributes:      attributesOfMessage(in.MessageAttributes),
		GroupID:                attributes[SystemAttributeGroupID],
		DeduplicationID:        attributes[SystemAttributeDeduplicationID],
		TraceHeader:            attributes[SystemAttributeTraceHeader],
		ID:                     in.MessageID,
		MD5:                    in.MD5OfBody,
		MD5OfMessageAttributes: in.MD5OfMessageAttributes,
		SequenceNumber:         attributes[SystemAttributeSequenceNumber],
		ReceiptHandle:          in.ReceiptHandle,
		Attributes:             attributes,
		queue:                  q,
		stored:                 in.Body,
	}
	var err error
	if m.Body, err = q.codec.Decode(in.Body); err != nil {
		m.DecodeError = &DecodeError{Stored: in.Body, Err: err}
	}
	return m
}
