package gateway

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/service"
)

// route is an action together with the method that serves it.
type route struct {
	name string
	on   api.Scope
	run  func(*service.Service, context.Context, *service.Call, *exchange) (any, error)
}

// bind makes a route. Its types let the compiler prove that the method fits the row.
func bind[In, Out any](a api.Action[In, Out], h func(*service.Service, context.Context, *service.Call, *In) (*Out, error)) *route {
	run := func(s *service.Service, ctx context.Context, c *service.Call, x *exchange) (any, error) {
		in := new(In)
		if err := x.decode(in); err != nil {
			return nil, err
		}
		if !x.o.AutoCreateQueues { // else it may be decoded again
			x.release() // a long poll waits for up to 20 seconds from here on
		}
		if around := x.o.Around; around != nil {
			return around(ctx, &Request{a.Name, c, in}, func() (any, error) { return h(s, ctx, c, in) })
		}
		return h(s, ctx, c, in)
	}
	return &route{name: a.Name, on: a.On, run: run}
}

// routes are the actions by name.
func routes() map[string]*route {
	byName := make(map[string]*route)
	for _, rt := range []*route{
		bind(api.CreateQueue, (*service.Service).CreateQueue),
		bind(api.GetQueueURL, (*service.Service).GetQueueURL),
		bind(api.ListQueues, (*service.Service).ListQueues),
		bind(api.DeleteQueue, (*service.Service).DeleteQueue),
		bind(api.GetQueueAttributes, (*service.Service).GetQueueAttributes),
		bind(api.SetQueueAttributes, (*service.Service).SetQueueAttributes),
		bind(api.SendMessage, (*service.Service).SendMessage),
		bind(api.SendMessageBatch, (*service.Service).SendMessageBatch),
		bind(api.ReceiveMessage, (*service.Service).ReceiveMessage),
		bind(api.DeleteMessage, (*service.Service).DeleteMessage),
		bind(api.DeleteMessageBatch, (*service.Service).DeleteMessageBatch),
		bind(api.ChangeMessageVisibility, (*service.Service).ChangeMessageVisibility),
		bind(api.ChangeMessageVisibilityBatch, (*service.Service).ChangeMessageVisibilityBatch),
		bind(api.PurgeQueue, (*service.Service).PurgeQueue),
		bind(api.TagQueue, (*service.Service).TagQueue),
		bind(api.UntagQueue, (*service.Service).UntagQueue),
		bind(api.ListQueueTags, (*service.Service).ListQueueTags),
		bind(api.AddPermission, (*service.Service).AddPermission),
		bind(api.RemovePermission, (*service.Service).RemovePermission),
		bind(api.ListDeadLetterSourceQueues, (*service.Service).ListDeadLetterSourceQueues),
		bind(api.StartMessageMoveTask, (*service.Service).StartMessageMoveTask),
		bind(api.CancelMessageMoveTask, (*service.Service).CancelMessageMoveTask),
		bind(api.ListMessageMoveTasks, (*service.Service).ListMessageMoveTasks),
	} {
		byName[rt.name] = rt
	}
	return byName
}

// Actions lists the names of the actions that are served, sorted.
func Actions() []string { return slices.Sorted(maps.Keys(routes())) }

// errNoAction: a Query request without Action. AWS answers it with 404 and a document of its own (recorded).
var errNoAction = errors.New("request names no action")

// route finds the route of an action. A queue's URL does not take the actions of the service (recorded, Query only:
// JSON ignores the path).
func (x *exchange) route(action string) (*route, error) {
	rt := x.routes[action]
	if rt == nil {
		return nil, api.InvalidAction.New(clip(action))
	}
	x.action = rt.name // what is logged is a name of ours
	if x.protocol == api.Query && rt.on == api.OnService && onQueue(x.r.URL.Path) {
		return nil, api.InvalidAction.New(action)
	}
	return rt, nil
}

// onQueue reports whether a path is that of a queue: two segments or more.
func onQueue(path string) bool {
	return strings.Contains(strings.Trim(path, "/"), "/")
}

// maxEcho bounds what a fault repeats of a client's own words.
const maxEcho = 256

func clip(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	return strings.ToValidUTF8(s[:maxEcho], "") + "..."
}
