package gateway

import (
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/obs"
)

// autoCreating are the actions that create a missing queue where Options.AutoCreateQueues is set: those with which a
// program begins to use a queue that it takes for granted. A delete or a purge of what is not there stays an error.
var autoCreating = map[string]bool{
	api.SendMessage.Name:        true,
	api.SendMessageBatch.Name:   true,
	api.ReceiveMessage.Name:     true,
	api.GetQueueURL.Name:        true,
	api.GetQueueAttributes.Name: true,
}

// run carries out an action. If its queue is missing and may be created on first use, it is, and the action is carried
// out again. When the creation is refused, the client hears what it would have heard without it, unless there are too many queues:
// nobody would find out why the queue is missing.
func (x *exchange) run(rt *route) (any, error) {
	out, err := rt.run(x.service, x.r.Context(), x.call(), x)
	if !x.o.AutoCreateQueues || !autoCreating[rt.name] || !missesQueue(err) {
		return out, err
	}
	var in struct { // what the inputs of all these actions name their queue by
		QueueURL  string `wire:"QueueUrl"`
		QueueName string `wire:"QueueName"`
		Owner     string `wire:"QueueOwnerAWSAccountId"`
	}
	if x.decode(&in) != nil {
		return out, err
	}
	c := x.call()
	if rt.name == api.GetQueueURL.Name {
		if in.Owner != "" && in.Owner != c.Account || in.QueueName == "" {
			return out, err
		}
		c.Protocol, in.QueueURL = api.JSON, in.QueueName // the path does not count
	}
	k, createErr := x.service.CreateMissing(x.r.Context(), c, in.QueueURL)
	if createErr != nil {
		if e, ok := errors.AsType[*api.Error](createErr); ok && e.Kind.Sender() && e.Kind != api.TooManyQueues {
			return out, err
		}
		return out, createErr // the server's fault, or its operator's wish
	}
	x.o.Log.Info("queue created on first use", obs.KeyQueue, k.Name, obs.KeyRegion, k.Region, obs.KeyAction, rt.name)
	return rt.run(x.service, x.r.Context(), x.call(), x)
}

func missesQueue(err error) bool {
	e, ok := errors.AsType[*api.Error](err)
	return ok && e.Kind == api.QueueDoesNotExist
}
