package sdkv1

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func TestBodiesComeBackUnchanged(t *testing.T) {
	t.Parallel()
	for label, body := range harness.HostileBodies {
		t.Run(label, func(t *testing.T) {
			q := newQueue(t, shared)
			sent := q.send(body)
			if got, want := *sent.MD5OfMessageBody, harness.BodyMD5(body); got != want {
				t.Errorf("MD5OfMessageBody = %s, want %s", got, want)
			}
			got := q.receiveOne()
			if *got.Body != body || *got.MessageId != *sent.MessageId || *got.MD5OfBody != *sent.MD5OfMessageBody {
				t.Errorf("received %s %q, sent %s %q", *got.MessageId, *got.Body, *sent.MessageId, body)
			}
		})
	}
}

func TestForbiddenBodies(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	for label, body := range harness.ForbiddenBodies {
		t.Run(label, func(t *testing.T) {
			_, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body})
			refused(t, err, sqs.ErrCodeInvalidMessageContents, 400, "")
		})
	}
	q.wantCounts("0", "0", "0")
}

func TestMessageSize(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	full := strings.Repeat("%", 1<<20) // triples when it is form-encoded
	q.send(full)
	if got := q.receiveOne(); *got.Body != full {
		t.Errorf("received %d bytes, want %d", len(*got.Body), len(full))
	}
	_, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String(full + "x")})
	refused(t, err, codeInvalid, 400, "Message must be shorter than 1048576 bytes.")
}

func text(dataType, value string) *sqs.MessageAttributeValue {
	return &sqs.MessageAttributeValue{DataType: &dataType, StringValue: &value}
}

func blob(dataType string, value []byte) *sqs.MessageAttributeValue {
	return &sqs.MessageAttributeValue{DataType: &dataType, BinaryValue: value}
}

func TestMessageAttributes(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	attributes := map[string]*sqs.MessageAttributeValue{
		"s": text("String", "<a>&\"'\r\n\t ☃ 😀"), "n": text("Number.int", "-42"), "b": blob("Binary.gif", every), "A.b-c_1": text("String", "x"),
	}
	var list []harness.Attribute
	for name, value := range attributes {
		list = append(list, harness.Attribute{Name: name, Type: *value.DataType, Text: aws.StringValue(value.StringValue), Binary: value.BinaryValue})
	}
	want := harness.AttributesMD5(list...)
	sent, err := q.SendMessage(&sqs.SendMessageInput{
		QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: attributes,
		MessageSystemAttributes: map[string]*sqs.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.StringValue(sent.MD5OfMessageAttributes); got != want {
		t.Errorf("MD5OfMessageAttributes = %s, want %s", got, want)
	}
	if got := aws.StringValue(sent.MD5OfMessageSystemAttributes); got != "5ae4d5d7636402d80f4eb6d213245a88" {
		t.Errorf("MD5OfMessageSystemAttributes = %s", got)
	}
	got := q.receiveOne()
	if md5 := aws.StringValue(got.MD5OfMessageAttributes); md5 != want {
		t.Errorf("received MD5OfMessageAttributes = %s, want %s", md5, want)
	}
	if len(got.MessageAttributes) != len(attributes) {
		t.Errorf("received %d attributes, want %d", len(got.MessageAttributes), len(attributes))
	}
	for name, w := range attributes {
		g := got.MessageAttributes[name]
		if g == nil || *g.DataType != *w.DataType || aws.StringValue(g.StringValue) != aws.StringValue(w.StringValue) || !bytes.Equal(g.BinaryValue, w.BinaryValue) {
			t.Errorf("attribute %s = %v, want %v", name, g, w)
		}
	}
	for _, name := range []string{"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "AWSTraceHeader"} {
		if aws.StringValue(got.Attributes[name]) == "" {
			t.Errorf("no system attribute %s in %v", name, got.Attributes)
		}
	}
	q.hide(got, 0)
	some := q.receiveOne(func(in *sqs.ReceiveMessageInput) {
		in.AttributeNames = aws.StringSlice([]string{"ApproximateReceiveCount"})
		in.MessageAttributeNames = aws.StringSlice([]string{"n", "A.*"})
	})
	if len(some.Attributes) != 1 || aws.StringValue(some.Attributes["ApproximateReceiveCount"]) != "2" || len(some.MessageAttributes) != 2 {
		t.Errorf("asked for one and two attributes, got %v and %v", some.Attributes, some.MessageAttributes)
	}
	if got, want := aws.StringValue(some.MD5OfMessageAttributes), harness.AttributesMD5(
		harness.Attribute{Name: "n", Type: "Number.int", Text: "-42"}, harness.Attribute{Name: "A.b-c_1", Type: "String", Text: "x"}); got != want {
		t.Errorf("MD5 of the attributes asked for = %s, want %s", got, want)
	}
}

func TestMessageAttributesRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	for label, attributes := range map[string]map[string]*sqs.MessageAttributeValue{
		"unknown_type": {"a": text("Foo", "x")}, "empty_value": {"a": text("String", "")}, "reserved": {"AWS.a": text("String", "x")},
	} {
		t.Run(label, func(t *testing.T) {
			_, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: attributes})
			refused(t, err, codeInvalid, 400, "")
		})
	}
	_, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: map[string]*sqs.MessageAttributeValue{
		"a": {DataType: aws.String("String"), StringListValues: aws.StringSlice([]string{"x"})},
	}})
	refused(t, err, sqs.ErrCodeUnsupportedOperation, 400, "list values")
	q.wantCounts("0", "0", "0")
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("x")
	first := q.receiveOne(hidden(1))
	q.wantCounts("0", "1", "0")
	second := q.receiveOne(wait(20))
	if got := *second.Attributes["ApproximateReceiveCount"]; got != "2" {
		t.Errorf("ApproximateReceiveCount = %s, want 2", got)
	}
	q.hide(second, 0)
	third := q.receiveOne(hidden(0))
	q.receiveOne(hidden(0))
	q.delete(third)
	q.delete(first)
	q.wantCounts("0", "0", "0")

	if _, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("later"), DelaySeconds: aws.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	q.wantCounts("0", "0", "1")
	q.delete(q.receiveOne(wait(20)))

	// 0 sent is not 0 left out: it overrides the delay of the queue and its long poll.
	if _, err := q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("DelaySeconds", "900", "ReceiveMessageWaitTimeSeconds", "20")}); err != nil {
		t.Fatal(err)
	}
	if _, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("now"), DelaySeconds: aws.Int64(0)}); err != nil {
		t.Fatal(err)
	}
	q.receiveOne()
	if got := q.receive(wait(0)); len(got) != 0 {
		t.Errorf("received %v", got)
	}
}

func TestReceiveRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	for _, n := range []int64{0, 11, -1} {
		_, err := q.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: &n})
		refused(t, err, codeInvalid, 400, "Value "+strconv.FormatInt(n, 10)+" for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")
	}
	_, err := q.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: aws.Int64(21)})
	refused(t, err, codeInvalid, 400, "Must be >= 0 and <= 20, if provided.")
	_, err = q.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: q.unknown()})
	noQueue(t, err)
	_, err = q.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: aws.String("garbage")})
	refused(t, err, sqs.ErrCodeReceiptHandleIsInvalid, 404, `The input receipt handle "garbage" is not a valid receipt handle.`)
	_, err = q.ChangeMessageVisibility(&sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: aws.String("garbage"), VisibilityTimeout: aws.Int64(1)})
	refused(t, err, sqs.ErrCodeReceiptHandleIsInvalid, 404, "")
	_, err = q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("")})
	refused(t, err, "MissingParameter", 400, "The request must contain the parameter MessageBody.")
}

func TestLongPollIsWoken(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	got := make(chan string, 1)
	go func() {
		out, err := q.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: aws.Int64(20)})
		if err != nil || len(out.Messages) != 1 {
			t.Errorf("long poll answered %v, %v", out, err)
			got <- ""
			return
		}
		got <- *out.Messages[0].Body
	}()
	if _, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("wake"), DelaySeconds: aws.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	if body := <-got; body != "wake" {
		t.Errorf("received %q, want wake", body)
	}
}

func entry(id, body string) *sqs.SendMessageBatchRequestEntry {
	return &sqs.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	with := entry("with", "a\r\nb")
	with.MessageAttributes = map[string]*sqs.MessageAttributeValue{"b": blob("Binary", []byte{0, 255}), "a": text("String", "x")}
	sent, err := q.SendMessageBatch(&sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: []*sqs.SendMessageBatchRequestEntry{
		entry("one", "1"), with, entry("bad", "a\x00"), entry("three", "3"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.Successful) != 3 || len(sent.Failed) != 1 {
		t.Fatalf("got %v, want 3 successful and 1 failed", sent)
	}
	if f := sent.Failed[0]; *f.Id != "bad" || *f.Code != sqs.ErrCodeInvalidMessageContents || !*f.SenderFault {
		t.Errorf("failed: %v", f)
	}
	for _, r := range sent.Successful {
		if *r.Id == "with" && aws.StringValue(r.MD5OfMessageAttributes) != harness.AttributesMD5(
			harness.Attribute{Name: "b", Type: "Binary", Binary: []byte{0, 255}}, harness.Attribute{Name: "a", Type: "String", Text: "x"}) {
			t.Errorf("MD5OfMessageAttributes = %v", r.MD5OfMessageAttributes)
		}
	}
	got := q.receive()
	if len(got) != 3 {
		t.Fatalf("received %d of 3", len(got))
	}
	changed, err := q.ChangeMessageVisibilityBatch(&sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: []*sqs.ChangeMessageVisibilityBatchRequestEntry{
		{Id: aws.String("a"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: aws.Int64(0)},
		{Id: aws.String("b"), ReceiptHandle: aws.String("garbage"), VisibilityTimeout: aws.Int64(0)},
	}})
	if err != nil || len(changed.Successful) != 1 || len(changed.Failed) != 1 || *changed.Failed[0].Code != sqs.ErrCodeReceiptHandleIsInvalid {
		t.Errorf("change visibility: %v, %v", changed, err)
	}
	q.wantCounts("1", "2", "0")
	deleted, err := q.DeleteMessageBatch(&sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: []*sqs.DeleteMessageBatchRequestEntry{
		{Id: aws.String("a"), ReceiptHandle: got[1].ReceiptHandle}, {Id: aws.String("b"), ReceiptHandle: aws.String("garbage")},
		{Id: aws.String("c"), ReceiptHandle: got[2].ReceiptHandle},
	}})
	if err != nil || len(deleted.Successful) != 2 || len(deleted.Failed) != 1 || *deleted.Failed[0].Id != "b" {
		t.Errorf("delete: %v, %v", deleted, err)
	}
	q.wantCounts("1", "0", "0")
}

func TestBatchesRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	var eleven []*sqs.SendMessageBatchRequestEntry
	for i := range 11 {
		eleven = append(eleven, entry(strconv.Itoa(i), "x"))
	}
	large := strings.Repeat("x", 600_000)
	for code, entries := range map[string][]*sqs.SendMessageBatchRequestEntry{
		sqs.ErrCodeEmptyBatchRequest:            {},
		sqs.ErrCodeTooManyEntriesInBatchRequest: eleven,
		sqs.ErrCodeBatchEntryIdsNotDistinct:     {entry("a", "x"), entry("a", "y")},
		sqs.ErrCodeInvalidBatchEntryId:          {entry("a b", "x")},
		sqs.ErrCodeBatchRequestTooLong:          {entry("a", large), entry("b", large)},
	} {
		t.Run(code, func(t *testing.T) {
			_, err := q.SendMessageBatch(&sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
			refused(t, err, code, 400, "")
		})
	}
	q.wantCounts("0", "0", "0")
}
