package sqs

import (
	"context"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// Tags returns the queue's tags, nil if it has none. boto had no tags.
func (q *QueueOf[T]) Tags(ctx context.Context) (map[string]string, error) {
	out, err := call(ctx, q.conn, api.ListQueueTags, q.path, &api.ListQueueTagsInput{QueueURL: q.url})
	if err != nil || len(out.Tags) == 0 {
		return nil, err
	}
	tags := make(map[string]string, len(out.Tags))
	for _, tag := range out.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags, nil
}

// Tag adds tags to the queue, up to 50 in all, and overwrites those that it has. It fails with ErrInvalidParameterValue
// for tags that SQS does not take.
func (q *QueueOf[T]) Tag(ctx context.Context, tags map[string]string) error {
	_, err := call(ctx, q.conn, api.TagQueue, q.path, &api.TagQueueInput{QueueURL: q.url, Tags: wireTags(tags)})
	return err
}

// Untag removes tags by their keys. Keys that the queue does not have are no error.
func (q *QueueOf[T]) Untag(ctx context.Context, keys ...string) error {
	_, err := call(ctx, q.conn, api.UntagQueue, q.path, &api.UntagQueueInput{QueueURL: q.url, TagKeys: keys})
	return err
}

// wireTags returns tags by key, so that equal calls make equal requests.
func wireTags(tags map[string]string) []api.Tag {
	if len(tags) == 0 {
		return nil
	}
	list := make([]api.Tag, 0, len(tags))
	for key, value := range tags {
		list = append(list, api.Tag{Key: key, Value: value})
	}
	slices.SortFunc(list, func(a, b api.Tag) int { return strings.Compare(a.Key, b.Key) })
	return list
}
