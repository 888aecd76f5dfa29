package service

import (
	"log/slog"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// Options are the optional parts of a Service. The zero value and nil are ready to use.
type Options struct {
	// Log takes the few lines that an operator should see. nil: none.
	Log *slog.Logger
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return d
}

// Service answers the actions of SQS from one engine. It is safe for concurrent use.
type Service struct {
	engine *engine.Engine
	strays *strays
}

// New returns a service over e. It owns nothing: closing e is up to the caller.
func New(e *engine.Engine, o *Options) *Service {
	d := o.withDefaults()
	return &Service{engine: e, strays: newStrays(d.Log)}
}

// Call is what an action has to know about the request beside its input. The caller fills every field that applies.
type Call struct {
	// Protocol decides between the few behaviours and texts that differ.
	Protocol api.Protocol
	// Account and Region say whose queues, and where, a bare name means.
	Account, Region string
	// BaseURL is the scheme and host that queue URLs begin with, without a slash at the end.
	BaseURL string
	// Path is the path of the request; in Query it names the queue when QueueUrl does not.
	Path string
	// SenderID is the caller as messages remember it.
	SenderID string
	// TraceHeader is the request's X-Amzn-Trace-Id header; "" is none.
	TraceHeader string
	// Memory pays for the messages of an answer. Nil: there is always enough.
	Memory engine.Memory
	// Appended is called when a send has done everything but to wait for the disk. Nil: nobody wants to know.
	Appended func()
	// RequestID is the id of the request, for the log.
	RequestID string
}

// appended calls Appended.
func (c *Call) appended() {
	if c.Appended != nil {
		c.Appended()
	}
}

// queueURL is the address of a queue. The path is exactly /account/name: boto2 takes it apart by its slashes.
func (c *Call) queueURL(k engine.Key) string {
	return c.BaseURL + "/" + k.Account + "/" + k.Name
}
