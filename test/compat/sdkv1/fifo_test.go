package sdkv1

import (
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func newFIFO(t *testing.T, s *harness.Server, attributes ...string) *queue {
	t.Helper()
	q := &queue{SQS: newClient(t, s.URL), t: t, name: harness.QueueName(t) + ".fifo"}
	out, err := q.CreateQueue(&sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs(append(attributes, "FifoQueue", "true")...)})
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
	out, err := q.SendMessage(in)
	if err != nil {
		q.t.Fatalf("send %q: %v", body, err)
	}
	return out
}

// wantBodies receives once and checks what comes, in its order.
func (q *queue) wantBodies(want ...string) []*sqs.Message {
	q.t.Helper()
	var bodies []string
	got := q.receive()
	for _, m := range got {
		bodies = append(bodies, *m.Body)
	}
	if !slices.Equal(bodies, want) {
		q.t.Fatalf("received %q, want %q", bodies, want)
	}
	return got
}

func TestFIFO(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared)
	last := ""
	for i := range 12 {
		sent := q.sendTo("g", strconv.Itoa(i), "g"+strconv.Itoa(i))
		if number := aws.StringValue(sent.SequenceNumber); len(number) != 20 || number <= last {
			t.Errorf("sequence number %q after %q, want 20 digits that rise", number, last)
		}
		last = *sent.SequenceNumber
	}
	got := q.wantBodies("g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9")
	for i, m := range got {
		for name, want := range map[string]string{"MessageGroupId": "g", "MessageDeduplicationId": strconv.Itoa(i), "ApproximateReceiveCount": "1"} {
			if aws.StringValue(m.Attributes[name]) != want {
				t.Errorf("%s = %v, want %s", name, aws.StringValue(m.Attributes[name]), want)
			}
		}
		if number := aws.StringValue(m.Attributes["SequenceNumber"]); number > last || i > 0 && number <= *got[i-1].Attributes["SequenceNumber"] {
			t.Errorf("message %d has the sequence number %s", i, number)
		}
	}
	q.wantBodies() // the group waits for what is in flight
	q.sendTo("h", "h", "h0")
	q.delete(q.wantBodies("h0")[0])
	for _, m := range got[1:] {
		q.delete(m)
	}
	q.hide(got[0], 0)
	for _, m := range q.wantBodies("g0", "g10", "g11") {
		q.delete(m)
	}
	q.wantCounts("0", "0", "0")
}

func TestDeduplication(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newFIFO(t, s, "ContentBasedDeduplication", "true")
	first := q.sendTo("g", "", "same")
	s.Restart(t)
	again := q.sendTo("g", "", "same")
	if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Errorf("duplicate is %v, want %v", again, first)
	}
	var batch []*sqs.SendMessageBatchRequestEntry
	for i, id := range []string{"x", "y", "x"} {
		e := entry(strconv.Itoa(i), id+strconv.Itoa(i))
		e.MessageGroupId, e.MessageDeduplicationId = aws.String("g"), aws.String(id)
		batch = append(batch, e)
	}
	out, err := q.SendMessageBatch(&sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: batch})
	if err != nil || len(out.Successful) != 3 || *out.Successful[2].MessageId != *out.Successful[0].MessageId {
		t.Errorf("batch: %v, %v, want three successes, of which the third is the first", out, err)
	}
	attempt := func(in *sqs.ReceiveMessageInput) { in.ReceiveRequestAttemptId = aws.String("attempt") }
	one, two := q.receive(attempt), q.receive(attempt)
	if len(one) != 3 || len(two) != 3 || *one[0].ReceiptHandle != *two[0].ReceiptHandle {
		t.Errorf("one attempt asked twice got %d and %d messages, want the same 3", len(one), len(two))
	}
	for _, m := range two {
		q.delete(m)
	}
	q.wantCounts("0", "0", "0")
}

func TestFIFORefused(t *testing.T) {
	t.Parallel()
	q := newFIFO(t, shared)
	_, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x")})
	refused(t, err, "MissingParameter", 400, "MessageGroupId")
	_, err = q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageGroupId: aws.String("g")})
	refused(t, err, codeInvalid, 400, "ContentBasedDeduplication")
	_, err = q.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String("no-suffix"), Attributes: pairs("FifoQueue", "true")})
	refused(t, err, codeInvalid, 400, ".fifo")
}
