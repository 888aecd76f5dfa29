package sqstest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/sqs"
)

// State says whether a message can be received.
type State string

// The states of a message that is in a queue.
const (
	Visible  State = "visible"   // a receive would return it
	InFlight State = "in flight" // it was received, and its visibility timeout runs
	Delayed  State = "delayed"   // it was sent with a delay, which runs
)

// Message is a message as it lies in its queue.
type Message struct {
	ID   string
	Body string // as stored: package sqs encodes bodies in base64 unless told otherwise

	// Attributes are the message attributes, by name. nil: none.
	Attributes  map[string]sqs.MessageAttribute
	GroupID     string // MessageGroupId; "" is none
	TraceHeader string // AWSTraceHeader; "" is none
	SenderID    string // the access key of who sent it, or anonymous

	State         State
	ReceiveCount  int       // how often it was received
	Sent          time.Time // when it was sent
	FirstReceived time.Time // when it was first received; zero: never
}

// Messages returns all messages of a queue in the order in which they were sent: those that can be received, those in
// flight and those that are delayed. It changes nothing; in particular, it counts as no receive. It fails the test if there
// is no such queue.
//
// The queue is given by its name or by its URL. One that is not in the server's region is looked for in the others.
func (s *Server) Messages(queue string) []Message {
	s.t.Helper()
	q, err := s.find(queue)
	if err != nil {
		s.t.Fatalf("sqstest: messages of %s: %v", queue, err)
	}
	found, err := q.Peek(context.Background(), math.MaxInt)
	if err != nil {
		s.t.Fatalf("sqstest: messages of %s: %v", queue, err)
	}
	out := make([]Message, len(found))
	for i := range found {
		out[i] = messageOf(&found[i])
	}
	return out
}

func messageOf(p *engine.Peeked) Message {
	m := Message{
		ID:           fmt.Sprintf("%x-%x-%x-%x-%x", p.ID[:4], p.ID[4:6], p.ID[6:8], p.ID[8:10], p.ID[10:]),
		Body:         p.Body,
		GroupID:      p.GroupID,
		TraceHeader:  p.TraceHeader,
		SenderID:     p.SenderID,
		State:        [...]State{engine.Visible: Visible, engine.InFlight: InFlight, engine.Delayed: Delayed}[p.State],
		ReceiveCount: p.ReceiveCount,
		Sent:         time.UnixMilli(p.SentAt),
	}
	if p.FirstReceive != 0 {
		m.FirstReceived = time.UnixMilli(p.FirstReceive)
	}
	for _, a := range p.Attributes {
		if m.Attributes == nil {
			m.Attributes = make(map[string]sqs.MessageAttribute, len(p.Attributes))
		}
		m.Attributes[a.Name] = sqs.MessageAttribute{DataType: a.Value.DataType, String: a.Value.StringValue, Binary: a.Value.BinaryValue}
	}
	return m
}

// find returns the queue of a name or URL.
func (s *Server) find(queue string) (*engine.Queue, error) {
	k := engine.Key{Account: s.o.Account, Region: s.o.Region}
	k.Account, k.Name = split(queue, k.Account)
	q, err := s.seam.Engine.Queue(k)
	if err == nil {
		return q, nil
	}
	if others := s.seam.Engine.Regions(k.Account, k.Name); len(others) > 0 {
		k.Region = others[0]
		return s.seam.Engine.Queue(k)
	}
	return nil, err
}

// split takes account and name from the URL or the path of a queue; a bare name belongs to account.
func split(queue, account string) (owner, name string) {
	i := strings.LastIndexByte(queue, '/')
	if i < 0 {
		return account, queue
	}
	rest := queue[:i]
	return rest[strings.LastIndexByte(rest, '/')+1:], queue[i+1:]
}
