package sdkv2

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// newFIFO makes a FIFO queue on s, see newQueue.
func newFIFO(t *testing.T, s *harness.Server, attributes ...string) *queue {
	t.Helper()
	q := &queue{Client: newClient(s.URL), t: t, name: harness.QueueName(t) + ".fifo"}
	in := &sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs(append(attributes, "FifoQueue", "true"))}
	out, err := q.CreateQueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	return q
}

// sendTo sends to a group under a deduplication id; without one the queue takes it from the body.
func (q *queue) sendTo(group, id, body string) *sqs.SendMessageOutput {
	q.t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body, MessageGroupId: &group}
	if id != "" {
		in.MessageDeduplicationId = &id
	}
	out, err := q.SendMessage(q.t.Context(), in)
	if err != nil {
		q.t.Fatalf("send %q: %v", body, err)
	}
	return out
}

func bodies(messages []types.Message) []string {
	var list []string
	for _, m := range messages {
		list = append(list, *m.Body)
	}
	return list
}

// wantBodies receives once and checks what comes, in its order.
func (q *queue) wantBodies(want ...string) []types.Message {
	q.t.Helper()
	got := q.receive()
	if !slices.Equal(bodies(got), want) {
		q.t.Fatalf("received %q, want %q", bodies(got), want)
	}
	return got
}

func TestFIFOOrder(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared)
	last := ""
	for i := range 15 {
		sent := q.sendTo("g", strconv.Itoa(i), strconv.Itoa(i))
		number := aws.ToString(sent.SequenceNumber)
		if len(number) != 20 || number <= last {
			t.Errorf("sequence number %q after %q, want 20 digits that rise", number, last)
		}
		last = number
	}
	first := q.wantBodies("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
	for i, m := range first {
		if got := m.Attributes["MessageGroupId"]; got != "g" {
			t.Errorf("MessageGroupId = %q", got)
		}
		if got := m.Attributes["MessageDeduplicationId"]; got != strconv.Itoa(i) {
			t.Errorf("MessageDeduplicationId = %q, want %d", got, i)
		}
		if i > 0 && m.Attributes["SequenceNumber"] <= first[i-1].Attributes["SequenceNumber"] {
			t.Errorf("sequence number %s after %s", m.Attributes["SequenceNumber"], first[i-1].Attributes["SequenceNumber"])
		}
	}
	q.wantBodies() // the group waits for what is in flight
	q.wantCounts("5", "10", "0")
	for _, m := range first[1:] {
		q.delete(m)
	}
	q.wantBodies()
	q.hide(first[0], 0)
	rest := q.wantBodies("0", "10", "11", "12", "13", "14") // the oldest is first again
	for _, m := range rest {
		q.delete(m)
	}
	q.wantCounts("0", "0", "0")
}

func TestFIFOGroups(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared, "ContentBasedDeduplication", "true")
	for _, body := range []string{"a1", "a2", "b1", "b2", "c1"} {
		q.sendTo(body[:1], "", body)
	}
	one := func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 }
	seen := map[string]types.Message{}
	for range 3 { // one message each of three groups: what is in flight of one holds up only that one
		m := q.receiveOne(one)
		seen[*m.Body] = m
	}
	if len(seen) != 3 || seen["a1"].Body == nil || seen["b1"].Body == nil || seen["c1"].Body == nil {
		t.Fatalf("received %v, want the first of each group", seen)
	}
	q.wantBodies()
	q.delete(seen["b1"])
	b2 := q.wantBodies("b2")
	q.hide(seen["a1"], 0)
	a := q.wantBodies("a1", "a2")
	if got := a[0].Attributes["ApproximateReceiveCount"]; got != "2" {
		t.Errorf("ApproximateReceiveCount = %s, want 2", got)
	}
	for _, m := range slices.Concat(a, b2, []types.Message{seen["c1"]}) {
		q.delete(m)
	}
	q.wantCounts("0", "0", "0")
}

func TestFIFOLongPollIsWokenByTheEndOfWhatHeldItsGroup(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared, "ContentBasedDeduplication", "true")
	q.sendTo("g", "", "one")
	q.sendTo("g", "", "two")
	held := q.receiveOne(func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })
	ctx, written := polling(t)
	answer := make(chan []string, 1)
	go func() {
		out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: 20})
		if err != nil {
			t.Error(err)
			out = &sqs.ReceiveMessageOutput{}
		}
		answer <- bodies(out.Messages)
	}()
	<-written
	q.delete(held)
	if got := <-answer; !slices.Equal(got, []string{"two"}) {
		t.Errorf("long poll answered %q, want two", got)
	}
}

func TestDeduplication(t *testing.T) {
	t.Parallel()
	t.Run("by_id", func(t *testing.T) {
		q := newFIFO(t, shared)
		first := q.sendTo("g", "id", "first")
		again := q.sendTo("h", "id", "again")
		if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
			t.Errorf("duplicate got %s %s, want the original's %s %s", *again.MessageId, *again.SequenceNumber, *first.MessageId, *first.SequenceNumber)
		}
		if got, want := *again.MD5OfMessageBody, harness.BodyMD5("again"); got != want {
			t.Errorf("MD5OfMessageBody = %s, want that of what was sent, %s", got, want)
		}
		m := q.wantBodies("first")[0]
		q.delete(m)
		q.sendTo("g", "id", "after the delete")
		q.wantBodies()
		q.sendTo("g", "other", "first")
		q.wantBodies("first")
	})
	t.Run("by_content", func(t *testing.T) {
		q := newFIFO(t, shared, "ContentBasedDeduplication", "true")
		first := q.sendTo("g", "", "same")
		if again := q.sendTo("g", "", "same"); *again.MessageId != *first.MessageId {
			t.Error("the same content was taken twice")
		}
		q.sendTo("g", "id", "same") // an id goes before the content
		q.wantBodies("same", "same")
	})
	t.Run("within_a_group", func(t *testing.T) {
		q := newFIFO(t, shared, "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId")
		q.sendTo("g", "id", "of g")
		q.sendTo("h", "id", "of h")
		q.sendTo("g", "id", "of g again")
		q.wantCounts("2", "0", "0")
	})
	t.Run("within_a_batch", func(t *testing.T) {
		q := newFIFO(t, shared)
		var batch []types.SendMessageBatchRequestEntry
		for i, id := range []string{"x", "y", "x", "z"} {
			e := entry(strconv.Itoa(i), id+strconv.Itoa(i))
			e.MessageGroupId, e.MessageDeduplicationId = aws.String("g"), &id
			batch = append(batch, e)
		}
		out := q.sendBatch(batch...)
		if len(out.Successful) != 4 || *out.Successful[2].MessageId != *out.Successful[0].MessageId {
			t.Errorf("got %+v, want four successes, of which the third is the first", out.Successful)
		}
		if a, b := *out.Successful[1].SequenceNumber, *out.Successful[3].SequenceNumber; a >= b {
			t.Errorf("sequence numbers %s, %s do not rise", a, b)
		}
		q.wantBodies("x0", "y1", "z3")
	})
}

func TestReceiveRequestAttemptID(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared, "ContentBasedDeduplication", "true")
	q.sendTo("g", "", "one")
	q.sendTo("g", "", "two")
	attempt := func(in *sqs.ReceiveMessageInput) {
		in.ReceiveRequestAttemptId, in.VisibilityTimeout = aws.String("attempt"), 300
	}
	first, second := q.receive(attempt), q.receive(attempt)
	if want := []string{"one", "two"}; !slices.Equal(bodies(first), want) || !slices.Equal(bodies(second), want) {
		t.Fatalf("received %q, then %q", bodies(first), bodies(second))
	}
	if *first[0].ReceiptHandle != *second[0].ReceiptHandle {
		t.Error("the second answer to the same attempt has other handles")
	}
	for _, m := range second {
		q.delete(m)
	}
	q.wantCounts("0", "0", "0")
}

func TestFIFORefused(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared)
	send := func(in sqs.SendMessageInput) error {
		in.QueueUrl, in.MessageBody = &q.url, aws.String("x")
		_, err := q.SendMessage(t.Context(), &in)
		return err
	}
	refusal{nil, "MissingParameter", 400, "MessageGroupId"}.check(t, send(sqs.SendMessageInput{}))
	refusal{nil, codeInvalid, 400, "ContentBasedDeduplication"}.check(t, send(sqs.SendMessageInput{MessageGroupId: aws.String("g")}))
	id := aws.String("id")
	refusal{nil, codeInvalid, 400, "MessageGroupId"}.check(t, send(sqs.SendMessageInput{MessageGroupId: aws.String("a b"), MessageDeduplicationId: id}))
	refusal{nil, codeInvalid, 400, "MessageDeduplicationId"}.check(t, send(sqs.SendMessageInput{MessageGroupId: id, MessageDeduplicationId: aws.String(strings.Repeat("x", 129))}))
	refusal{nil, codeInvalid, 400, "DelaySeconds"}.check(t, send(sqs.SendMessageInput{MessageGroupId: id, MessageDeduplicationId: id, DelaySeconds: 1}))
	q.wantCounts("0", "0", "0")
	_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs([]string{"FifoQueue", "false"})})
	refusal{is[*types.InvalidAttributeValue], "InvalidAttributeValue", 400, "FifoQueue"}.check(t, err)

	// A handle of a receive that has expired is refused: another consumer may have the message.
	q.sendTo("g", "1", "x")
	expired := q.receiveOne(hidden(1))
	again := q.receiveOne(wait(20))
	_, err = q.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: expired.ReceiptHandle})
	refusal{nil, codeInvalid, 400, "The receipt handle has expired"}.check(t, err)
	q.delete(again)
}

// Order, groups in flight, deduplication and sequence numbers are as they were after kill -9.
func TestFIFOSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newFIFO(t, s, "VisibilityTimeout", "1000")
	first := q.sendTo("g", "1", "g1")
	q.sendTo("g", "2", "g2")
	q.sendTo("h", "3", "h1")
	last := q.sendTo("h", "4", "h2")
	held := q.receiveOne(func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })
	s.Restart(t)
	if again := q.sendTo("g", "1", "g1"); *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Errorf("after the restart a duplicate is %v, want %v", again, first)
	}
	if next := q.sendTo("g", "5", "g3"); *next.SequenceNumber <= *last.SequenceNumber {
		t.Errorf("sequence number %s after %s", *next.SequenceNumber, *last.SequenceNumber)
	}
	q.wantBodies("h1", "h2") // g waits for g1
	q.delete(held)
	q.wantBodies("g2", "g3")
	q.wantCounts("0", "4", "0")
}
