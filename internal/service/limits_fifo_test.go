package service_test

import (
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

// onFIFO is a message of group g.
func onFIFO(change func(*api.SendMessageEntry)) api.SendMessageEntry {
	e := api.SendMessageEntry{ID: "e", MessageBody: "b", MessageGroupID: new("g"), MessageDeduplicationID: new("d")}
	if change != nil {
		change(&e)
	}
	return e
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

type fifoCase struct {
	name  string
	entry api.SendMessageEntry
	// SendMessage's fault, the request's in SendMessageBatch, and the entry's there. nil: none.
	single, request, failed *api.Kind
	text                    string // of the first of them
}

func fifoCases() []fifoCase {
	const missingDedup = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
	const missingGroup = "The request must contain the parameter MessageGroupId."
	return []fifoCase{
		{"complete", onFIFO(nil), nil, nil, nil, ""},
		{"no_group", onFIFO(func(e *api.SendMessageEntry) { e.MessageGroupID = nil }),
			api.MissingParameter, api.BatchGroupIDMissing, nil, missingGroup},
		{"empty_group", onFIFO(func(e *api.SendMessageEntry) { e.MessageGroupID = new("") }),
			api.MissingParameter, api.BatchGroupIDMissing, nil, missingGroup},
		{"no_dedup", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = nil }),
			api.DedupIDMissing, api.DedupIDMissing, nil, missingDedup},
		{"group_128", onFIFO(func(e *api.SendMessageEntry) { e.MessageGroupID = new(repeat(128)) }), nil, nil, nil, ""},
		{"group_129", onFIFO(func(e *api.SendMessageEntry) { e.MessageGroupID = new(repeat(129)) }),
			api.InvalidGroupID, nil, api.InvalidGroupID, ""},
		{"dedup_128", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = new(repeat(128)) }), nil, nil, nil, ""},
		{"dedup_punctuation", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = new(punctuation) }), nil, nil, nil, ""},
		{"dedup_129", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = new(repeat(129)) }),
			api.InvalidDedupID, nil, api.InvalidDedupID, ""},
		{"dedup_space", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = new("a b") }),
			api.InvalidDedupID, nil, api.InvalidDedupID, "Value a b for parameter MessageDeduplicationId is invalid. " +
				"Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"dedup_empty", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID = new("") }),
			api.InvalidDedupID, nil, api.InvalidDedupID, ""},
		{"delay_0", onFIFO(func(e *api.SendMessageEntry) { e.DelaySeconds = new(0) }), nil, nil, nil, ""},
		{"delay_1", onFIFO(func(e *api.SendMessageEntry) { e.DelaySeconds = new(1) }),
			api.NotForThisQueueType, nil, api.NotForThisQueueType, "Value 1 for parameter DelaySeconds is invalid. " +
				"Reason: The request include parameter that is not valid for this queue type."},
		{"delay_-1", onFIFO(func(e *api.SendMessageEntry) { e.DelaySeconds = new(-1) }), api.InvalidDelay, nil, api.InvalidDelay, ""},
		{"delay_before_group", onFIFO(func(e *api.SendMessageEntry) { e.DelaySeconds, e.MessageGroupID = new(1), nil }),
			api.NotForThisQueueType, api.BatchGroupIDMissing, nil, ""},
		{"group_before_dedup", onFIFO(func(e *api.SendMessageEntry) { e.MessageDeduplicationID, e.MessageGroupID = nil, nil }),
			api.MissingParameter, api.DedupIDMissing, nil, ""},
	}
}

func TestSendMessageToFIFOLimits(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("q.fifo", set(api.FifoQueue, "true"))
	for _, c := range fifoCases() {
		t.Run(c.name, func(t *testing.T) {
			e := c.entry
			_, err := f.SendMessage(t.Context(), f.call, &api.SendMessageInput{QueueURL: url, MessageBody: e.MessageBody, DelaySeconds: e.DelaySeconds,
				MessageGroupID: e.MessageGroupID, MessageDeduplicationID: e.MessageDeduplicationID})
			want(t, err, c.single, c.text)
		})
	}
}

func TestSendMessageBatchToFIFOLimits(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("q.fifo", set(api.FifoQueue, "true"))
	for _, c := range fifoCases() {
		t.Run(c.name, func(t *testing.T) {
			other := onFIFO(func(e *api.SendMessageEntry) { e.ID = "other" })
			out, err := f.SendMessageBatch(t.Context(), f.call, &api.SendMessageBatchInput{QueueURL: url, Entries: []api.SendMessageEntry{other, c.entry}})
			want(t, err, c.request, "")
			switch {
			case err != nil:
			case c.failed == nil && len(out.Failed) > 0:
				t.Errorf("got %v, want no failure", out.Failed)
			case c.failed != nil && (len(out.Failed) != 1 || out.Failed[0].Code != c.failed.QueryCode || c.text != "" && out.Failed[0].Message != c.text):
				t.Errorf("got %v, want %s of one entry", out.Failed, c.failed.QueryCode)
			}
		})
	}
}

// The first fault in the order of the entries is the one that is told, and of one entry's the id comes first and being
// repeated last.
func TestSendMessageBatchToFIFOOrderOfChecks(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("q.fifo", set(api.FifoQueue, "true"))
	in := &api.SendMessageBatchInput{QueueURL: url}
	for _, e := range []struct{ id, group, dedup string }{{"a", "g", "1"}, {"!", "", ""}, {"c", "g", "3"}, {"!", "g", "4"}} {
		entry := api.SendMessageEntry{ID: e.id, MessageBody: "b"}
		if e.group != "" {
			entry.MessageGroupID, entry.MessageDeduplicationID = &e.group, &e.dedup
		}
		in.Entries = append(in.Entries, entry)
	}
	in.Entries[3].MessageBody = repeat(1<<20 + 1)
	for _, step := range []struct {
		want *api.Kind
		mend func()
	}{
		{api.InvalidBatchEntryID, func() { in.Entries[1].ID = "a" }},
		{api.DedupIDMissing, func() { in.Entries[1].MessageDeduplicationID = new("2") }},
		{api.BatchGroupIDMissing, func() { in.Entries[1].MessageGroupID = new("g") }},
		{api.BatchEntryIDsNotDistinct, func() { in.Entries[1].ID = "b" }},
		{api.InvalidBatchEntryID, func() { in.Entries[3].ID = "d" }},
		{api.BatchRequestTooLong, func() { in.Entries[3].MessageBody = "b" }},
		{nil, func() {}},
	} {
		_, err := f.SendMessageBatch(t.Context(), f.call, in)
		want(t, err, step.want, "")
		step.mend()
	}
}

func TestContentBasedDeduplicationNeedsNoID(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("q.fifo", set(api.FifoQueue, "true"), set(api.ContentBasedDeduplication, "true"))
	_, err := f.SendMessage(t.Context(), f.call, &api.SendMessageInput{QueueURL: url, MessageBody: "hello", MessageGroupID: new("g")})
	want(t, err, nil, "")
	_, err = f.SendMessageBatch(t.Context(), f.call, &api.SendMessageBatchInput{QueueURL: url,
		Entries: []api.SendMessageEntry{{ID: "a", MessageBody: "b", MessageGroupID: new("g")}}})
	want(t, err, nil, "")
	want(t, f.update(url, set(api.ContentBasedDeduplication, "false")), nil, "")
	_, err = f.SendMessage(t.Context(), f.call, &api.SendMessageInput{QueueURL: url, MessageBody: "hello", MessageGroupID: new("g")})
	want(t, err, api.DedupIDMissing, "")
}

func TestAttemptIDLimits(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("q.fifo", set(api.FifoQueue, "true"))
	for _, c := range []struct {
		name, id string
		want     *api.Kind
		text     string
	}{
		{"128", repeat(128), nil, ""},
		{"punctuation", punctuation, nil, ""},
		{"129", repeat(129), api.InvalidAttemptID, ""},
		{"empty", "", api.InvalidAttemptID, ""},
		{"space", "a b", api.InvalidAttemptID, "Value a b for parameter ReceiveRequestAttemptId is invalid. " +
			"Reason: ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.ReceiveMessage(t.Context(), f.call, &api.ReceiveMessageInput{QueueURL: url, ReceiveRequestAttemptID: &c.id})
			want(t, err, c.want, c.text)
		})
	}
}
