package sqs

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// RedrivePolicy says to which queue messages go that were read too often without being deleted. It is the value of
// AttributeRedrivePolicy, which an empty text removes.
type RedrivePolicy struct {
	// DeadLetterTargetARN is the ARN of the dead-letter queue: of the same account, region and type as the queue itself.
	DeadLetterTargetARN string
	// MaxReceiveCount is how often a message can be read before the next read moves it instead: 1 to 1,000.
	MaxReceiveCount int
}

// String returns the policy as AttributeRedrivePolicy has it.
func (p RedrivePolicy) String() string {
	target, err := json.Marshal(p.DeadLetterTargetARN)
	if err != nil {
		panic(err) // strings always have a form in JSON
	}
	return fmt.Sprintf(`{"deadLetterTargetArn":%s,"maxReceiveCount":%d}`, target, p.MaxReceiveCount)
}

// RedrivePolicy reads AttributeRedrivePolicy. It fails if there is none.
func (as Attributes) RedrivePolicy() (RedrivePolicy, error) {
	value, ok := as[AttributeRedrivePolicy]
	if !ok {
		return RedrivePolicy{}, fmt.Errorf("sqs: no attribute %s", AttributeRedrivePolicy)
	}
	var in struct {
		DeadLetterTargetARN string          `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.RawMessage `json:"maxReceiveCount"` // SQS takes a number in quotes, and gives it back like that
	}
	if err := json.Unmarshal([]byte(value), &in); err != nil {
		return RedrivePolicy{}, fmt.Errorf("sqs: attribute %s: %w", AttributeRedrivePolicy, err)
	}
	n, err := strconv.Atoi(strings.Trim(string(in.MaxReceiveCount), `"`))
	if err != nil {
		return RedrivePolicy{}, fmt.Errorf("sqs: attribute %s: %w", AttributeRedrivePolicy, err)
	}
	return RedrivePolicy{in.DeadLetterTargetARN, n}, nil
}

// WithDeadLetterQueue gives a new queue a RedrivePolicy: messages that were read maxReceiveCount times go to the queue
// with that ARN.
func WithDeadLetterQueue(targetARN string, maxReceiveCount int) func(*CreateOptions) {
	return WithQueueAttribute(AttributeRedrivePolicy, RedrivePolicy{targetARN, maxReceiveCount}.String())
}

// DeadLetterSourceQueues yields the queues whose RedrivePolicy names this one: boto's get_dead_letter_source_queues. It
// fetches pages of 1,000 as the loop goes on; boto returned the first page. An error ends the loop.
func (q *QueueOf[T]) DeadLetterSourceQueues(ctx context.Context) iter.Seq2[*Queue, error] {
	return q.conn.queuePages(func(token *string) ([]string, *string, error) {
		in := api.ListDeadLetterSourceQueuesInput{QueueURL: q.url, MaxResults: new(api.MaxListResults), NextToken: token}
		out, err := call(ctx, q.conn, api.ListDeadLetterSourceQueues, q.path, &in)
		if err != nil {
			return nil, nil, err
		}
		return out.QueueURLs, out.NextToken, nil
	})
}
