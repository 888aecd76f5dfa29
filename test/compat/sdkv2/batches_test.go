package sdkv2

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func entry(id, body string) types.SendMessageBatchRequestEntry {
	return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
}

func entries(n int, body string) []types.SendMessageBatchRequestEntry {
	var list []types.SendMessageBatchRequestEntry
	for i := range n {
		list = append(list, entry(strconv.Itoa(i), body))
	}
	return list
}

func (q *queue) trySendBatch(entries ...types.SendMessageBatchRequestEntry) (*sqs.SendMessageBatchOutput, error) {
	return q.SendMessageBatch(q.t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
}

func (q *queue) sendBatch(entries ...types.SendMessageBatchRequestEntry) *sqs.SendMessageBatchOutput {
	q.t.Helper()
	out, err := q.trySendBatch(entries...)
	if err != nil {
		q.t.Fatalf("send batch: %v", err)
	}
	return out
}

func TestSendMessageBatch(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	var batch []types.SendMessageBatchRequestEntry
	want := map[string]types.SendMessageBatchRequestEntry{}
	i := 0
	for _, body := range harness.HostileBodies {
		if len(batch) == 10 {
			break
		}
		e := entry(fmt.Sprintf("id-%d_X", i), body)
		e.MessageAttributes = map[string]types.MessageAttributeValue{"n": text("Number", strconv.Itoa(i)), "b": blob("Binary", []byte{byte(i), 0, 255})}
		batch = append(batch, e)
		want[*e.Id] = e
		i++
	}
	out := q.sendBatch(batch...)
	if len(out.Successful) != 10 || len(out.Failed) != 0 {
		t.Fatalf("%d sent, %d failed, want 10 and 0", len(out.Successful), len(out.Failed))
	}
	byID := map[string]types.SendMessageBatchRequestEntry{}
	for _, r := range out.Successful {
		e := want[*r.Id]
		byID[*r.MessageId] = e
		if *r.MD5OfMessageBody != harness.BodyMD5(*e.MessageBody) || aws.ToString(r.MD5OfMessageAttributes) != digestOf(e.MessageAttributes) {
			t.Errorf("digests of %s: %s %s", *r.Id, *r.MD5OfMessageBody, aws.ToString(r.MD5OfMessageAttributes))
		}
	}
	got := q.receive()
	if len(got) != 10 {
		t.Fatalf("received %d of 10", len(got))
	}
	for _, m := range got {
		e := byID[*m.MessageId]
		if *m.Body != aws.ToString(e.MessageBody) {
			t.Errorf("body = %q, want %q", *m.Body, aws.ToString(e.MessageBody))
		}
		wantAttributes(t, m.MessageAttributes, e.MessageAttributes)
	}
}

// Some entries fail, the rest are stored: the answer is a success that says which.
func TestSendMessageBatchPartly(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared, "MaximumMessageSize", "2048")
	delayed := entry("late", "delayed")
	delayed.DelaySeconds = 900
	badDelay := entry("delay", "x")
	badDelay.DelaySeconds = 901
	badAttribute := entry("attribute", "x")
	badAttribute.MessageAttributes = map[string]types.MessageAttributeValue{"a": text("Foo", "x")}
	out := q.sendBatch(
		entry("good", "stored"), entry("nul", "a\x00b"), entry("large", strings.Repeat("x", 2049)), badDelay, badAttribute,
		entry("empty", ""), delayed, entry("good2", "stored"),
	)
	var sent []string
	for _, r := range out.Successful {
		sent = append(sent, *r.Id)
	}
	slices.Sort(sent)
	if want := []string{"good", "good2", "late"}; !slices.Equal(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
	codes := map[string]string{
		"nul": "InvalidMessageContents", "large": codeInvalid, "delay": codeInvalid, "attribute": codeInvalid, "empty": "MissingParameter",
	}
	if len(out.Failed) != len(codes) {
		t.Errorf("%d failed, want %d", len(out.Failed), len(codes))
	}
	for _, f := range out.Failed {
		if *f.Code != codes[*f.Id] || !f.SenderFault || aws.ToString(f.Message) == "" {
			t.Errorf("%s failed with %s %q, sender's fault %v; want code %s", *f.Id, *f.Code, aws.ToString(f.Message), f.SenderFault, codes[*f.Id])
		}
		if *f.Id == "large" && !strings.Contains(*f.Message, "Message must be shorter than 2048 bytes.") {
			t.Errorf("large: %s", *f.Message)
		}
	}
	q.wantCounts("2", "0", "1")
}

func TestSendMessageBatchRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	const service = "AWS.SimpleQueueService."
	badID := refusal{is[*types.InvalidBatchEntryId], service + "InvalidBatchEntryId", 400, "alphanumeric characters, hyphens and underscores"}
	tests := map[string]struct {
		entries []types.SendMessageBatchRequestEntry
		want    refusal
	}{
		"none":          {[]types.SendMessageBatchRequestEntry{}, refusal{is[*types.EmptyBatchRequest], service + "EmptyBatchRequest", 400, "There should be at least one SendMessageBatchRequestEntry in the request."}},
		"eleven":        {entries(11, "x"), refusal{is[*types.TooManyEntriesInBatchRequest], service + "TooManyEntriesInBatchRequest", 400, "Maximum number of entries per request are 10. You have sent 11."}},
		"repeated_id":   {[]types.SendMessageBatchRequestEntry{entry("a", "x"), entry("b", "x"), entry("a", "y")}, refusal{is[*types.BatchEntryIdsNotDistinct], service + "BatchEntryIdsNotDistinct", 400, "Id a repeated."}},
		"id_with_space": {[]types.SendMessageBatchRequestEntry{entry("a b", "x")}, badID},
		"id_empty":      {[]types.SendMessageBatchRequestEntry{entry("", "x")}, badID},
		"id_of_81":      {[]types.SendMessageBatchRequestEntry{entry(strings.Repeat("i", 81), "x")}, badID},
		"too_long":      {entries(10, strings.Repeat("x", 110_000)), refusal{is[*types.BatchRequestTooLong], service + "BatchRequestTooLong", 400, "Batch requests cannot be longer than 1048576 bytes. You have sent 1100000 bytes."}},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			_, err := q.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: test.entries})
			test.want.check(t, err)
		})
	}
	_, err := q.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: q.unknown(), Entries: entries(11, "x")})
	noQueue.check(t, err)
	q.wantCounts("0", "0", "0")
}

func TestSendMessageBatchOfExactlyOneMiB(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	half := strings.Repeat("x", 1<<19)
	if out := q.sendBatch(entry("a", half), entry("b", half)); len(out.Successful) != 2 {
		t.Errorf("%d sent, want 2: %v", len(out.Successful), out.Failed)
	}
}

func TestDeleteMessageBatch(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.sendBatch(entries(3, "x")...)
	got := q.receive()
	if len(got) != 3 {
		t.Fatalf("received %d of 3", len(got))
	}
	item := func(id string, handle *string) types.DeleteMessageBatchRequestEntry {
		return types.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: handle}
	}
	out, err := q.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: []types.DeleteMessageBatchRequestEntry{
		item("a", got[0].ReceiptHandle), item("b", got[1].ReceiptHandle), item("bad", aws.String("garbage")), item("same", got[0].ReceiptHandle),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 3 || len(out.Failed) != 1 {
		t.Fatalf("%d deleted, %d failed, want 3 and 1", len(out.Successful), len(out.Failed))
	}
	if f := out.Failed[0]; *f.Id != "bad" || *f.Code != "ReceiptHandleIsInvalid" || !f.SenderFault {
		t.Errorf("failed: %s %s %v", *f.Id, *f.Code, f.SenderFault)
	}
	q.wantCounts("0", "1", "0")

	_, err = q.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: []types.DeleteMessageBatchRequestEntry{}})
	refusal{is[*types.EmptyBatchRequest], "AWS.SimpleQueueService.EmptyBatchRequest", 400, "at least one DeleteMessageBatchRequestEntry"}.check(t, err)
	_, err = q.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: []types.DeleteMessageBatchRequestEntry{
		item("a", got[2].ReceiptHandle), item("a", got[2].ReceiptHandle),
	}})
	refusal{is[*types.BatchEntryIdsNotDistinct], "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, "Id a repeated."}.check(t, err)
	q.wantCounts("0", "1", "0")

	_, err = q.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: []types.DeleteMessageBatchRequestEntry{
		item("gone", got[0].ReceiptHandle), item("last", got[2].ReceiptHandle),
	}})
	if err != nil {
		t.Fatal(err)
	}
	q.wantCounts("0", "0", "0")
}

func TestChangeMessageVisibilityBatch(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.sendBatch(entries(3, "x")...)
	got := q.receive()
	if len(got) != 3 {
		t.Fatalf("received %d of 3", len(got))
	}
	item := func(id string, handle *string, seconds int32) types.ChangeMessageVisibilityBatchRequestEntry {
		return types.ChangeMessageVisibilityBatchRequestEntry{Id: &id, ReceiptHandle: handle, VisibilityTimeout: seconds}
	}
	out, err := q.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
		item("a", got[0].ReceiptHandle, 100), item("b", got[1].ReceiptHandle, 100),
		item("handle", aws.String("garbage"), 1), item("range", got[2].ReceiptHandle, 43201),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 2 || len(out.Failed) != 2 {
		t.Fatalf("%d changed, %d failed, want 2 and 2", len(out.Successful), len(out.Failed))
	}
	codes := map[string]string{"handle": "ReceiptHandleIsInvalid", "range": codeInvalid}
	for _, f := range out.Failed {
		if *f.Code != codes[*f.Id] || !f.SenderFault {
			t.Errorf("%s failed with %s, want %s", *f.Id, *f.Code, codes[*f.Id])
		}
	}
	for _, m := range got {
		q.hide(m, 0)
	}
	q.wantCounts("3", "0", "0")

	_, err = q.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{}})
	refusal{is[*types.EmptyBatchRequest], "AWS.SimpleQueueService.EmptyBatchRequest", 400, "at least one ChangeMessageVisibilityBatchRequestEntry"}.check(t, err)
}
