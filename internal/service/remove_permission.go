package service

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// RemovePermission removes the statement of a label from the queue's policy, whoever wrote it.
//
// Inputs: QueueUrl; Label.
//
// Order of checks: queue; label present; a statement of that label.
//
// Errors: QueueDoesNotExist; MissingParameter; InvalidParameterValue for a label that is not there, in other words when
// there is no policy at all.
//
// AWS quirks kept: with the last statement the policy goes (recorded).
//
// Gaps: none.
func (s *Service) RemovePermission(ctx context.Context, c *Call, in *api.RemovePermissionInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if in.Label == "" {
		return nil, api.MissingParameter.New("Label")
	}
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) { return forbid(d, in.Label) })
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}

// forbid returns d without the label's statement in its policy.
func forbid(d engine.Definition, label string) (engine.Definition, error) {
	text, has := d.Attributes.Get(api.Policy)
	if !has {
		return d, api.LabelWithoutPolicy.New(clip(label))
	}
	p, err := readPolicy(text)
	if err != nil {
		return d, err
	}
	if !p.has(label) {
		return d, api.LabelNotInPolicy.New(clip(label))
	}
	p.statements = slices.DeleteFunc(p.statements, func(s json.RawMessage) bool { return labelled(s, label) })
	text = ""
	if len(p.statements) > 0 {
		text = p.text()
	}
	return merge(d, api.Attributes{{Name: api.Policy, Value: text}}), nil
}
