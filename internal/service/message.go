package service

import (
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// maker turns the messages of one request into messages of the engine.
type maker struct {
	call    *Call
	action  string    // for the text of unsupported attribute lists
	max     int       // the queue's MaximumMessageSize
	tooLong *api.Kind // the fault of a message above max: SendMessage and the batch word it differently
}

func newMaker(c *Call, info engine.QueueInfo, action string, tooLong *api.Kind) *maker {
	return &maker{call: c, action: action, max: integer(info.Definition, api.MaximumMessageSize), tooLong: tooLong}
}

// make checks one message, in LocalStack's order, which agrees with every recording: body present, size, characters of
// the body, message attributes, system attributes, characters of the ids, and at last what the type of the queue
// forbids: a delay out of range, a deduplication id.
func (mk *maker) make(e *api.SendMessageEntry) (m engine.NewMessage, err error) {
	if e.MessageBody == "" {
		return m, api.MissingParameter.New("MessageBody")
	}
	if messageSize(e) > mk.max {
		return m, mk.tooLong.New(mk.max)
	}
	if !validText(e.MessageBody) {
		return m, api.InvalidMessageContents.New()
	}
	if err := checkMessageAttributes(mk.action, e.MessageAttributes); err != nil {
		return m, err
	}
	trace, err := mk.traceHeader(e.MessageSystemAttributes)
	if err != nil {
		return m, err
	}
	if err := checkGroupAndDedup(e); err != nil {
		return m, err
	}
	delay, err := checkDelay(e)
	if err != nil {
		return m, err
	}
	return engine.NewMessage{
		Body:        e.MessageBody,
		Attributes:  e.MessageAttributes,
		TraceHeader: trace,
		GroupID:     orEmpty(e.MessageGroupID),
		SenderID:    mk.call.SenderID,
		Delay:       delay,
	}, nil
}

// messageSize is what counts against MaximumMessageSize: the body, and name, type and value of each attribute.
func messageSize(e *api.SendMessageEntry) int {
	n := len(e.MessageBody)
	for i := range e.MessageAttributes {
		a := &e.MessageAttributes[i]
		n += len(a.Name) + len(a.Value.DataType) + len(a.Value.StringValue) + len(a.Value.BinaryValue)
	}
	return n
}

// traceHeader returns the trace header of a message: the system attribute, else the request's header. A header that
// could not be stored is dropped, because its author did not mean SQS.
func (mk *maker) traceHeader(system []api.MessageAttribute) (string, error) {
	if err := checkSystemAttributes(mk.action, system); err != nil {
		return "", err
	}
	if len(system) > 0 {
		return system[0].Value.StringValue, nil
	}
	if h := mk.call.TraceHeader; len(h) <= api.MaxTraceHeader && validText(h) {
		return strings.Clone(h), nil
	}
	return "", nil
}

func checkGroupAndDedup(e *api.SendMessageEntry) error {
	if id := e.MessageGroupID; id != nil && !validGroupID(*id) {
		return api.InvalidGroupID.New(clip(*id))
	}
	if id := e.MessageDeduplicationID; id != nil && !validGroupID(*id) {
		return api.InvalidDedupID.New(clip(*id))
	}
	return nil
}

// checkDelay returns the delay of a message, -1 for the queue's own, and refuses what only FIFO queues take.
func checkDelay(e *api.SendMessageEntry) (time.Duration, error) {
	delay := time.Duration(-1)
	if d := e.DelaySeconds; d != nil {
		if *d < 0 || *d > api.MaxDelaySeconds {
			return 0, api.InvalidDelay.New(*d)
		}
		delay = seconds(*d)
	}
	if id := e.MessageDeduplicationID; id != nil {
		return 0, api.NotForThisQueueType.New(*id, api.MessageDeduplicationID)
	}
	return delay, nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
