package service

import (
	"context"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// AddPermission adds a statement to the queue's policy that allows actions to accounts.
//
// Inputs: QueueUrl; Label, 1 to 80 letters, digits, hyphens and underscores; AWSAccountIds, each of 12 digits; Actions, 1
// to 7, or * for all that can be given away.
//
// Order of checks: queue; label present, actions present; label; number of actions; accounts; actions in the order of
// the request; a statement of that label; the size of the policy.
//
// Errors: QueueDoesNotExist; MissingParameter; InvalidParameterValue; OverLimit, status 403, for an eighth action, and
// for a policy that would have more than 20 statements or 8,192 bytes.
//
// AWS quirks kept: the policy is the attribute Policy, a new one has the version of 2008. The name of an action covers
// its batch form, and the batch's own name is unknown. No accounts at all are an invalid principal.
//
// Gaps: as all policies, it is kept and not enforced.
func (s *Service) AddPermission(ctx context.Context, c *Call, in *api.AddPermissionInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := checkPermission(in); err != nil {
		return nil, err
	}
	k := q.Info().Key
	err = q.Update(ctx, func(d engine.Definition) (engine.Definition, error) { return permit(k, d, in) })
	if err != nil {
		return nil, fault(err, k.Name)
	}
	return &api.None{}, nil
}

// delegable are the actions that a queue's owner can allow to others.
var delegable = []string{
	"*",
	api.ChangeMessageVisibility.Name,
	api.DeleteMessage.Name,
	api.GetQueueAttributes.Name,
	api.GetQueueURL.Name,
	api.ListDeadLetterSourceQueues.Name,
	api.PurgeQueue.Name,
	api.ReceiveMessage.Name,
	api.SendMessage.Name,
}

// ownerOnly are the others, without the batches.
var ownerOnly = []string{
	api.AddPermission.Name,
	api.CancelMessageMoveTask.Name,
	api.CreateQueue.Name,
	api.DeleteQueue.Name,
	api.ListMessageMoveTasks.Name,
	api.ListQueueTags.Name,
	api.ListQueues.Name,
	api.RemovePermission.Name,
	api.SetQueueAttributes.Name,
	api.StartMessageMoveTask.Name,
	api.TagQueue.Name,
	api.UntagQueue.Name,
}

func checkPermission(in *api.AddPermissionInput) error {
	switch n := len(in.Actions); {
	case in.Label == "":
		return api.MissingParameter.New("Label")
	case n == 0:
		return api.MissingParameter.New("Actions")
	case !validName(in.Label, api.MaxLabel):
		return api.InvalidLabel.New(clip(in.Label))
	case n > api.MaxPermissionActions:
		return api.TooManyPermissions.New(n)
	case len(in.AWSAccountIDs) == 0 || !all(in.AWSAccountIDs, validAccount):
		return api.InvalidPrincipal.New(clip(strings.Join(in.AWSAccountIDs, ", ")))
	}
	for _, action := range in.Actions {
		switch {
		case slices.Contains(ownerOnly, action):
			return api.OwnerOnlyPermission.New(action)
		case !slices.Contains(delegable, action):
			return api.UnknownPermission.New(clip(action))
		}
	}
	return nil
}

// permit returns d with the permission in its policy.
func permit(k engine.Key, d engine.Definition, in *api.AddPermissionInput) (engine.Definition, error) {
	p := newPolicy(k)
	if text, has := d.Attributes.Get(api.Policy); has {
		var err error
		if p, err = readPolicy(text); err != nil {
			return d, err
		}
	}
	if p.has(in.Label) {
		return d, api.LabelExists.New(in.Label)
	}
	p.add(k, in.Label, in.AWSAccountIDs, in.Actions)
	text := p.text()
	switch n := len(p.statements); {
	case n > api.MaxPolicyStatements:
		return d, api.TooManyStatements.New(n - 1)
	case len(text) > api.MaxPolicyBytes:
		return d, api.PolicyTooLong.New(len(text))
	}
	return merge(d, api.Attributes{{Name: api.Policy, Value: text}}), nil
}
