package service_test

import (
	"encoding/base64"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestMoveTaskLimits(t *testing.T) {
	f := newFixture(t, nil)
	f.create("dead")
	f.create("dead.fifo", set(api.FifoQueue, "true"))
	want(t, f.update(f.queue, redriveTo("dead", 1)), nil, "")
	const source = arnPrefix + "dead"
	for _, c := range []struct {
		name string
		in   api.StartMessageMoveTaskInput
		want *api.Kind
		text string
	}{
		{"no_source", api.StartMessageMoveTaskInput{}, api.MissingParameter, "The request must contain the parameter SourceArn."},
		{"no_ARN", api.StartMessageMoveTaskInput{SourceARN: "dead"}, api.InvalidMoveARN,
			"You must use this format to specify the SourceArn: arn:<partition>:<service>:<region>:<account-id>:<resource-id>"},
		{"rate_0", api.StartMessageMoveTaskInput{SourceARN: source, MaxNumberOfMessagesPerSecond: new(0)}, api.InvalidMoveRate, ""},
		{"rate_501", api.StartMessageMoveTaskInput{SourceARN: source, MaxNumberOfMessagesPerSecond: new(501)}, api.InvalidMoveRate,
			"Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided."},
		{"source_absent", api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "absent"}, api.MoveSourceDoesNotExist,
			"The resource that you specified for the SourceArn parameter doesn't exist."},
		{"source_of_other_account", api.StartMessageMoveTaskInput{SourceARN: "arn:aws:sqs:us-east-1:123456789012:dead"}, api.MoveSourceDoesNotExist, ""},
		{"source_of_other_region", api.StartMessageMoveTaskInput{SourceARN: "arn:aws:sqs:eu-west-1:" + account + ":dead"}, api.MoveSourceDoesNotExist, ""},
		{"source_is_no_dead_letter_queue", api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "q"}, api.MoveSourceIsNoDeadLetter,
			"Source queue must be configured as a Dead Letter Queue."},
		{"destination_absent", api.StartMessageMoveTaskInput{SourceARN: source, DestinationARN: new(arnPrefix + "absent")}, api.MoveDestinationDoesNotExist,
			"The resource that you specified for the DestinationArn parameter doesn't exist."},
		{"destination_is_no_ARN", api.StartMessageMoveTaskInput{SourceARN: source, DestinationARN: new("q")}, api.MoveDestinationDoesNotExist, ""},
		{"destination_of_other_type", api.StartMessageMoveTaskInput{SourceARN: source, DestinationARN: new(source + ".fifo")}, api.MoveToOtherType, ""},
		{"destination_is_source", api.StartMessageMoveTaskInput{SourceARN: source, DestinationARN: new(source)}, api.MoveToSource, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.StartMessageMoveTask(t.Context(), f.call, &c.in)
			want(t, err, c.want, c.text)
		})
	}
}

func TestListMessageMoveTasksLimits(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		name string
		in   api.ListMessageMoveTasksInput
		want *api.Kind
	}{
		{"no_source", api.ListMessageMoveTasksInput{}, api.MissingParameter},
		{"no_ARN", api.ListMessageMoveTasksInput{SourceARN: "q"}, api.InvalidMoveARN},
		{"absent", api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "absent"}, api.MoveSourceDoesNotExist},
		{"no_tasks", api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "q"}, nil},
		{"max_0", api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "q", MaxResults: new(0)}, api.InvalidMoveResults},
		{"max_10", api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "q", MaxResults: new(10)}, nil},
		{"max_11", api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "q", MaxResults: new(11)}, api.InvalidMoveResults},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := f.ListMessageMoveTasks(t.Context(), f.call, &c.in)
			want(t, err, c.want, "")
			if err == nil && len(out.Results) != 0 {
				t.Errorf("got %v, want no tasks", out.Results)
			}
		})
	}
}

func TestCancelMessageMoveTaskLimits(t *testing.T) {
	f := newFixture(t, nil)
	handle := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, c := range []struct {
		name, handle string
		want         *api.Kind
		text         string
	}{
		{"absent", "", api.MissingParameter, "The request must contain the parameter TaskHandle."},
		{"no_base64", "!", api.InvalidTaskHandle, "Value for parameter TaskHandle is invalid."},
		{"no_JSON", handle("x"), api.InvalidTaskHandle, ""},
		{"empty", handle("{}"), api.InvalidTaskHandle, ""},
		{"source_is_no_ARN", handle(`{"taskId":"x","sourceArn":"invalid"}`), api.MoveSourceDoesNotExist, ""},
		{"source_absent", handle(`{"taskId":"x","sourceArn":"` + arnPrefix + `absent"}`), api.MoveSourceDoesNotExist, ""},
		{"task_unknown", handle(`{"taskId":"x","sourceArn":"` + arnPrefix + `q"}`), api.MoveTaskDoesNotExist, "Task does not exist."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.CancelMessageMoveTask(t.Context(), f.call, &api.CancelMessageMoveTaskInput{TaskHandle: c.handle})
			want(t, err, c.want, c.text)
		})
	}
}
