package sdkv1

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"
)

// ended waits until the latest move task of q no longer runs, and returns it.
func (q *queue) ended() *sqs.ListMessageMoveTasksResultEntry {
	q.t.Helper()
	tick, late := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		out, err := q.ListMessageMoveTasks(&sqs.ListMessageMoveTasksInput{SourceArn: aws.String(q.arn())})
		if err != nil || len(out.Results) != 1 {
			q.t.Fatalf("tasks: %v, %v, want one", out, err)
		}
		if task := out.Results[0]; *task.Status != "RUNNING" {
			return task
		}
		select {
		case <-tick.C:
		case <-late:
			q.t.Fatal("the task still runs")
		}
	}
}

func TestMoveTasks(t *testing.T) {
	t.Parallel()
	dead := newQueue(t, shared)
	q := newQueue(t, shared, "RedrivePolicy", dead.redrive(1), "VisibilityTimeout", "0")
	sent := map[string]bool{}
	for i := range 100 {
		q.send(strconv.Itoa(i))
		sent[strconv.Itoa(i)] = true
	}
	for q.attributes("All")["ApproximateNumberOfMessages"] != "0" {
		q.receive()
	}
	if _, err := q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("VisibilityTimeout", "300")}); err != nil {
		t.Fatal(err)
	}
	dead.wantCounts("100", "0", "0")

	slow, err := q.StartMessageMoveTask(&sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String(dead.arn()), DestinationArn: aws.String(q.arn()), MaxNumberOfMessagesPerSecond: aws.Int64(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.StartMessageMoveTask(&sqs.StartMessageMoveTaskInput{SourceArn: aws.String(dead.arn())})
	refused(t, err, codeInvalid, 400, "There is already a task running.")
	cancelled, err := q.CancelMessageMoveTask(&sqs.CancelMessageMoveTaskInput{TaskHandle: slow.TaskHandle})
	if err != nil {
		t.Fatal(err)
	}
	moved := aws.Int64Value(cancelled.ApproximateNumberOfMessagesMoved)
	if task := dead.ended(); *task.Status != "CANCELLED" || aws.StringValue(task.DestinationArn) != q.arn() ||
		aws.Int64Value(task.MaxNumberOfMessagesPerSecond) != 1 || aws.Int64Value(task.ApproximateNumberOfMessagesMoved) != moved || moved > 99 {
		t.Errorf("%d moved when it was cancelled, task %v", moved, task)
	}
	dead.wantCounts(strconv.FormatInt(100-moved, 10), "0", "0")

	if _, err := q.StartMessageMoveTask(&sqs.StartMessageMoveTaskInput{SourceArn: aws.String(dead.arn())}); err != nil {
		t.Fatal(err)
	}
	if task := dead.ended(); *task.Status != "COMPLETED" || aws.Int64Value(task.ApproximateNumberOfMessagesMoved) != 100-moved {
		t.Errorf("%d were left to move, task %v", 100-moved, task)
	}
	dead.wantCounts("0", "0", "0")
	for len(sent) > 0 {
		got := q.receive(wait(20))
		if len(got) == 0 {
			t.Fatalf("%d messages did not come back", len(sent))
		}
		for _, m := range got {
			if !sent[*m.Body] || *m.Attributes["ApproximateReceiveCount"] != "1" {
				t.Errorf("received %q with count %s, want what is missing, once and as if it were new", *m.Body, *m.Attributes["ApproximateReceiveCount"])
			}
			delete(sent, *m.Body)
			q.delete(m)
		}
	}
	q.wantCounts("0", "0", "0")
	_, err = q.StartMessageMoveTask(&sqs.StartMessageMoveTaskInput{SourceArn: aws.String(dead.arn() + "-never-made")})
	refused(t, err, "ResourceNotFoundException", 404, "SourceArn")
}
