package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// sendFaulty provokes SendMessage to q, or to the queue that in names, with a body of "b" unless in has one.
func sendFaulty(p *play, in api.SendMessageInput, args ...any) refusal {
	p.Helper()
	if in.QueueURL == "" {
		in.QueueURL = "q"
	}
	if in.MessageBody == "" {
		in.MessageBody = "b"
	}
	return refuse(p, api.SendMessage, in, args...)
}

// attributeFaulty provokes SendMessage with one message attribute.
func attributeFaulty(p *play, name string, value api.MessageAttributeValue, args ...any) refusal {
	p.Helper()
	return sendFaulty(p, api.SendMessageInput{MessageAttributes: []api.MessageAttribute{{Name: name, Value: value}}}, args...)
}

func stringValue(s string) api.MessageAttributeValue {
	return api.MessageAttributeValue{DataType: "String", StringValue: s}
}

var messageProvocations = []provocation{
	{when: "body has a code point outside the allowed set", try: func(p *play) refusal {
		return sendFaulty(p, api.SendMessageInput{MessageBody: "\x08"})
	}},
	{when: "SendMessage too large", try: func(p *play) refusal {
		p.create("small", api.MaximumMessageSize, "1024")
		return sendFaulty(p, api.SendMessageInput{QueueURL: "small", MessageBody: strings.Repeat("a", 1025)}, 1024)
	}},
	{when: "DelaySeconds not 0..900", try: func(p *play) refusal {
		return sendFaulty(p, api.SendMessageInput{DelaySeconds: new(901)}, 901)
	}},
	{when: "MessageDeduplicationId (or ReceiveRequestAttemptId) on standard queue", try: func(p *play) refusal {
		return sendFaulty(p, api.SendMessageInput{MessageDeduplicationID: new("d")}, "d", "MessageDeduplicationId")
	}},
	{when: "MessageDeduplicationId (or ReceiveRequestAttemptId) on standard queue", try: func(p *play) refusal {
		return refuse(p, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: "q", ReceiveRequestAttemptID: new("a")}, "a", "ReceiveRequestAttemptId")
	}},
	{when: "MessageGroupId bad charset/length (either queue type)", try: func(p *play) refusal {
		return sendFaulty(p, api.SendMessageInput{MessageGroupID: new("a b")}, "a b")
	}},
	{when: "StringListValues / BinaryListValues used", try: func(p *play) refusal {
		return attributeFaulty(p, "n", api.MessageAttributeValue{DataType: "String", StringListValues: []string{"v"}}, "SendMessage")
	}},
	{when: "message attribute empty value", try: func(p *play) refusal { return attributeFaulty(p, "n", stringValue(""), "n", "String") }},
	{when: "message attribute unknown type", try: func(p *play) refusal {
		return attributeFaulty(p, "n", api.MessageAttributeValue{DataType: "string", StringValue: "v"}, "n")
	}},
	{when: "> 10 message attributes", try: func(p *play) refusal {
		var in api.SendMessageInput
		for i := range 11 {
			in.MessageAttributes = append(in.MessageAttributes, api.MessageAttribute{Name: fmt.Sprint("n", i), Value: stringValue("v")})
		}
		return sendFaulty(p, in, 11)
	}},
	{when: "message attribute name empty (query form)", try: func(p *play) refusal { return attributeFaulty(p, "", stringValue("v")) }},
	{when: "attribute name reserved prefix / leading or trailing dot", try: func(p *play) refusal {
		return attributeFaulty(p, "AWS.x", stringValue("v"))
	}},
	{when: "ReceiveMessage MaxNumberOfMessages not 1..10", try: func(p *play) refusal {
		return refuse(p, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: "q", MaxNumberOfMessages: new(11)}, 11)
	}},
	{when: "ReceiveMessage WaitTimeSeconds not 0..20", try: func(p *play) refusal {
		return refuse(p, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: "q", WaitTimeSeconds: new(-1)}, -1)
	}},
	{when: "standard queue in-flight limit reached, short poll", try: func(p *play) refusal {
		p.fillFlight("q")
		return refuse(p, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: "q"})
	}},
}

// fillFlight puts as many messages in flight as a queue can have, without HTTP: that would take a minute.
func (p *play) fillFlight(name string) {
	p.Helper()
	q, err := p.fixture.engine.Queue(engine.Key{Account: "000000000000", Region: "us-east-1", Name: name})
	if err != nil {
		p.Fatal(err)
	}
	messages := make([]engine.NewMessage, 1000)
	for i := range messages {
		messages[i] = engine.NewMessage{Body: "b", Delay: -1}
	}
	for got := 0; got < api.MaxInFlight; {
		if _, err := q.Send(p.Context(), messages); err != nil {
			p.Fatal(err)
		}
		ds, err := q.Receive(p.Context(), engine.ReceiveParams{Max: len(messages), Visibility: time.Hour})
		if err != nil {
			p.Fatal(err)
		}
		got += len(ds)
	}
	do(p, api.SendMessage, api.SendMessageInput{QueueURL: name, MessageBody: "one more"})
}

// fifoFaulty provokes SendMessage to a FIFO queue with all that it needs, as far as change leaves it.
func fifoFaulty(p *play, change func(in *api.SendMessageInput), args ...any) refusal {
	p.Helper()
	p.create("q.fifo", api.FifoQueue, "true")
	in := api.SendMessageInput{QueueURL: "q.fifo", MessageGroupID: new("g"), MessageDeduplicationID: new("d")}
	change(&in)
	return sendFaulty(p, in, args...)
}

// fifoBatchFaulty does so with SendMessageBatch.
func fifoBatchFaulty(p *play, e api.SendMessageEntry) refusal {
	p.Helper()
	p.create("q.fifo", api.FifoQueue, "true")
	e.ID, e.MessageBody = "e", "b"
	return refuse(p, api.SendMessageBatch, api.SendMessageBatchInput{QueueURL: "q.fifo", Entries: []api.SendMessageEntry{e}})
}

var fifoProvocations = []provocation{
	{when: "DelaySeconds > 0 on FIFO", try: func(p *play) refusal {
		return fifoFaulty(p, func(in *api.SendMessageInput) { in.DelaySeconds = new(2) }, 2)
	}},
	{when: "MessageGroupId bad charset/length (either queue type)", try: func(p *play) refusal {
		return fifoFaulty(p, func(in *api.SendMessageInput) { in.MessageGroupID = new("ä") }, "ä")
	}},
	{when: "MessageDeduplicationId bad charset/length", try: func(p *play) refusal {
		long := strings.Repeat("a", 129)
		return fifoFaulty(p, func(in *api.SendMessageInput) { in.MessageDeduplicationID = &long }, long)
	}},
	{when: "FIFO send without dedup id and without content-based dedup (single and batch)", try: func(p *play) refusal {
		return fifoFaulty(p, func(in *api.SendMessageInput) { in.MessageDeduplicationID = nil })
	}},
	{when: "FIFO send without dedup id and without content-based dedup (single and batch)", try: func(p *play) refusal {
		return fifoBatchFaulty(p, api.SendMessageEntry{MessageGroupID: new("g")})
	}},
	{when: "FIFO SendMessageBatch with an entry lacking MessageGroupId (whole request)", try: func(p *play) refusal {
		return fifoBatchFaulty(p, api.SendMessageEntry{MessageDeduplicationID: new("d")})
	}},
	{when: whenMissing, try: func(p *play) refusal {
		return fifoFaulty(p, func(in *api.SendMessageInput) { in.MessageGroupID = nil }, "MessageGroupId")
	}},
}

// changeFaulty provokes ChangeMessageVisibility.
func changeFaulty(p *play, queue, handle string, timeout int, args ...any) refusal {
	p.Helper()
	return refuse(p, api.ChangeMessageVisibility,
		api.ChangeMessageVisibilityInput{QueueURL: queue, ReceiptHandle: handle, VisibilityTimeout: &timeout}, args...)
}

var handleProvocations = []provocation{
	{when: "handle was never issued by the service (does not decode)", try: func(p *play) refusal {
		return refuse(p, api.DeleteMessage, api.DeleteMessageInput{QueueURL: "q", ReceiptHandle: "garbage"}, "garbage")
	}},
	{when: "handle was never issued by the service (does not decode)", try: func(p *play) refusal { return changeFaulty(p, "q", "garbage", 1, "garbage") }},
	{when: "well-formed handle issued for a different queue", try: func(p *play) refusal {
		p.create("other")
		handle := p.received("other")
		return refuse(p, api.DeleteMessage, api.DeleteMessageInput{QueueURL: "q", ReceiptHandle: handle}, handle)
	}},
	{when: "ChangeMessageVisibility: receive-time + new timeout > 12 h", try: func(p *play) refusal {
		handle := p.received("q")
		p.advance(time.Second)
		return changeFaulty(p, "q", handle, 43200, 43200)
	}},
	{when: "ChangeMessageVisibility on deleted message (or one no longer known)", try: func(p *play) refusal {
		handle := p.received("q")
		do(p, api.DeleteMessage, api.DeleteMessageInput{QueueURL: "q", ReceiptHandle: handle})
		return changeFaulty(p, "q", handle, 1, handle)
	}},
	{when: "FIFO DeleteMessage / ChangeMessageVisibility after visibility expired", try: func(p *play) refusal {
		handle := p.expired()
		return refuse(p, api.DeleteMessage, api.DeleteMessageInput{QueueURL: "q.fifo", ReceiptHandle: handle}, handle)
	}},
	{when: "FIFO DeleteMessage / ChangeMessageVisibility after visibility expired", try: func(p *play) refusal {
		handle := p.expired()
		return changeFaulty(p, "q.fifo", handle, 1, handle)
	}},
}

// expired is the handle of a receive from a FIFO queue that is over.
func (p *play) expired() (handle string) {
	p.Helper()
	p.create("q.fifo", api.FifoQueue, "true")
	handle = p.received("q.fifo")
	p.advance(31 * time.Second)
	return handle
}

// entriesOf are n entries of a batch.
func entriesOf(n int) (es []api.SendMessageEntry) {
	for i := range n {
		es = append(es, api.SendMessageEntry{ID: fmt.Sprint("e", i), MessageBody: "b"})
	}
	return es
}

// batchFaulty provokes SendMessageBatch to q.
func batchFaulty(p *play, entries []api.SendMessageEntry, args ...any) refusal {
	p.Helper()
	return refuse(p, api.SendMessageBatch, api.SendMessageBatchInput{QueueURL: "q", Entries: entries}, args...)
}

var batchProvocations = []provocation{
	{when: "batch with zero entries", try: func(p *play) refusal { return batchFaulty(p, nil, "SendMessage") }},
	{when: "batch with zero entries", try: func(p *play) refusal {
		return refuse(p, api.DeleteMessageBatch, api.DeleteMessageBatchInput{QueueURL: "q"}, "DeleteMessage")
	}},
	{when: "batch with zero entries", try: func(p *play) refusal {
		return refuse(p, api.ChangeMessageVisibilityBatch, api.ChangeMessageVisibilityBatchInput{QueueURL: "q"}, "ChangeMessageVisibility")
	}},
	{when: "> 10 entries", try: func(p *play) refusal { return batchFaulty(p, entriesOf(11), 11) }},
	{when: "duplicate entry Id", try: func(p *play) refusal { return batchFaulty(p, append(entriesOf(2), entriesOf(1)...), "e0") }},
	{when: "entry Id empty, > 80 chars or not [A-Za-z0-9_-]", try: func(p *play) refusal {
		return batchFaulty(p, []api.SendMessageEntry{{ID: "a b", MessageBody: "b"}})
	}},
	{when: "entry Id empty, > 80 chars or not [A-Za-z0-9_-]", try: func(p *play) refusal {
		return refuse(p, api.DeleteMessageBatch, api.DeleteMessageBatchInput{QueueURL: "q",
			Entries: []api.DeleteMessageEntry{{ID: strings.Repeat("a", 81), ReceiptHandle: "r"}}})
	}},
	{when: "sum of entry sizes > 1048576", try: func(p *play) refusal {
		es := entriesOf(2)
		es[0].MessageBody, es[1].MessageBody = strings.Repeat("a", 1<<19), strings.Repeat("a", 1<<19+1)
		return batchFaulty(p, es, 1<<20+1)
	}},
	{when: "SendMessageBatch entry too large (per-entry Failed)", try: func(p *play) refusal {
		p.create("small", api.MaximumMessageSize, "1024")
		es := entriesOf(1)
		es[0].MessageBody = strings.Repeat("a", 1025)
		out := do(p, api.SendMessageBatch, api.SendMessageBatchInput{QueueURL: "small", Entries: es})
		return entryRefused(p, out.Failed, 1024)
	}},
}

const whenMissing = "required parameter absent or empty (MessageBody, ReceiptHandle, VisibilityTimeout, MessageGroupId on FIFO SendMessage, Tags, Actions...)"

var requestProvocations = []provocation{
	{when: whenMissing, try: func(p *play) refusal {
		return refuse(p, api.SendMessage, api.SendMessageInput{QueueURL: "q"}, "MessageBody")
	}},
	{when: whenMissing, try: func(p *play) refusal {
		return refuse(p, api.DeleteMessage, api.DeleteMessageInput{QueueURL: "q"}, "ReceiptHandle")
	}},
	{when: whenMissing, try: func(p *play) refusal {
		return refuse(p, api.ChangeMessageVisibility, api.ChangeMessageVisibilityInput{QueueURL: "q", ReceiptHandle: "r"}, "VisibilityTimeout")
	}},
	{when: whenMissing, try: func(p *play) refusal { return refuse(p, api.TagQueue, api.TagQueueInput{QueueURL: "q"}, "Tags") }},
	{when: "unknown Action/X-Amz-Target, or CreateQueue/ListQueues on a queue URL", try: func(p *play) refusal {
		return refuse(p, api.Action[api.PurgeQueueInput, api.None]{Name: "Foo"}, api.PurgeQueueInput{QueueURL: "q"}, "Foo")
	}},
	{when: "unknown Action/X-Amz-Target, or CreateQueue/ListQueues on a queue URL", try: func(p *play) refusal {
		p.address += "000000000000/q"
		return refuse(p, api.ListQueues, api.ListQueuesInput{}, "ListQueues")
	}, only: []api.Protocol{api.Query}}, // JSON ignores the path
	{when: "JSON body not an object / not JSON", try: func(p *play) refusal { return p.refused("ListQueues", []byte("[]")) },
		only: []api.Protocol{api.JSON}},
	{when: "JSON body not an object / not JSON", try: func(p *play) refusal { return p.refused("ListQueues", []byte("x")) },
		only: []api.Protocol{api.JSON}},
	{when: "GET/POST without Action and without JSON target: body is the bare element <UnknownOperationException/>", try: func(p *play) refusal {
		w, body := p.post("", nil)
		if got, want := string(body), "<UnknownOperationException/>"; got != want {
			p.Errorf("got %s, want %s", got, want)
		}
		return refusal{answered: answered{status: w.StatusCode, fault: faultOf(w)}}
	}, only: []api.Protocol{api.Query}},
}

// faultOf says whose fault an answer is that does not say so itself.
func faultOf(w *http.Response) string {
	if w.StatusCode < http.StatusInternalServerError {
		return "Sender"
	}
	return "Receiver"
}
