package sqs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// The names of the attributes of queues.
const (
	AttributeAll                           = api.All // stands for all of them in a request
	AttributeMessages                      = api.ApproximateNumberOfMessages
	AttributeMessagesDelayed               = api.ApproximateNumberOfMessagesDelayed
	AttributeMessagesNotVisible            = api.ApproximateNumberOfMessagesNotVisible
	AttributeContentBasedDeduplication     = api.ContentBasedDeduplication // FIFO queues only
	AttributeCreatedTimestamp              = api.CreatedTimestamp
	AttributeDeduplicationScope            = api.DeduplicationScope // FIFO queues only
	AttributeDelaySeconds                  = api.DelaySeconds
	AttributeFIFOQueue                     = api.FifoQueue           // for CreateQueue; "true" or not given at all
	AttributeFIFOThroughputLimit           = api.FifoThroughputLimit // FIFO queues only
	AttributeKmsDataKeyReusePeriodSeconds  = api.KmsDataKeyReusePeriodSeconds
	AttributeKmsMasterKeyID                = api.KmsMasterKeyID
	AttributeLastModifiedTimestamp         = api.LastModifiedTimestamp
	AttributeMaximumMessageSize            = api.MaximumMessageSize
	AttributeMessageRetentionPeriod        = api.MessageRetentionPeriod
	AttributePolicy                        = api.Policy
	AttributeQueueARN                      = api.QueueArn
	AttributeReceiveMessageWaitTimeSeconds = api.ReceiveMessageWaitTimeSeconds
	AttributeRedriveAllowPolicy            = api.RedriveAllowPolicy
	AttributeRedrivePolicy                 = api.RedrivePolicy // see RedrivePolicy
	AttributeSqsManagedSseEnabled          = api.SqsManagedSseEnabled
	AttributeVisibilityTimeout             = api.VisibilityTimeout
)

// Attributes are the attributes of a queue, or the system attributes of a message, by name. SQS carries all values as
// strings; the methods read them as what they mean. The nil map is empty and may be read.
type Attributes map[string]string

// Int returns the value called name as a number. It fails if there is none, or not a number.
func (as Attributes) Int(name string) (int, error) {
	value, ok := as[name]
	if !ok {
		return 0, fmt.Errorf("sqs: no attribute %s", name)
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("sqs: attribute %s: %w", name, err)
	}
	return n, nil
}

// Duration returns the value called name, which is in seconds, as a duration. It fails as Int does.
func (as Attributes) Duration(name string) (time.Duration, error) {
	n, err := as.Int(name)
	return time.Duration(n) * time.Second, err
}

// Time returns the value called name, an instant, in the local time zone. The instants of queues are in seconds since
// 1970, those of messages in milliseconds; the value itself tells which. It fails as Int does.
func (as Attributes) Time(name string) (time.Time, error) {
	n, err := as.Int(name)
	if err != nil {
		return time.Time{}, err
	}
	const seconds = 1e11 // in seconds that is the year 5138, in milliseconds it is 1973
	if n < seconds {
		return time.Unix(int64(n), 0), nil
	}
	return time.UnixMilli(int64(n)), nil
}

// wire returns the attributes by name, so that equal calls make equal requests.
func (as Attributes) wire() api.Attributes {
	list := make(api.Attributes, 0, len(as))
	for name, value := range as {
		list = append(list, api.Attribute{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b api.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func attributesOf(list api.Attributes) Attributes {
	if len(list) == 0 {
		return nil
	}
	as := make(Attributes, len(list))
	for _, a := range list {
		as[a.Name] = a.Value
	}
	return as
}

// Attributes returns the named attributes of the queue, or all of them if none is named. Those that are not set are
// absent.
func (q *QueueOf[T]) Attributes(ctx context.Context, names ...string) (Attributes, error) {
	if len(names) == 0 {
		names = []string{AttributeAll}
	}
	in := api.GetQueueAttributesInput{QueueURL: q.url, AttributeNames: names}
	out, err := call(ctx, q.conn, api.GetQueueAttributes, q.path, &in)
	if err != nil {
		return nil, err
	}
	return attributesOf(out.Attributes), nil
}

// Attribute returns one attribute of the queue, "" if it is not set. It fails with ErrInvalidAttributeName if there is no
// such attribute.
func (q *QueueOf[T]) Attribute(ctx context.Context, name string) (string, error) {
	attributes, err := q.Attributes(ctx, name)
	return attributes[name], err
}

// SetAttribute changes one attribute of the queue, as SetAttributes does.
func (q *QueueOf[T]) SetAttribute(ctx context.Context, name, value string) error {
	return q.SetAttributes(ctx, Attributes{name: value})
}

// SetAttributes changes attributes of the queue, all or none of them. SQS takes up to 60 seconds to apply them
// everywhere, and up to 15 minutes for the retention period. It fails with ErrInvalidAttributeName or
// ErrInvalidAttributeValue.
func (q *QueueOf[T]) SetAttributes(ctx context.Context, attributes Attributes) error {
	in := api.SetQueueAttributesInput{QueueURL: q.url, Attributes: attributes.wire()}
	_, err := call(ctx, q.conn, api.SetQueueAttributes, q.path, &in)
	return err
}

// Timeout returns the queue's visibility timeout: boto's get_timeout.
func (q *QueueOf[T]) Timeout(ctx context.Context) (time.Duration, error) {
	attributes, err := q.Attributes(ctx, AttributeVisibilityTimeout)
	if err != nil {
		return 0, err
	}
	return attributes.Duration(AttributeVisibilityTimeout)
}

// SetTimeout changes the queue's visibility timeout, 0 to 12 hours. Messages in flight keep theirs.
func (q *QueueOf[T]) SetTimeout(ctx context.Context, d time.Duration) error {
	return q.SetAttribute(ctx, AttributeVisibilityTimeout, secondsText(d))
}

// Count returns how many messages could be read now: those in flight and those delayed do not count. On Amazon SQS it is
// approximate.
func (q *QueueOf[T]) Count(ctx context.Context) (int, error) {
	attributes, err := q.Attributes(ctx, AttributeMessages)
	if err != nil {
		return 0, err
	}
	return attributes.Int(AttributeMessages)
}
