package service

import (
	"context"
	"slices"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// UntagQueue removes tags from a queue.
//
// Inputs: QueueUrl; TagKeys, at least one.
//
// Order of checks: queue; keys.
//
// Errors: QueueDoesNotExist; InvalidParameterValue for a key that is empty or too long, and for no keys at all.
//
// AWS quirks kept: keys that the queue does not have are ignored. No keys are not a missing parameter.
//
// Gaps: none.
func (s *Service) UntagQueue(ctx context.Context, c *Call, in *api.UntagQueueInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 || !all(in.TagKeys, validTagKey) {
		return nil, api.InvalidTagKey.New()
	}
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) {
		d.Tags = slices.DeleteFunc(slices.Clone(d.Tags), func(t api.Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
		return d, nil
	})
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}

// all reports whether ok holds for each of list.
func all(list []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !ok(s) })
}
