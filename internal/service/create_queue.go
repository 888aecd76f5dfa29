package service

import (
	"context"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// CreateQueue makes a queue, or finds the one that is as asked for.
//
// Inputs: QueueName, Attributes, Tags.
//
// Order of checks: name present; FifoQueue=true (which decides what a legal name is); name; attributes in the order of
// the request; tags; a queue of that name.
//
// Errors: InvalidParameterValue for the name and the tags; InvalidAttributeName, InvalidAttributeValue;
// QueueAlreadyExists when the queue exists and an attribute of the request differs from its current value;
// QueueDeletedRecently in the first 60 seconds after a DeleteQueue.
//
// AWS quirks kept: only the attributes in the request are compared, against current values, so no attributes always
// fit, and defaults fit where nothing else was set. Policies are compared as JSON. Tags are ignored when the queue
// exists. A name that ends in .fifo without FifoQueue=true has illegal characters.
//
// Gaps: FIFO queues are refused, as an unsupported attribute FifoQueue; so are dead-letter queues and encryption.
func (s *Service) CreateQueue(ctx context.Context, c *Call, in *api.CreateQueueInput) (*api.CreateQueueOutput, error) {
	if err := checkQueueName(in); err != nil {
		return nil, err
	}
	asked, err := checkAttributes(in.Attributes)
	if err != nil {
		return nil, err
	}
	tags, err := checkTags(in.QueueName, in.Tags)
	if err != nil {
		return nil, err
	}
	k := engine.Key{Account: c.Account, Region: c.Region, Name: in.QueueName}
	fresh := merge(engine.Definition{Tags: tags}, asked)
	same := func(existing engine.Definition) error { return differs(existing, asked) }
	if _, err := s.engine.Create(ctx, k, fresh, same); err != nil {
		return nil, fault(err, k.Name)
	}
	return &api.CreateQueueOutput{QueueURL: c.queueURL(k)}, nil
}

// fifoSuffix ends the name of each FIFO queue and of no other.
const fifoSuffix = ".fifo"

func checkQueueName(in *api.CreateQueueInput) error {
	if in.QueueName == "" {
		return api.QueueNameMissing.New()
	}
	fifo, _ := in.Attributes.Get(api.FifoQueue)
	if !strings.EqualFold(fifo, "true") {
		if !validName(in.QueueName, api.MaxQueueName) {
			return api.InvalidQueueName.New()
		}
		return nil
	}
	stem, suffixed := strings.CutSuffix(in.QueueName, fifoSuffix)
	if !suffixed || !validName(stem, api.MaxQueueName-len(fifoSuffix)) {
		return api.InvalidFIFOQueueName.New()
	}
	return api.UnsupportedAttribute.New(api.FifoQueue)
}

// differs returns the fault that names the first attribute of asked that an existing queue has otherwise.
func differs(existing engine.Definition, asked api.Attributes) error {
	i := slices.IndexFunc(asked, func(a api.Attribute) bool {
		row := api.QueueAttributeNamed(a.Name)
		return !sameValue(row, a.Value, current(existing, row))
	})
	if i < 0 {
		return nil
	}
	return api.QueueNameExists.New(asked[i].Name)
}
