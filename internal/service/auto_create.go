package service

import (
	"context"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// CreateMissing creates the queue that a request names, with default attributes; a name that ends in .fifo makes a FIFO
// queue. It is for --auto-create-queues: SQS has no such thing.
//
// Inputs: queueURL as in the action that found no queue; in Query the path of the request names the queue without it.
//
// Errors: those of CreateQueue; QueueDoesNotExist for a queue of another account. A queue that has come to exist
// meanwhile is none.
func (s *Service) CreateMissing(ctx context.Context, c *Call, queueURL string) (engine.Key, error) {
	k, err := c.key(queueURL)
	if err != nil {
		return k, err
	}
	if k.Account != c.Account {
		return k, api.QueueDoesNotExist.New()
	}
	in := &api.CreateQueueInput{QueueName: k.Name}
	if strings.HasSuffix(k.Name, fifoSuffix) {
		in.Attributes = api.Attributes{{Name: api.FifoQueue, Value: "true"}}
	}
	_, err = s.CreateQueue(ctx, c, in)
	return k, err
}
