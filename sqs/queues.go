package sqs

import (
	"context"
	"iter"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// CreateOptions say how a new queue is to be. The zero value leaves everything to the server's defaults.
type CreateOptions struct {
	// Attributes are the attributes that differ from the defaults, as SQS spells their values.
	Attributes Attributes
	// Tags are the queue's tags.
	Tags map[string]string
}

// WithVisibilityTimeout makes messages that were read invisible for d, 0 to 12 hours, where their reader asks for
// nothing else. SQS's default is 30 seconds. boto could not create a queue with 0.
func WithVisibilityTimeout(d time.Duration) func(*CreateOptions) {
	return WithQueueAttribute(AttributeVisibilityTimeout, secondsText(d))
}

// WithQueueAttribute adds one of CreateOptions.Attributes.
func WithQueueAttribute(name, value string) func(*CreateOptions) {
	return func(o *CreateOptions) {
		if o.Attributes == nil {
			o.Attributes = Attributes{}
		}
		o.Attributes[name] = value
	}
}

// WithTag adds one of CreateOptions.Tags.
func WithTag(key, value string) func(*CreateOptions) {
	return func(o *CreateOptions) {
		if o.Tags == nil {
			o.Tags = map[string]string{}
		}
		o.Tags[key] = value
	}
}

// CreateQueue makes a queue, or returns the one that has the name already. It fails with ErrQueueNameExists if that one
// differs in an attribute that is given here, and with ErrQueueDeletedRecently within 60 seconds of a DeleteQueue.
func (c *Connection) CreateQueue(ctx context.Context, name string, optFns ...func(*CreateOptions)) (*Queue, error) {
	var o CreateOptions
	for _, fn := range optFns {
		fn(&o)
	}
	in := api.CreateQueueInput{QueueName: name, Attributes: o.Attributes.wire(), Tags: wireTags(o.Tags)}
	out, err := call(ctx, c, api.CreateQueue, "", &in)
	if err != nil {
		return nil, err
	}
	return c.QueueFromURL(out.QueueURL), nil
}

// LookupOptions say where Queue looks.
type LookupOptions struct {
	// Owner is the account that owns the queue. Default: the account that the connection's keys belong to.
	Owner string
}

// WithOwner sets LookupOptions.Owner.
func WithOwner(accountID string) func(*LookupOptions) {
	return func(o *LookupOptions) { o.Owner = accountID }
}

// Queue returns the queue called name: boto's get_queue and lookup. It fails with ErrQueueDoesNotExist if there is none;
// boto returned None for that and for every other refusal, wrong keys included.
func (c *Connection) Queue(ctx context.Context, name string, optFns ...func(*LookupOptions)) (*Queue, error) {
	var o LookupOptions
	for _, fn := range optFns {
		fn(&o)
	}
	in := api.GetQueueURLInput{QueueName: name}
	if o.Owner != "" {
		in.QueueOwnerAWSAccountID = &o.Owner
	}
	out, err := call(ctx, c, api.GetQueueURL, "", &in)
	if err != nil {
		return nil, err
	}
	return c.QueueFromURL(out.QueueURL), nil
}

// Queues yields the queues whose names start with prefix, all of them for "", in the server's order. It fetches pages
// of 1,000 as the loop goes on; boto returned the first 1,000 and no more. An error ends the loop.
func (c *Connection) Queues(ctx context.Context, prefix string) iter.Seq2[*Queue, error] {
	return c.queuePages(func(token *string) ([]string, *string, error) {
		in := api.ListQueuesInput{MaxResults: new(api.MaxListResults), NextToken: token} // without it there is no NextToken
		if prefix != "" {
			in.QueueNamePrefix = &prefix
		}
		out, err := call(ctx, c, api.ListQueues, "", &in)
		if err != nil {
			return nil, nil, err
		}
		return out.QueueURLs, out.NextToken, nil
	})
}

// queuePages yields the queues of all pages. page fetches the one that token stands for, nil the first.
func (c *Connection) queuePages(page func(token *string) (urls []string, next *string, err error)) iter.Seq2[*Queue, error] {
	return func(yield func(*Queue, error) bool) {
		var token *string
		for {
			urls, next, err := page(token)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, queueURL := range urls {
				if !yield(c.QueueFromURL(queueURL), nil) {
					return
				}
			}
			if next == nil || *next == "" {
				return
			}
			token = next
		}
	}
}

// AllQueues returns what Queues yields: boto's get_all_queues. With an error it returns the queues before it.
func (c *Connection) AllQueues(ctx context.Context, prefix string) ([]*Queue, error) {
	var all []*Queue
	for q, err := range c.Queues(ctx, prefix) {
		if err != nil {
			return all, err
		}
		all = append(all, q)
	}
	return all, nil
}

// DeleteQueue deletes the queue with all its messages. SQS takes up to 60 seconds to forget it and does not let the name
// be used again before.
func (c *Connection) DeleteQueue(ctx context.Context, q *Queue) error {
	return c.QueueFromURL(q.url).Delete(ctx)
}

// Delete deletes the queue with all its messages, as Connection.DeleteQueue does.
func (q *QueueOf[T]) Delete(ctx context.Context) error {
	_, err := call(ctx, q.conn, api.DeleteQueue, q.path, &api.DeleteQueueInput{QueueURL: q.url})
	return err
}

// Purge deletes all messages of the queue, those in flight included. SQS allows it once in 60 seconds
// (ErrPurgeQueueInProgress) and may take as long to do it.
func (q *QueueOf[T]) Purge(ctx context.Context) error {
	_, err := call(ctx, q.conn, api.PurgeQueue, q.path, &api.PurgeQueueInput{QueueURL: q.url})
	return err
}
