package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// TagQueue adds tags to a queue; a tag whose key the queue has gets the new value.
//
// Inputs: QueueUrl; Tags, at least one.
//
// Order of checks: queue; tags present; each in the order of the request; their number, with those that the queue has.
//
// Errors: QueueDoesNotExist; MissingParameter; InvalidParameterValue for key, value and number.
//
// AWS quirks kept: keys are case-sensitive, values may be empty.
//
// Gaps: none.
func (s *Service) TagQueue(ctx context.Context, c *Call, in *api.TagQueueInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, api.MissingParameter.New("Tags")
	}
	name := q.Info().Name
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) {
		tags, err := checkTags(name, d.Tags, in.Tags)
		d.Tags = tags
		return d, err
	})
	if err != nil {
		return nil, fault(err, name)
	}
	return &api.None{}, nil
}
