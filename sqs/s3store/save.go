package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/bufeomq/bufeo/sqs"
)

// Client is what this package needs of S3. *s3.Client has it.
type Client interface {
	// PutObject stores a message.
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	// GetObject reads one.
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	// ListObjectsV2 finds them, a page at a time.
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

var _ Client = (*s3.Client)(nil)

// Options say how messages stand in the bucket. The zero value is ready to use.
type Options struct {
	// Boto stores decoded bodies and nothing else, as boto did, for queues of strings and of bytes. Default: each object is
	// the message's sqs.Record, which is lossless.
	Boto bool
	// Prefix is what the names of the objects begin with, before a slash. Default: account and name of the queue, with a
	// slash between them.
	Prefix string
	// StartAfter lets Load leave out the objects up to this name. Default: none.
	StartAfter string
	// Drain says how Save receives messages.
	Drain sqs.DrainOptions
	// Load says how Load sends them. Its Format is not used.
	Load sqs.LoadOptions
}

// Boto sets Options.Boto.
func Boto(o *Options) { o.Boto = true }

// WithPrefix sets Options.Prefix.
func WithPrefix(prefix string) func(*Options) { return func(o *Options) { o.Prefix = prefix } }

// options returns what optFns say about q.
func options[T any](q *sqs.QueueOf[T], optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Prefix == "" {
		o.Prefix = strings.TrimPrefix(q.ID(), "/")
	}
	return o
}

// Save moves all messages of the queue to a bucket: boto's save_to_s3. A page of up to ten messages is deleted from the queue
// when all of them are in the bucket. A message that comes again after an interruption replaces its object, so nothing is
// doubled. It fails as sqs's Drain does, and with the errors of S3.
func Save[T any](ctx context.Context, q *sqs.QueueOf[T], c Client, bucket string, optFns ...func(*Options)) (sqs.DrainResult, error) {
	o := options(q, optFns)
	o.Drain.Leave = false
	put := func(ctx context.Context, messages []*sqs.MessageOf[T]) error {
		errs := make([]error, len(messages)) // ten at most
		var wg sync.WaitGroup
		for i, m := range messages {
			wg.Go(func() { errs[i] = putMessage(ctx, m, c, bucket, &o) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	return q.Drain(ctx, put, func(d *sqs.DrainOptions) { *d = o.Drain })
}

func putMessage[T any](ctx context.Context, m *sqs.MessageOf[T], c Client, bucket string, o *Options) error {
	content, contentType, err := contentOf(m, o)
	if err != nil {
		return err
	}
	key := o.Prefix + "/" + m.ID
	_, err = c.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(content), ContentType: aws.String(contentType),
	})
	if err != nil {
		return fmt.Errorf("s3store: %s/%s: %w", bucket, key, err)
	}
	return nil
}

// contentOf is the content of a message's object.
func contentOf[T any](m *sqs.MessageOf[T], o *Options) (content []byte, contentType string, err error) {
	if !o.Boto {
		r := sqs.RecordOf(m)
		content, err = r.AppendJSON(nil)
		return content, "application/json", err
	}
	if m.DecodeError != nil {
		return nil, "", fmt.Errorf("s3store: message %s: %w", m.ID, m.DecodeError)
	}
	switch body := any(m.Body).(type) {
	case string:
		return []byte(body), "application/octet-stream", nil
	case []byte:
		return body, "application/octet-stream", nil
	}
	return nil, "", fmt.Errorf("s3store: bodies of type %T have no bare form: do not set Boto", m.Body)
}
