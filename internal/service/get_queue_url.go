package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// GetQueueURL tells the URL of a queue by its name.
//
// Inputs: QueueName; QueueOwnerAWSAccountId, by default the caller's account. The path of the request does not matter:
// the action works at the URL of any queue (recorded).
//
// Order of checks: name present; queue.
//
// Errors: InvalidParameterValue without a name (recorded: not MissingParameter); QueueDoesNotExist, also for a name
// that no queue can have.
//
// Gaps: none.
func (s *Service) GetQueueURL(_ context.Context, c *Call, in *api.GetQueueURLInput) (*api.GetQueueURLOutput, error) {
	if in.QueueName == "" {
		return nil, api.QueueNameMissing.New()
	}
	k := engine.Key{Account: c.Account, Region: c.Region, Name: in.QueueName}
	if owner := orEmpty(in.QueueOwnerAWSAccountID); owner != "" {
		k.Account = owner
	}
	if _, err := s.open(k); err != nil {
		return nil, err
	}
	return &api.GetQueueURLOutput{QueueURL: c.queueURL(k)}, nil
}
