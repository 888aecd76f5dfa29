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
// required on FIFO queues, kept and echoed on others (fair queues); MessageDeduplicationId, on FIFO queues only and
// required there without ContentBasedDeduplication.
//
// Order of checks: queue; then as in maker.make.
//
// Errors: QueueDoesNotExist; MissingParameter for an absent or empty body, and for the group of a FIFO queue's message;
// InvalidMessageContents; InvalidParameterValue for all else; UnsupportedOperation for attribute lists;
// ServiceUnavailable when the disk is full or behind, or the messages would take up more than they may.
//
// AWS quirks kept: DelaySeconds=0 overrides the queue's delay, on a FIFO queue it means the queue's delay, and more is
// refused there. A message exactly as long as the maximum "must be shorter" and is not refused. The X-Amzn-Trace-Id
// header becomes AWSTraceHeader unless that is given, and then does not make a MD5OfMessageSystemAttributes. Only the
// body counts for deduplication by content. A duplicate succeeds and gets the message id and sequence number of the
// original.
//
// Gaps: none.
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
	sent, err := q.SendNoting(ctx, []engine.NewMessage{m}, c.appended)
	if err != nil {
		return nil, fault(err, info.Name)
	}
	return &api.SendMessageOutput{
		MD5OfMessageAttributes:       attributesMD5(m.Attributes),
		MD5OfMessageBody:             sent[0].BodyMD5,
		MD5OfMessageSystemAttributes: attributesMD5(in.MessageSystemAttributes),
		MessageID:                    sent[0].ID,
		SequenceNumber:               sent[0].SequenceNumber,
	}, nil
}
