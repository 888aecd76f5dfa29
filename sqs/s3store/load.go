package s3store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bufeomq/bufeo/sqs"
)

// maxObject bounds an object: a message of 1 MiB can take six times that as JSON.
const maxObject = 8 << 20

// Load sends the messages that Save put into a bucket to the queue: boto's load_from_s3. They come in the order of the names of
// their objects, that is in none. The objects stay. Bare bodies are encoded by the queue's codec.
//
// The result's Line counts the objects. It fails as sqs's Load does, and with the errors of S3. On a FIFO queue, what was sent
// is known to the server for five minutes, so that a repeated call doubles nothing within them.
func Load[T any](ctx context.Context, q *sqs.QueueOf[T], c Client, bucket string, optFns ...func(*Options)) (sqs.LoadResult, error) {
	o := options(q, optFns)
	o.Load.Format = sqs.FormatJSONLines
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.CloseWithError(writeRecords(ctx, w, q, c, bucket, &o))
	}()
	result, err := q.Load(ctx, r, func(l *sqs.LoadOptions) { *l = o.Load })
	cancel()
	_ = r.Close() // it never fails
	<-done
	return result, err
}

// writeRecords writes the record of each object as a line. nil is the end of them.
func writeRecords[T any](ctx context.Context, w io.Writer, q *sqs.QueueOf[T], c Client, bucket string, o *Options) error {
	prefix := o.Prefix + "/"
	in := &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix}
	if o.StartAfter != "" {
		in.StartAfter = &o.StartAfter
	}
	pages := s3.NewListObjectsV2Paginator(c, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("s3store: %s/%s: %w", bucket, prefix, err)
		}
		for i := range page.Contents {
			key := *page.Contents[i].Key
			line, err := recordOf(ctx, key, q, c, bucket, o)
			if err != nil {
				return fmt.Errorf("s3store: %s/%s: %w", bucket, key, err)
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// recordOf reads an object as a line.
func recordOf[T any](ctx context.Context, key string, q *sqs.QueueOf[T], c Client, bucket string, o *Options) ([]byte, error) {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	content, err := io.ReadAll(io.LimitReader(out.Body, maxObject+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxObject {
		return nil, fmt.Errorf("it is larger than %d MiB: no message", maxObject>>20)
	}
	r := &sqs.Record{MessageID: path.Base(key)}
	if o.Boto {
		r.Body, err = stored(q, content)
	} else if r, err = sqs.ParseRecord(content); err != nil && json.Valid(content) {
		err = fmt.Errorf("%w: if it is a bare body, set Boto", err)
	}
	if err != nil {
		return nil, err
	}
	return r.AppendJSON(nil)
}

// stored encodes a bare body as the queue stores it.
func stored[T any](q *sqs.QueueOf[T], body []byte) (string, error) {
	switch codec := any(q.Codec()).(type) {
	case sqs.Codec[string]:
		return codec.Encode(string(body))
	case sqs.Codec[[]byte]:
		return codec.Encode(body)
	}
	return "", errors.New("bodies of this type have no bare form: do not set Boto")
}
