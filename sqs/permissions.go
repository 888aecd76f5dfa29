package sqs

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// AddPermission lets other accounts use the queue: the accounts by their ids, the actions by AWS's names, such as
// SendMessage, or "*". label names what is added, for RemovePermission. It changes the attribute AttributePolicy, where
// more than that can be said. It fails with ErrInvalidParameterValue for what SQS does not take, such as a label that is
// used already, and with ErrOverLimit beyond 7 actions.
func (q *QueueOf[T]) AddPermission(ctx context.Context, label string, accounts, actions []string) error {
	in := api.AddPermissionInput{QueueURL: q.url, Label: label, AWSAccountIDs: accounts, Actions: actions}
	_, err := call(ctx, q.conn, api.AddPermission, q.path, &in)
	return err
}

// RemovePermission takes back what AddPermission added under label. It fails with ErrInvalidParameterValue if there is
// nothing of that label.
func (q *QueueOf[T]) RemovePermission(ctx context.Context, label string) error {
	_, err := call(ctx, q.conn, api.RemovePermission, q.path, &api.RemovePermissionInput{QueueURL: q.url, Label: label})
	return err
}
