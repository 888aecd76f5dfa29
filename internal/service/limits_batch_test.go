package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func entries(n, size int) (es []api.SendMessageEntry) {
	for i := range n {
		es = append(es, api.SendMessageEntry{ID: fmt.Sprint("e", i), MessageBody: repeat(size)})
	}
	return es
}

func ids(ids ...string) (es []api.SendMessageEntry) {
	for _, id := range ids {
		es = append(es, api.SendMessageEntry{ID: id, MessageBody: "b"})
	}
	return es
}

func TestSendMessageBatchLimits(t *testing.T) {
	f := newFixture(t, nil)
	exact := entries(8, 1<<17)
	over := entries(8, 1<<17)
	over[7].MessageBody += "a"
	for _, c := range []struct {
		name    string
		entries []api.SendMessageEntry
		want    *api.Kind
		text    string
	}{
		{"none", nil, api.EmptyBatchRequest, "There should be at least one SendMessageBatchRequestEntry in the request."},
		{"10", entries(10, 1), nil, ""},
		{"11", entries(11, 1), api.TooManyEntriesInBatchRequest, "Maximum number of entries per request are 10. You have sent 11."},
		{"id_80", ids(repeat(80)), nil, ""},
		{"id_81", ids(repeat(81)), api.InvalidBatchEntryID, ""},
		{"id_empty", ids(""), api.InvalidBatchEntryID, ""},
		{"id_dot", ids("a.b"), api.InvalidBatchEntryID, ""},
		{"id_repeated", ids("a", "b", "a"), api.BatchEntryIDsNotDistinct, "Id a repeated."},
		{"id_case", ids("a", "A"), nil, ""},
		{"bad_id_before_repeated", ids("a", "a", "!"), api.BatchEntryIDsNotDistinct, ""},
		{"1_MiB", exact, nil, ""},
		{"1_MiB_and_1", over, api.BatchRequestTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."},
		{"one_of_1_MiB_and_1", entries(1, 1<<20+1), api.BatchRequestTooLong, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &api.SendMessageBatchInput{QueueURL: f.queue, Entries: c.entries}
			out, err := f.SendMessageBatch(t.Context(), f.call, in)
			want(t, err, c.want, c.text)
			if err == nil && (len(out.Successful) != len(c.entries) || len(out.Failed) != 0) {
				t.Errorf("got %d stored and %d failed, want %d and 0", len(out.Successful), len(out.Failed), len(c.entries))
			}
		})
	}
}

func TestSendMessageBatchFailsEntriesOneByOne(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("small", set(api.MaximumMessageSize, 1024))
	in := &api.SendMessageBatchInput{QueueURL: url, Entries: []api.SendMessageEntry{
		{ID: "ok1", MessageBody: repeat(1024)},
		{ID: "long", MessageBody: repeat(1025)},
		{ID: "chars", MessageBody: "\x00"},
		{ID: "empty"},
		{ID: "delay", MessageBody: "b", DelaySeconds: new(901)},
		{ID: "attribute", MessageBody: "b", MessageAttributes: []api.MessageAttribute{attribute("n", "String", "")}},
		{ID: "ok2", MessageBody: "second"},
	}}
	out, err := f.SendMessageBatch(t.Context(), f.call, in)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, s := range out.Successful {
		got += fmt.Sprintln(s.ID, len(s.MessageID), s.MD5OfMessageBody)
	}
	for _, e := range out.Failed {
		got += fmt.Sprintln(e.ID, e.Code, e.SenderFault, e.Message)
	}
	want := "ok1 36 c9a34cfc85d982698c6ac89f76071abd\n" +
		"ok2 36 a9f0e61a137d86aa9db53465e0801612\n" +
		"long InvalidParameterValue true One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.\n" +
		"chars InvalidMessageContents true " + api.InvalidMessageContents.Format + "\n" +
		"empty MissingParameter true The request must contain the parameter MessageBody.\n" +
		"delay InvalidParameterValue true Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.\n" +
		"attribute InvalidParameterValue true Message (user) attribute 'n' must contain a non-empty value of type 'String'.\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestBatchesOfHandles(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	handle := f.receive(api.ReceiveMessageInput{}).ReceiptHandle

	changed, err := f.ChangeMessageVisibilityBatch(t.Context(), f.call, &api.ChangeMessageVisibilityBatchInput{
		QueueURL: f.queue, Entries: []api.ChangeVisibilityEntry{
			{ID: "ok", ReceiptHandle: handle, VisibilityTimeout: new(30)},
			{ID: "missing", ReceiptHandle: handle},
			{ID: "range", ReceiptHandle: handle, VisibilityTimeout: new(43201)},
			{ID: "garbage", ReceiptHandle: "garbage", VisibilityTimeout: new(1)},
		}})
	if err != nil {
		t.Fatal(err)
	}
	checkFailed(t, changed.Failed, "missing MissingParameter\nrange InvalidParameterValue\ngarbage ReceiptHandleIsInvalid\n")
	if len(changed.Successful) != 1 || changed.Successful[0].ID != "ok" {
		t.Errorf("got %v, want ok", changed.Successful)
	}

	deleted, err := f.DeleteMessageBatch(t.Context(), f.call, &api.DeleteMessageBatchInput{
		QueueURL: f.queue, Entries: []api.DeleteMessageEntry{
			{ID: "empty"},
			{ID: "ok", ReceiptHandle: handle},
			{ID: "garbage", ReceiptHandle: "garbage"},
			{ID: "again", ReceiptHandle: handle},
		}})
	if err != nil {
		t.Fatal(err)
	}
	checkFailed(t, deleted.Failed, "empty MissingParameter\ngarbage ReceiptHandleIsInvalid\n")
	if len(deleted.Successful) != 2 {
		t.Errorf("got %v, want ok and again", deleted.Successful)
	}
}

func checkFailed(t *testing.T, failed []api.BatchResultError, want string) {
	t.Helper()
	got := ""
	for _, e := range failed {
		got += fmt.Sprintln(e.ID, e.Code)
		if !e.SenderFault {
			t.Errorf("%s: got a fault of the server, want one of the sender", e.ID)
		}
	}
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestBatchOfHandlesLimits: the rules of all batches hold for deletes and visibility changes, too.
func TestBatchOfHandlesLimits(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	handle := f.receive(api.ReceiveMessageInput{}).ReceiptHandle
	many := func(n int) (ids []string) {
		for i := range n {
			ids = append(ids, fmt.Sprint("e", i))
		}
		return ids
	}
	for _, c := range []struct {
		name string
		ids  []string
		want *api.Kind
		text string // %s is the action
	}{
		{"none", nil, api.EmptyBatchRequest, "There should be at least one %sBatchRequestEntry in the request."},
		{"1", many(1), nil, ""},
		{"10", many(10), nil, ""},
		{"11", many(11), api.TooManyEntriesInBatchRequest, "Maximum number of entries per request are 10. You have sent 11."},
		{"id_80", []string{repeat(80)}, nil, ""},
		{"id_81", []string{repeat(81)}, api.InvalidBatchEntryID, ""},
		{"id_empty", []string{""}, api.InvalidBatchEntryID, ""},
		{"id_characters", []string{"aZ9-_"}, nil, ""},
		{"id_dot", []string{"a.b"}, api.InvalidBatchEntryID, ""},
		{"id_repeated", []string{"a", "b", "b"}, api.BatchEntryIDsNotDistinct, "Id b repeated."},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := &api.ChangeMessageVisibilityBatchInput{QueueURL: f.queue}
			remove := &api.DeleteMessageBatchInput{QueueURL: f.queue}
			for _, id := range c.ids {
				change.Entries = append(change.Entries, api.ChangeVisibilityEntry{ID: id, ReceiptHandle: handle, VisibilityTimeout: new(0)})
				remove.Entries = append(remove.Entries, api.DeleteMessageEntry{ID: id, ReceiptHandle: "garbage"})
			}
			_, err := f.ChangeMessageVisibilityBatch(t.Context(), f.call, change)
			want(t, err, c.want, strings.ReplaceAll(c.text, "%s", "ChangeMessageVisibility"))
			_, err = f.DeleteMessageBatch(t.Context(), f.call, remove)
			want(t, err, c.want, strings.ReplaceAll(c.text, "%s", "DeleteMessage"))
		})
	}
}
