package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// SetQueueAttributes changes attributes of a queue, all of them or none.
//
// Inputs: QueueUrl; Attributes, at least one.
//
// Order of checks: queue; attributes present; each in the order of the request.
//
// Errors: QueueDoesNotExist; MissingParameter; InvalidAttributeName for an attribute that is unknown, read-only or of
// FIFO queues only; InvalidAttributeValue.
//
// AWS quirks kept: Policy="" removes the policy, also when there is none.
//
// Gaps: RedrivePolicy, RedriveAllowPolicy and the attributes of encryption are refused by name; unsetting them with ""
// succeeds, since they are not set.
func (s *Service) SetQueueAttributes(ctx context.Context, c *Call, in *api.SetQueueAttributesInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if len(in.Attributes) == 0 {
		return nil, api.MissingParameter.New("Attributes")
	}
	asked, err := checkAttributes(in.Attributes)
	if err != nil {
		return nil, err
	}
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) { return merge(d, asked), nil })
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}
