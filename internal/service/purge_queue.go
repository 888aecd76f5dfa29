package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// PurgeQueue deletes every message of a queue: visible, in flight and delayed. Messages sent afterwards stay, and
// handles from before are those of deleted messages.
//
// Inputs: QueueUrl.
//
// Errors: QueueDoesNotExist; PurgeQueueInProgress, status 403 (recorded), for the second call within 60 seconds.
//
// AWS quirks kept: the 60 seconds.
//
// Gaps: none. AWS takes up to 60 seconds; here the messages are gone with the answer.
func (s *Service) PurgeQueue(ctx context.Context, c *Call, in *api.PurgeQueueInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := q.Purge(ctx); err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}
