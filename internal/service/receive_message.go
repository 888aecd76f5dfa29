package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// ReceiveMessage hands out messages and hides them for the visibility timeout.
//
// Inputs: QueueUrl; MaxNumberOfMessages, 1 to 10, default 1; VisibilityTimeout, 0 to 43200, and WaitTimeSeconds, 0 to
// 20, both by default the queue's; AttributeNames and MessageSystemAttributeNames, of which the union counts;
// MessageAttributeNames; ReceiveRequestAttemptId, on FIFO queues only.
//
// Order of checks: queue; ReceiveRequestAttemptId; MaxNumberOfMessages; VisibilityTimeout; WaitTimeSeconds. AWS's order
// is not recorded.
//
// Errors: QueueDoesNotExist, also when the queue is deleted during a long poll; InvalidParameterValue; OverLimit on a
// short poll of a standard queue with 120,000 messages in flight.
//
// AWS quirks kept: unknown names in the three lists are ignored. Without MessageAttributeNames there is no
// MD5OfMessageAttributes either, and with them it covers what is returned. WaitTimeSeconds=0 forces a short poll. A
// repeated ReceiveRequestAttemptId gets the same messages with the same handles.
//
// Gaps: none.
func (s *Service) ReceiveMessage(ctx context.Context, c *Call, in *api.ReceiveMessageInput) (*api.ReceiveMessageOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	p, err := receiveParams(in, isFIFO(q.Info().Definition))
	if err != nil {
		return nil, err
	}
	p.Memory = c.Memory
	deliveries, err := q.Receive(ctx, p)
	if err != nil {
		return nil, fault(err, q.Info().Name)
	}
	out := &api.ReceiveMessageOutput{}
	if len(deliveries) == 0 {
		return out, nil
	}
	system, user := newSystemFilter(in.AttributeNames, in.MessageSystemAttributeNames), newAttributeFilter(in.MessageAttributeNames)
	out.Messages = make([]api.Message, len(deliveries))
	for i := range deliveries {
		out.Messages[i] = shape(&deliveries[i], system, user)
	}
	return out, nil
}

func receiveParams(in *api.ReceiveMessageInput, fifo bool) (engine.ReceiveParams, error) {
	p := engine.ReceiveParams{Max: 1, Visibility: -1, Wait: -1}
	if id := in.ReceiveRequestAttemptID; id != nil {
		if !fifo {
			return p, api.NotForThisQueueType.New(clip(*id), "ReceiveRequestAttemptId")
		}
		if !validGroupID(*id) {
			return p, api.InvalidAttemptID.New(clip(*id))
		}
		p.AttemptID = *id
	}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > api.MaxNumberOfMessages {
			return p, api.InvalidMaxNumberOfMessages.New(*n)
		}
		p.Max = *n
	}
	if n := in.VisibilityTimeout; n != nil {
		if *n < 0 || *n > api.MaxVisibilityTimeout {
			return p, api.InvalidVisibilityTimeout.New(*n)
		}
		p.Visibility = seconds(*n)
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > api.MaxWaitTimeSeconds {
			return p, api.InvalidWaitTime.New(*n)
		}
		p.Wait = seconds(*n)
	}
	return p, nil
}
