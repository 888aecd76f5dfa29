package declare

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/service"
)

// target is the queues that are changed: those of the server, or the copy. Everything goes through the service, as if
// the owner of the queues had sent it.
type target struct{ *service.Service }

func callFor(k engine.Key) (c *service.Call, queueURL string) {
	return &service.Call{Protocol: api.JSON, Account: k.Account, Region: k.Region}, "/" + k.Account + "/" + k.Name
}

// create makes a queue.
func (t target) create(ctx context.Context, k engine.Key, attributes, tags []Value) error {
	c, _ := callFor(k)
	_, err := t.CreateQueue(ctx, c, &api.CreateQueueInput{QueueName: k.Name, Attributes: wireAttributes(attributes), Tags: wireTags(tags)})
	return err
}

// change sets attributes and tags of a queue that is there.
func (t target) change(ctx context.Context, k engine.Key, attributes, tags []Value) error {
	c, url := callFor(k)
	if len(attributes) > 0 {
		in := &api.SetQueueAttributesInput{QueueURL: url, Attributes: wireAttributes(attributes)}
		if _, err := t.SetQueueAttributes(ctx, c, in); err != nil {
			return err
		}
	}
	if len(tags) > 0 {
		if _, err := t.TagQueue(ctx, c, &api.TagQueueInput{QueueURL: url, Tags: wireTags(tags)}); err != nil {
			return err
		}
	}
	return nil
}

// state is how a queue is: attributes and tags by name.
type state struct {
	attributes, tags map[string]string
}

// look returns the state of a queue, nil if there is none.
func (t target) look(ctx context.Context, k engine.Key) (*state, error) {
	c, url := callFor(k)
	as, err := t.GetQueueAttributes(ctx, c, &api.GetQueueAttributesInput{QueueURL: url, AttributeNames: settable()})
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ts, err := t.ListQueueTags(ctx, c, &api.ListQueueTagsInput{QueueURL: url})
	if err != nil {
		return nil, err
	}
	s := &state{map[string]string{}, map[string]string{}}
	for _, a := range as.Attributes {
		s.attributes[a.Name] = a.Value
	}
	for _, tag := range ts.Tags {
		s.tags[tag.Key] = tag.Value
	}
	return s, nil
}

func wireAttributes(vs []Value) (as api.Attributes) {
	for _, v := range vs {
		as = append(as, api.Attribute{Name: v.Name, Value: v.Value})
	}
	return as
}

func wireTags(vs []Value) (ts []api.Tag) {
	for _, v := range vs {
		ts = append(ts, api.Tag{Key: v.Name, Value: v.Value})
	}
	return ts
}
