package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// DeleteMessage deletes the message of one delivery.
//
// Inputs: QueueUrl, ReceiptHandle.
//
// Order of checks: queue; handle present; handle.
//
// Errors: QueueDoesNotExist; MissingParameter; ReceiptHandleIsInvalid, status 404 (recorded), for a handle that was
// never issued or belongs to another queue; InvalidParameterValue on a FIFO queue for a receive that is over.
//
// AWS quirks kept: deleting twice succeeds, and so does the handle of a message past its retention. On a standard queue
// so do the handle of an earlier receive and of one whose visibility timeout is over.
//
// Gaps: none.
func (s *Service) DeleteMessage(ctx context.Context, c *Call, in *api.DeleteMessageInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	handle, err := requiredHandle(in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	faults, err := q.DeleteMessages(ctx, []string{handle})
	if err == nil {
		err = handleFault(faults[0], handle, 0)
	}
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}

func requiredHandle(handle string) (string, error) {
	if handle == "" {
		return "", api.MissingParameter.New("ReceiptHandle")
	}
	return handle, nil
}
