package service

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// GetQueueAttributes tells the attributes that are asked for by name, or All.
//
// Inputs: QueueUrl, AttributeNames.
//
// Order of checks: queue; names in the order of the request.
//
// Errors: QueueDoesNotExist; InvalidAttributeName for a name that SQS does not know, the empty one included.
//
// AWS quirks kept: no names, no attributes. A name that is known but not set, or that only FIFO queues have, is left
// out without a word. The two timestamps are seconds, not milliseconds. KmsDataKeyReusePeriodSeconds shows when there
// is a key, or when it is not its default.
//
// Gaps: SqsManagedSseEnabled is true by default, as AWS says it, and nothing is encrypted here. The three counts are
// exact where AWS's are approximate.
func (s *Service) GetQueueAttributes(ctx context.Context, c *Call, in *api.GetQueueAttributesInput) (*api.GetQueueAttributesOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributeNames {
		if name != api.All && api.QueueAttributeNamed(name) == nil {
			return nil, api.UnknownAttribute.New(clip(name))
		}
	}
	info := q.Info()
	var counts engine.Counts
	if slices.ContainsFunc(in.AttributeNames, isCount) {
		if counts, err = q.Counts(ctx); err != nil {
			return nil, fault(err, info.Name)
		}
	}
	out := &api.GetQueueAttributesOutput{}
	all := slices.Contains(in.AttributeNames, api.All)
	for i := range api.QueueAttributes {
		row := &api.QueueAttributes[i]
		if !all && !slices.Contains(in.AttributeNames, row.Name) {
			continue
		}
		if value := attributeValue(row, info, counts); value != "" {
			out.Attributes = append(out.Attributes, api.Attribute{Name: row.Name, Value: value})
		}
	}
	return out, nil
}

func isCount(name string) bool {
	return name == api.All || strings.HasPrefix(name, api.ApproximateNumberOfMessages)
}

// attributeValue is the value of one attribute as SQS writes it; "" leaves it out.
func attributeValue(row *api.QueueAttribute, info engine.QueueInfo, counts engine.Counts) string {
	switch row.Name {
	case api.ApproximateNumberOfMessages:
		return strconv.Itoa(counts.Visible)
	case api.ApproximateNumberOfMessagesDelayed:
		return strconv.Itoa(counts.Delayed)
	case api.ApproximateNumberOfMessagesNotVisible:
		return strconv.Itoa(counts.InFlight)
	case api.CreatedTimestamp:
		return strconv.FormatInt(info.Created.Unix(), 10)
	case api.LastModifiedTimestamp:
		return strconv.FormatInt(info.Modified.Unix(), 10)
	case api.QueueArn:
		return info.Key.ARN()
	}
	value := current(info.Definition, row)
	switch {
	case row.FIFO && !isFIFO(info.Definition):
		return ""
	case row.Name == api.KmsDataKeyReusePeriodSeconds && value == row.Default:
		if key, _ := info.Attributes.Get(api.KmsMasterKeyID); key == "" {
			return ""
		}
	}
	return value
}
