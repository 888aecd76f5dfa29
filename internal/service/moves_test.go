package service_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// A task is seen through its handle while it runs, and without one afterwards; the newest comes first.
func TestMessageMoveTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		f.create("dead")
		want(t, f.update(f.queue, redriveTo("dead", 1)), nil, "")
		other := f.create("other")
		for i := range 3 {
			f.send(f.queue, fmt.Sprint(i))
			f.receive(api.ReceiveMessageInput{})
			f.receiveNothing(f.queue)
		}
		started := f.clock.Load() / int64(time.Millisecond)
		handle := f.startMove(api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "dead", MaxNumberOfMessagesPerSecond: new(1)})
		synctest.Wait()
		f.wantMoves(1, api.MessageMoveTask{TaskHandle: handle, Status: "RUNNING", SourceARN: arnPrefix + "dead", MaxNumberOfMessagesPerSecond: new(1),
			ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 3, StartedTimestamp: started})
		checkTaskHandle(t, handle)

		out, err := f.CancelMessageMoveTask(t.Context(), f.call, &api.CancelMessageMoveTaskInput{TaskHandle: handle})
		want(t, err, nil, "")
		if out.ApproximateNumberOfMessagesMoved != 1 {
			t.Errorf("cancel: %d moved, want 1", out.ApproximateNumberOfMessagesMoved)
		}
		_, err = f.CancelMessageMoveTask(t.Context(), f.call, &api.CancelMessageMoveTaskInput{TaskHandle: handle})
		want(t, err, api.MoveTaskIsOver, "Only active tasks can be cancelled.")

		f.startMove(api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "dead", DestinationARN: new(arnPrefix + "other")})
		synctest.Wait()
		f.wantMoves(10,
			api.MessageMoveTask{Status: "COMPLETED", SourceARN: arnPrefix + "dead", DestinationARN: arnPrefix + "other",
				ApproximateNumberOfMessagesMoved: 2, ApproximateNumberOfMessagesToMove: 2, StartedTimestamp: started},
			api.MessageMoveTask{Status: "CANCELLED", SourceARN: arnPrefix + "dead", MaxNumberOfMessagesPerSecond: new(1),
				ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 3, StartedTimestamp: started})

		m, err := f.ReceiveMessage(t.Context(), f.call, &api.ReceiveMessageInput{QueueURL: other, MessageSystemAttributeNames: []string{"All"}})
		want(t, err, nil, "")
		if len(m.Messages) != 1 || m.Messages[0].Body != "1" {
			t.Fatalf("got %+v", m.Messages)
		}
		for _, a := range m.Messages[0].Attributes {
			if a.Name == api.DeadLetterQueueSourceArn || a.Name == api.ApproximateReceiveCount && a.Value != "1" {
				t.Errorf("attribute %s is %q", a.Name, a.Value)
			}
		}
	})
}

// A message that nobody can send back fails the task.
func TestMessageMoveTaskFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		dead := f.create("dead")
		want(t, f.update(f.queue, redriveTo("dead", 1)), nil, "")
		f.send(dead, "a")
		f.startMove(api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "dead"})
		synctest.Wait()
		f.wantMoves(1, api.MessageMoveTask{Status: "FAILED", SourceARN: arnPrefix + "dead", ApproximateNumberOfMessagesToMove: 1,
			FailureReason: "CouldNotDetermineMessageSource", StartedTimestamp: f.clock.Load() / int64(time.Millisecond)})
	})
}

func (f *fixture) receiveNothing(url string) {
	f.Helper()
	out, err := f.ReceiveMessage(f.Context(), f.call, &api.ReceiveMessageInput{QueueURL: url})
	if err != nil || len(out.Messages) != 0 {
		f.Fatalf("got %+v, %v, want nothing", out, err)
	}
}

func (f *fixture) startMove(in api.StartMessageMoveTaskInput) (handle string) {
	f.Helper()
	out, err := f.StartMessageMoveTask(f.Context(), f.call, &in)
	if err != nil {
		f.Fatal(err)
	}
	return out.TaskHandle
}

func (f *fixture) wantMoves(max int, want ...api.MessageMoveTask) {
	f.Helper()
	out, err := f.ListMessageMoveTasks(f.Context(), f.call, &api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "dead", MaxResults: &max})
	if err != nil {
		f.Fatal(err)
	}
	got, err := json.Marshal(out.Results)
	if err != nil {
		f.Fatal(err)
	}
	if text, err := json.Marshal(want); err != nil || string(got) != string(text) {
		f.Errorf("got  %s\nwant %s", got, text)
	}
}

// checkTaskHandle: the handle says what AWS's does.
func checkTaskHandle(t *testing.T, handle string) {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(handle)
	var h struct{ TaskID, SourceARN string }
	if err != nil || json.Unmarshal(text, &h) != nil || len(h.TaskID) != 36 || h.SourceARN != arnPrefix+"dead" {
		t.Errorf("handle is %s, %v", text, err)
	}
}
