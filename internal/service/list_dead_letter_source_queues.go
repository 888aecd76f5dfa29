package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
)

// ListDeadLetterSourceQueues tells the URLs of the queues whose RedrivePolicy names a queue, sorted by name.
//
// Inputs: QueueUrl; MaxResults, 1 to 1,000; NextToken of an earlier answer.
//
// Order of checks: queue; MaxResults; NextToken.
//
// Errors: QueueDoesNotExist; InvalidParameterValue.
//
// AWS quirks kept: a queue that is no dead-letter queue has no sources and is no error. Pages are as in ListQueues. The
// list is there even if it is empty, since AWS's model requires it; its name begins with a lower-case letter.
//
// Gaps: none.
func (s *Service) ListDeadLetterSourceQueues(_ context.Context, c *Call, in *api.ListDeadLetterSourceQueuesInput) (*api.ListDeadLetterSourceQueuesOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	max, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	target := q.Info().Key
	after, ok := readToken(orEmpty(in.NextToken), target.ARN())
	if !ok {
		return nil, api.InvalidNextToken.New()
	}
	out := &api.ListDeadLetterSourceQueuesOutput{}
	last := ""
	for _, k := range s.sourcesOf(target) {
		if k.Name <= after {
			continue
		}
		if len(out.QueueURLs) < max {
			out.QueueURLs, last = append(out.QueueURLs, c.queueURL(k)), k.Name
			continue
		}
		if in.MaxResults != nil {
			token := makeToken(target.ARN(), last)
			out.NextToken = &token
		}
		break
	}
	return out, nil
}
