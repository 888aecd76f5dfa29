package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// ChangeMessageVisibility sets when the delivery of a message is over, counted from now. 0 ends it at once.
//
// Inputs: QueueUrl, ReceiptHandle, VisibilityTimeout, 0 to 43200.
//
// Order of checks: queue; handle present; timeout present; timeout in range; handle.
//
// Errors: QueueDoesNotExist; MissingParameter; ReceiptHandleIsInvalid, status 404; InvalidParameterValue for a timeout
// out of range, one that would keep the message in flight for more than 12 hours after its receive, and a message that
// is deleted, and on a FIFO queue for a receive that is over.
//
// AWS quirks kept: on a standard queue a message that is no longer in flight is hidden again (recorded;
// MessageNotInflight is in the model and never seen), and the handle of an earlier receive works. 43200 fails from the
// first millisecond after the receive.
//
// Gaps: none.
func (s *Service) ChangeMessageVisibility(ctx context.Context, c *Call, in *api.ChangeMessageVisibilityInput) (*api.None, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	change, err := visibilityChange(in.ReceiptHandle, in.VisibilityTimeout)
	if err != nil {
		return nil, err
	}
	faults, err := q.ChangeVisibility(ctx, []engine.VisibilityChange{change})
	if err == nil {
		err = handleFault(faults[0], in.ReceiptHandle, *in.VisibilityTimeout)
	}
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	return &api.None{}, nil
}

func visibilityChange(handle string, timeout *int) (change engine.VisibilityChange, err error) {
	if _, err := requiredHandle(handle); err != nil {
		return change, err
	}
	switch {
	case timeout == nil:
		return change, api.MissingParameter.New("VisibilityTimeout")
	case *timeout < 0, *timeout > api.MaxVisibilityTimeout:
		return change, api.InvalidVisibilityTimeout.New(*timeout)
	}
	return engine.VisibilityChange{Handle: handle, Timeout: seconds(*timeout)}, nil
}
