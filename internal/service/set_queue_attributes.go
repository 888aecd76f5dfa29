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
// Order of checks: queue; attributes present; each in the order of the request; those that do not go together.
//
// Errors: QueueDoesNotExist; MissingParameter; InvalidAttributeName for an attribute that is unknown, read-only or of
// FIFO queues only, and for two kinds of encryption at once; InvalidAttributeValue; InvalidParameterValue for
// RedrivePolicy and RedriveAllowPolicy.
//
// AWS quirks kept: Policy="" removes the policy, also when there is none; so do the redrive policies and KmsMasterKeyId.
// FifoQueue=true is accepted on a FIFO queue and changes nothing. A RedriveAllowPolicy counts when a source queue sets
// its RedrivePolicy; those that have set theirs keep it.
//
// Gaps: the attributes of encryption are kept and returned, and nothing is encrypted.
func (s *Service) SetQueueAttributes(ctx context.Context, c *Call, in *api.SetQueueAttributesInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if len(in.Attributes) == 0 {
		return nil, api.MissingParameter.New("Attributes")
	}
	info := q.Info()
	asked, err := s.checkAttributes(info.Key, isFIFO(info.Definition), in.Attributes)
	if err != nil {
		return nil, err
	}
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) { return change(d, asked) })
	if err != nil {
		return nil, fault(err, info.Name)
	}
	return &api.None{}, nil
}
