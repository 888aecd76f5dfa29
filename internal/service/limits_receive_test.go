package service_test

import (
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestReceiveMessageLimits(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	for _, c := range []struct {
		name string
		in   api.ReceiveMessageInput
		want *api.Kind
		text string
	}{
		{"max_0", api.ReceiveMessageInput{MaxNumberOfMessages: new(0)}, api.InvalidMaxNumberOfMessages,
			"Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"max_1", api.ReceiveMessageInput{MaxNumberOfMessages: new(1)}, nil, ""},
		{"max_10", api.ReceiveMessageInput{MaxNumberOfMessages: new(10)}, nil, ""},
		{"max_11", api.ReceiveMessageInput{MaxNumberOfMessages: new(11)}, api.InvalidMaxNumberOfMessages, ""},
		{"wait_-1", api.ReceiveMessageInput{WaitTimeSeconds: new(-1)}, api.InvalidWaitTime,
			"Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"wait_20", api.ReceiveMessageInput{WaitTimeSeconds: new(20)}, nil, ""},
		{"wait_21", api.ReceiveMessageInput{WaitTimeSeconds: new(21)}, api.InvalidWaitTime, ""},
		{"visibility_-1", api.ReceiveMessageInput{VisibilityTimeout: new(-1)}, api.InvalidVisibilityTimeout, ""},
		{"visibility_43201", api.ReceiveMessageInput{VisibilityTimeout: new(43201)}, api.InvalidVisibilityTimeout,
			"Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided."},
		{"attempt_id", api.ReceiveMessageInput{ReceiveRequestAttemptID: new("a")}, api.NotForThisQueueType, ""},
		// The last: it hides the message.
		{"visibility_43200", api.ReceiveMessageInput{VisibilityTimeout: new(43200)}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.QueueURL = f.queue
			if c.in.VisibilityTimeout == nil {
				c.in.VisibilityTimeout = new(0)
			}
			out, err := f.ReceiveMessage(t.Context(), f.call, &c.in)
			want(t, err, c.want, c.text)
			if err == nil && len(out.Messages) != 1 {
				t.Errorf("got %d messages, want 1", len(out.Messages))
			}
		})
	}
}

func TestHandleLimits(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	handle := f.receive(api.ReceiveMessageInput{}).ReceiptHandle
	f.advance(time.Second) // 12 hours from here are beyond 12 hours from the receive
	for _, c := range []struct {
		name    string
		url     string
		handle  string
		timeout *int
		want    *api.Kind
		text    string
	}{
		{"handle_absent", f.queue, "", new(1), api.MissingParameter, "The request must contain the parameter ReceiptHandle."},
		{"timeout_absent", f.queue, handle, nil, api.MissingParameter, "The request must contain the parameter VisibilityTimeout."},
		{"timeout_-1", f.queue, handle, new(-1), api.InvalidVisibilityTimeout, ""},
		{"timeout_0", f.queue, handle, new(0), nil, ""},
		{"timeout_43201", f.queue, handle, new(43201), api.InvalidVisibilityTimeout, ""},
		{"up_to_12_hours", f.queue, handle, new(43199), nil, ""},
		{"beyond_12_hours", f.queue, handle, new(43200), api.VisibilityBeyondLimit,
			"Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"},
		{"garbage", f.queue, "garbage", new(1), api.ReceiptHandleIsInvalid, `The input receipt handle "garbage" is not a valid receipt handle.`},
		{"too_long", f.queue, repeat(1025), new(1), api.ReceiptHandleIsInvalid, `The input receipt handle "` + repeat(1024) + `..." is not a valid receipt handle.`},
		{"other_queue", f.create("other"), handle, new(1), api.ReceiptHandleOfOtherQueue, `The receipt handle "` + handle + `" is not valid for this queue.`},
		{"unknown_queue_first", f.queue + "x", "", new(-1), api.QueueDoesNotExist, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &api.ChangeMessageVisibilityInput{QueueURL: c.url, ReceiptHandle: c.handle, VisibilityTimeout: c.timeout}
			_, err := f.ChangeMessageVisibility(t.Context(), f.call, in)
			want(t, err, c.want, c.text)
		})
	}
	for _, url := range []string{f.queue, f.queue} { // the second time it is gone already
		_, err := f.DeleteMessage(t.Context(), f.call, &api.DeleteMessageInput{QueueURL: url, ReceiptHandle: handle})
		want(t, err, nil, "")
	}
	_, err := f.ChangeMessageVisibility(t.Context(), f.call,
		&api.ChangeMessageVisibilityInput{QueueURL: f.queue, ReceiptHandle: handle, VisibilityTimeout: new(1)})
	want(t, err, api.MessageGone, "Value "+handle+" for parameter ReceiptHandle is invalid. "+
		"Reason: Message does not exist or is not available for visibility timeout change.")
}
