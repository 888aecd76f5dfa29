package service

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// maker turns the messages of one request into messages of the engine.
type maker struct {
	call         *Call
	action       string    // for the text of unsupported attribute lists
	max          int       // the queue's MaximumMessageSize
	tooLong      *api.Kind // the fault of a message above max: SendMessage and the batch word it differently
	fifo         bool      // of a FIFO queue
	contentBased bool      // its ContentBasedDeduplication
}

func newMaker(c *Call, info engine.QueueInfo, action string, tooLong *api.Kind) *maker {
	content, _ := info.Attributes.Get(api.ContentBasedDeduplication)
	return &maker{
		call:         c,
		action:       action,
		max:          integer(info.Definition, api.MaximumMessageSize),
		tooLong:      tooLong,
		fifo:         isFIFO(info.Definition),
		contentBased: content == "true",
	}
}

// make checks one message, in LocalStack's order, which agrees with every recording: body present, size, characters of
// the body, message attributes, system attributes, characters of the ids, and at last what the type of the queue asks
// for or forbids: the delay; on a FIFO queue group and deduplication id, on others no deduplication id.
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
	if err := mk.checkIDs(e); err != nil {
		return m, err
	}
	delay, err := mk.delay(e)
	if err != nil {
		return m, err
	}
	dedup, err := mk.deduplication(e)
	if err != nil {
		return m, err
	}
	return engine.NewMessage{
		Body:            e.MessageBody,
		Attributes:      e.MessageAttributes,
		TraceHeader:     trace,
		GroupID:         orEmpty(e.MessageGroupID),
		DeduplicationID: dedup,
		SenderID:        mk.call.SenderID,
		Delay:           delay,
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

// checkIDs checks the characters of group and deduplication id. An empty group is a bad one on a standard queue
// (recorded), and none on a FIFO queue.
func (mk *maker) checkIDs(e *api.SendMessageEntry) error {
	if id := e.MessageGroupID; id != nil && !validGroupID(*id) && !(mk.fifo && *id == "") {
		return api.InvalidGroupID.New(clip(*id))
	}
	if id := e.MessageDeduplicationID; id != nil && !validGroupID(*id) {
		return api.InvalidDedupID.New(clip(*id))
	}
	return nil
}

// delay returns the delay of a message, -1 for the queue's own. A FIFO queue has no other: a message may ask for 0 and
// means the queue's (recorded).
func (mk *maker) delay(e *api.SendMessageEntry) (time.Duration, error) {
	d := e.DelaySeconds
	switch {
	case d == nil:
		return -1, nil
	case mk.fifo && *d > 0:
		return 0, api.NotForThisQueueType.New(*d, api.DelaySeconds)
	case *d < 0, *d > api.MaxDelaySeconds:
		return 0, api.InvalidDelay.New(*d)
	case mk.fifo:
		return -1, nil
	}
	return seconds(*d), nil
}

// deduplication returns the deduplication id of a message of a FIFO queue, that is the one it was sent with, else the
// digest of its body alone if the queue deduplicates by content. The message must have a group, too.
func (mk *maker) deduplication(e *api.SendMessageEntry) (string, error) {
	id := e.MessageDeduplicationID
	switch {
	case !mk.fifo && id != nil:
		return "", api.NotForThisQueueType.New(*id, api.MessageDeduplicationID)
	case !mk.fifo:
		return "", nil
	case orEmpty(e.MessageGroupID) == "":
		return "", api.MissingParameter.New(api.MessageGroupID)
	case id != nil:
		return *id, nil
	case !mk.contentBased:
		return "", api.DedupIDMissing.New()
	}
	digest := sha256.Sum256([]byte(e.MessageBody))
	return hex.EncodeToString(digest[:]), nil
}

// checkFIFOEntry finds an entry of a batch for a FIFO queue that lacks a deduplication id or a group. It fails the whole
// request, and the missing group is another fault than in SendMessage (both recorded).
func (mk *maker) checkFIFOEntry(e *api.SendMessageEntry) error {
	switch {
	case !mk.fifo:
		return nil
	case e.MessageDeduplicationID == nil && !mk.contentBased:
		return api.DedupIDMissing.New()
	case orEmpty(e.MessageGroupID) == "":
		return api.BatchGroupIDMissing.New()
	}
	return nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
