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
// the request; tags; attributes that do not go together; a queue of that name.
//
// Errors: InvalidParameterValue for the name, the tags and the two redrive policies; InvalidAttributeName,
// InvalidAttributeValue; QueueAlreadyExists when the queue exists and an attribute of the request differs from its
// current value; QueueDeletedRecently in the first 60 seconds after a DeleteQueue; OverLimit, status 403, when there are as
// many queues as there may be (bufeo's own).
//
// AWS quirks kept: only the attributes in the request are compared, against current values, so no attributes always
// fit, and defaults fit where nothing else was set. Policies are compared as JSON. Tags are ignored when the queue
// exists. A name that ends in .fifo without FifoQueue=true has illegal characters. A queue can be its own dead-letter
// queue, though not from the beginning: its RedrivePolicy names a queue that exists.
//
// Gaps: the attributes of encryption are kept and returned, and nothing is encrypted.
func (s *Service) CreateQueue(ctx context.Context, c *Call, in *api.CreateQueueInput) (*api.CreateQueueOutput, error) {
	wanted, _ := in.Attributes.Get(api.FifoQueue)
	fifo := strings.EqualFold(wanted, "true")
	if err := checkQueueName(in.QueueName, fifo); err != nil {
		return nil, err
	}
	k := engine.Key{Account: c.Account, Region: c.Region, Name: in.QueueName}
	asked, err := s.checkAttributes(k, fifo, in.Attributes)
	if err != nil {
		return nil, err
	}
	tags, err := checkTags(in.QueueName, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	fresh, err := change(engine.Definition{Tags: tags}, asked)
	if err != nil {
		return nil, err
	}
	same := func(existing engine.Definition) error { return differs(existing, asked) }
	if _, err := s.engine.Create(ctx, k, fresh, same); err != nil {
		return nil, fault(err, k.Name)
	}
	return &api.CreateQueueOutput{QueueURL: c.queueURL(k)}, nil
}

// fifoSuffix ends the name of each FIFO queue and of no other.
const fifoSuffix = ".fifo"

func checkQueueName(name string, fifo bool) error {
	stem, suffixed := strings.CutSuffix(name, fifoSuffix)
	switch {
	case name == "":
		return api.QueueNameMissing.New()
	case !fifo && !validName(name, api.MaxQueueName):
		return api.InvalidQueueName.New()
	case fifo && (!suffixed || !validName(stem, api.MaxQueueName-len(fifoSuffix))):
		return api.InvalidFIFOQueueName.New()
	}
	return nil
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
