package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// ListQueueTags tells the tags of a queue, sorted by key.
//
// Inputs: QueueUrl.
//
// Errors: QueueDoesNotExist.
//
// AWS quirks kept: without tags there is no list.
//
// Gaps: none.
func (s *Service) ListQueueTags(_ context.Context, c *Call, in *api.ListQueueTagsInput) (*api.ListQueueTagsOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	return &api.ListQueueTagsOutput{Tags: q.Info().Tags}, nil
}
