package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// DeleteQueue deletes a queue with all its messages. Long polls that wait on it end with QueueDoesNotExist.
//
// Inputs: QueueUrl.
//
// Errors: QueueDoesNotExist for a queue that is not there (recorded; old documents say success).
//
// AWS quirks kept: the name cannot be used again for 60 seconds.
//
// Gaps: none. AWS may go on answering for up to 60 seconds; here the queue is gone at once.
func (s *Service) DeleteQueue(ctx context.Context, c *Call, in *api.DeleteQueueInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := s.engine.Delete(ctx, q); err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}
