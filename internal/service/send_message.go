package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// SendMessage stores one message.
//
// Inputs: QueueUrl; MessageBody, 1 byte to the queue's MaximumMessageSize with the attributes; DelaySeconds, 0 to 900,
// by default the queue's; MessageAttributes, at most 10; MessageSystemAttributes, AWSTraceHeader only; MessageGroupId,
// kept and echoed (fair queues).
//
// Order of checks: queue; then as in maker.make.
//
// Errors: QueueDoesNotExist; MissingParameter for an absent or empty body; InvalidMessageContents; InvalidParameterValue
// for all else; UnsupportedOperation for attribute lists; ServiceUnavailable when the disk is full or behind.
//
// AWS quirks kept: DelaySeconds=0 overrides the queue's delay. A message exactly as long as the maximum "must be
// shorter" and is not refused. The X-Amzn-Trace-Id header becomes AWSTraceHeader unless that is given, and then does
// not make a MD5OfMessageSystemAttributes.
//
// Gaps: MessageDeduplicationId belongs to FIFO queues, so it is refused, as AWS does on standard queues. Fair queues
// do not yet hand out quiet groups first.
func (s *Service) SendMessage(ctx context.Context, c *Call, in *api.SendMessageInput) (*api.SendMessageOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	info := q.Info()
	mk := newMaker(c, info, api.SendMessage.Name, api.MessageTooLong)
	m, err := mk.make(&api.SendMessageEntry{
		MessageBody:             in.MessageBody,
		DelaySeconds:            in.DelaySeconds,
		MessageAttributes:       in.MessageAttributes,
		MessageSystemAttributes: in.MessageSystemAttributes,
		MessageDeduplicationID:  in.MessageDeduplicationID,
		MessageGroupID:          in.MessageGroupID,
	})
	if err != nil {
		return nil, err
	}
	sent, err := q.Send(ctx, []engine.NewMessage{m})
	if err != nil {
		return nil, fault(err, info.Name)
	}
	return &api.SendMessageOutput{
		MD5OfMessageAttributes:       attributesMD5(m.Attributes),
		MD5OfMessageBody:             sent[0].BodyMD5,
		MD5OfMessageSystemAttributes: attributesMD5(in.MessageSystemAttributes),
		MessageID:                    sent[0].ID,
	}, nil
}
