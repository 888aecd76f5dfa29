package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// newFIFO is a fixture whose queue is a FIFO queue.
func newFIFO(t *testing.T, as ...api.Attribute) *fixture {
	t.Helper()
	f := newFixture(t, nil)
	f.queue = f.create("q.fifo", append(as, set(api.FifoQueue, "true"))...)
	return f
}

// sendTo sends to a group; "" is no deduplication id.
func (f *fixture) sendTo(group, dedup, body string) *api.SendMessageOutput {
	f.Helper()
	in := &api.SendMessageInput{QueueURL: f.queue, MessageBody: body, MessageGroupID: &group}
	if dedup != "" {
		in.MessageDeduplicationID = &dedup
	}
	out, err := f.SendMessage(f.Context(), f.call, in)
	if err != nil {
		f.Fatal(err)
	}
	return out
}

// take receives up to ten messages for 30 s and returns their bodies, with a space between them, and the first's handle.
func (f *fixture) take(in api.ReceiveMessageInput) (bodies, handle string) {
	f.Helper()
	in.QueueURL, in.MaxNumberOfMessages = f.queue, new(10)
	out, err := f.ReceiveMessage(f.Context(), f.call, &in)
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range out.Messages {
		bodies += " " + m.Body
	}
	if len(out.Messages) > 0 {
		handle = out.Messages[0].ReceiptHandle
	}
	return strings.TrimSpace(bodies), handle
}

func TestFIFOMessagesHaveTheirAttributes(t *testing.T) {
	f := newFIFO(t, set(api.ContentBasedDeduplication, "true"))
	sent := f.sendTo("g", "", "hello")
	if len(sent.SequenceNumber) != 20 {
		t.Errorf("got sequence number %q, want 20 digits", sent.SequenceNumber)
	}
	m := f.receive(api.ReceiveMessageInput{MessageSystemAttributeNames: []string{"All"}})
	for name, want := range map[string]string{
		api.SequenceNumber: sent.SequenceNumber,
		api.MessageGroupID: "g",
		// The SHA-256 of "hello".
		api.MessageDeduplicationID: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
	} {
		if got, _ := m.Attributes.Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if got, asked := m.Attributes.Get(api.DeadLetterQueueSourceArn); asked {
		t.Errorf("got source %q of a message that was sent here", got)
	}
}

func TestFIFODuplicatesGetTheOriginalsIDs(t *testing.T) {
	f := newFIFO(t, set(api.ContentBasedDeduplication, "true"))
	first := f.sendTo("g", "", "hello")
	for name, again := range map[string]*api.SendMessageOutput{
		"content":                  f.sendTo("g", "", "hello"),
		"other_group":              f.sendTo("h", "", "hello"),
		"explicit_id_like_content": f.sendTo("g", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "other"),
	} {
		if again.MessageID != first.MessageID || again.SequenceNumber != first.SequenceNumber {
			t.Errorf("%s: got %v, want the ids of %v", name, again, first)
		}
	}
	other := f.sendTo("g", "explicit", "hello")
	if other.MessageID == first.MessageID || other.SequenceNumber <= first.SequenceNumber {
		t.Errorf("got %v, want a message of its own after %v", other, first)
	}
	f.advance(5 * time.Minute)
	if later := f.sendTo("g", "", "hello"); later.MessageID == first.MessageID {
		t.Error("a message was dropped as a duplicate after five minutes")
	}
}

func TestFIFOBatchIsInOrder(t *testing.T) {
	f := newFIFO(t)
	in := &api.SendMessageBatchInput{QueueURL: f.queue}
	for _, id := range []string{"a", "b", "c", "a2"} {
		in.Entries = append(in.Entries, api.SendMessageEntry{ID: id, MessageBody: id, MessageGroupID: new("g"), MessageDeduplicationID: new(id[:1])})
	}
	out, err := f.SendMessageBatch(t.Context(), f.call, in)
	want(t, err, nil, "")
	s := out.Successful
	if len(s) != 4 || s[0].SequenceNumber >= s[1].SequenceNumber || s[1].SequenceNumber >= s[2].SequenceNumber {
		t.Errorf("got %v, want ascending sequence numbers", s)
	}
	if s[3].SequenceNumber != s[0].SequenceNumber || s[3].MessageID != s[0].MessageID {
		t.Errorf("got %v, want the duplicate to have the ids of the original", s)
	}
	if bodies, _ := f.take(api.ReceiveMessageInput{}); bodies != "a b c" {
		t.Errorf("got %q, want a b c", bodies)
	}
}

func TestFIFODelayIsTheQueues(t *testing.T) {
	f := newFIFO(t, set(api.DelaySeconds, 5))
	_, err := f.SendMessage(t.Context(), f.call, &api.SendMessageInput{QueueURL: f.queue, MessageBody: "b", DelaySeconds: new(0),
		MessageGroupID: new("g"), MessageDeduplicationID: new("d")})
	want(t, err, nil, "")
	if bodies, _ := f.take(api.ReceiveMessageInput{}); bodies != "" {
		t.Errorf("got %q before the queue's delay was over", bodies)
	}
	f.advance(5 * time.Second)
	if bodies, _ := f.take(api.ReceiveMessageInput{}); bodies != "b" {
		t.Errorf("got %q, want b", bodies)
	}
}

func TestFIFOHandlesExpire(t *testing.T) {
	f := newFIFO(t)
	f.sendTo("g", "d", "b")
	_, handle := f.take(api.ReceiveMessageInput{VisibilityTimeout: new(10)})
	f.advance(10 * time.Second)
	text := "Value " + handle + " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
	_, err := f.DeleteMessage(t.Context(), f.call, &api.DeleteMessageInput{QueueURL: f.queue, ReceiptHandle: handle})
	want(t, err, api.HandleExpired, text)
	_, err = f.ChangeMessageVisibility(t.Context(), f.call,
		&api.ChangeMessageVisibilityInput{QueueURL: f.queue, ReceiptHandle: handle, VisibilityTimeout: new(1)})
	want(t, err, api.HandleExpired, text)
	out, err := f.DeleteMessageBatch(t.Context(), f.call,
		&api.DeleteMessageBatchInput{QueueURL: f.queue, Entries: []api.DeleteMessageEntry{{ID: "e", ReceiptHandle: handle}}})
	want(t, err, nil, "")
	checkFailed(t, out.Failed, "e InvalidParameterValue\n")
	_, handle = f.take(api.ReceiveMessageInput{})
	for range 2 { // the second time it is gone already
		_, err = f.DeleteMessage(t.Context(), f.call, &api.DeleteMessageInput{QueueURL: f.queue, ReceiptHandle: handle})
		want(t, err, nil, "")
	}
}

func TestReceiveRequestAttemptID(t *testing.T) {
	f := newFIFO(t)
	f.sendTo("g", "d", "b")
	ask := api.ReceiveMessageInput{ReceiveRequestAttemptID: new("attempt")}
	bodies, handle := f.take(ask)
	again, sameHandle := f.take(ask)
	if bodies != "b" || again != "b" || sameHandle != handle {
		t.Errorf("got %q %s and %q %s, want the same twice", bodies, handle, again, sameHandle)
	}
	if other, _ := f.take(api.ReceiveMessageInput{ReceiveRequestAttemptID: new("another")}); other != "" {
		t.Errorf("got %q of another attempt, want nothing", other)
	}
}
