package sdkv2

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// deadLetters makes a queue and its dead-letter queue with n dead letters in it, and returns their bodies.
func deadLetters(t *testing.T, s *harness.Server, n int) (q, dead *queue, sent map[string]bool) {
	t.Helper()
	dead = newQueue(t, s)
	q = newQueue(t, s, "RedrivePolicy", dead.redrive(1), "VisibilityTimeout", "0")
	sent = map[string]bool{}
	for i := range n {
		q.send(strconv.Itoa(i))
		sent[strconv.Itoa(i)] = true
	}
	for q.attributes("All")["ApproximateNumberOfMessages"] != "0" {
		q.receive()
	}
	set(t, q, "VisibilityTimeout", "300")
	dead.wantCounts(strconv.Itoa(n), "0", "0")
	return q, dead, sent
}

// move starts a task from q; options change the request.
func (q *queue) move(options ...func(*sqs.StartMessageMoveTaskInput)) (string, error) {
	in := &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(q.arn())}
	for _, option := range options {
		option(in)
	}
	out, err := q.StartMessageMoveTask(q.t.Context(), in)
	if err != nil {
		return "", err
	}
	return *out.TaskHandle, nil
}

// task returns the latest task of q.
func (q *queue) task() types.ListMessageMoveTasksResultEntry {
	q.t.Helper()
	out, err := q.ListMessageMoveTasks(q.t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(q.arn())})
	if err != nil || len(out.Results) != 1 {
		q.t.Fatalf("tasks: %v, %v, want one", out, err)
	}
	return out.Results[0]
}

// ended waits until the latest task of q no longer runs, and returns it.
func (q *queue) ended() types.ListMessageMoveTasksResultEntry {
	q.t.Helper()
	tick, late := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		task := q.task()
		if *task.Status != "RUNNING" {
			return task
		}
		select {
		case <-tick.C:
		case <-late:
			q.t.Fatalf("the task still runs: %+v", task)
		}
	}
}

// drain receives n messages with bodies of their own and deletes them. A moved message has a new id.
func (q *queue) drain(n int) map[string]types.Message {
	q.t.Helper()
	got := map[string]types.Message{}
	for len(got) < n {
		messages := q.receive(wait(20))
		if len(messages) == 0 {
			q.t.Fatalf("only %d of %d came", len(got), n)
		}
		for _, m := range messages {
			if _, twice := got[*m.Body]; twice {
				q.t.Errorf("%q came twice", *m.Body)
			}
			got[*m.Body] = m
			q.delete(m)
		}
	}
	q.wantCounts("0", "0", "0")
	return got
}

func TestMoveToWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	q, dead, sent := deadLetters(t, shared, 25)
	if _, err := dead.move(); err != nil {
		t.Fatal(err)
	}
	task := dead.ended()
	if *task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 25 || *task.SourceArn != dead.arn() || task.TaskHandle != nil ||
		task.DestinationArn != nil || task.MaxNumberOfMessagesPerSecond != nil || task.StartedTimestamp == 0 {
		t.Errorf("task = %+v", task)
	}
	dead.wantCounts("0", "0", "0")
	for body, m := range q.drain(25) {
		if !sent[body] || m.Attributes["ApproximateReceiveCount"] != "1" || m.Attributes["DeadLetterQueueSourceArn"] != "" {
			t.Errorf("%q came with %v, want it as if it were new", body, m.Attributes)
		}
	}
}

func TestMoveFIFOElsewhere(t *testing.T) {
	t.Parallel()
	dead, other := newFIFO(t, shared), newFIFO(t, shared)
	q := newFIFO(t, shared, "RedrivePolicy", dead.redrive(1), "VisibilityTimeout", "0")
	for i := range 9 {
		q.sendTo("g"+strconv.Itoa(i%2), strconv.Itoa(i), strconv.Itoa(i))
	}
	for q.attributes("All")["ApproximateNumberOfMessages"] != "0" {
		q.receive()
	}
	_, err := dead.move(func(in *sqs.StartMessageMoveTaskInput) { in.DestinationArn = aws.String(other.arn()) })
	if err != nil {
		t.Fatal(err)
	}
	if task := dead.ended(); *task.Status != "COMPLETED" || aws.ToString(task.DestinationArn) != other.arn() || task.ApproximateNumberOfMessagesMoved != 9 {
		t.Errorf("task = %+v", task)
	}
	groups := map[string][]string{}
	for _, m := range other.receive() {
		group := m.Attributes["MessageGroupId"]
		groups[group] = append(groups[group], *m.Body)
	}
	if !slices.Equal(groups["g0"], []string{"0", "2", "4", "6", "8"}) || !slices.Equal(groups["g1"], []string{"1", "3", "5", "7"}) {
		t.Errorf("received %v, want each group in its order", groups)
	}
}

// A task of one message a second is cancelled, or survives a kill and goes on.
func TestSlowMove(t *testing.T) {
	t.Parallel()
	slow := func(in *sqs.StartMessageMoveTaskInput) { in.MaxNumberOfMessagesPerSecond = aws.Int32(1) }
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		q, dead, _ := deadLetters(t, shared, 100)
		handle, err := dead.move(slow)
		if err != nil {
			t.Fatal(err)
		}
		if task := dead.task(); *task.Status != "RUNNING" || aws.ToString(task.TaskHandle) != handle || aws.ToInt32(task.MaxNumberOfMessagesPerSecond) != 1 ||
			aws.ToInt64(task.ApproximateNumberOfMessagesToMove) != 100 {
			t.Errorf("task = %+v, want it running under %s", task, handle)
		}
		_, err = dead.move()
		refusal{nil, codeInvalid, 400, "There is already a task running."}.check(t, err)
		q.receiveOne(wait(20)) // one has moved
		out, err := q.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
		if err != nil {
			t.Fatal(err)
		}
		moved := out.ApproximateNumberOfMessagesMoved
		if task := dead.ended(); *task.Status != "CANCELLED" || task.ApproximateNumberOfMessagesMoved != moved || moved < 1 || moved > 99 {
			t.Errorf("%d moved when it was cancelled, task = %+v", moved, task)
		}
		dead.wantCounts(strconv.FormatInt(100-moved, 10), "0", "0")
		q.wantCounts(strconv.FormatInt(moved-1, 10), "1", "0")
		_, err = q.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
		refusal{nil, codeInvalid, 400, "Only active tasks can be cancelled."}.check(t, err)
	})
	t.Run("goes_on_after_a_kill", func(t *testing.T) {
		t.Parallel()
		s := harness.Start(t)
		q, dead, sent := deadLetters(t, s, 4)
		if _, err := dead.move(slow); err != nil {
			t.Fatal(err)
		}
		q.receiveOne(wait(20))
		s.Restart(t)
		if task := dead.ended(); *task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 4 {
			t.Errorf("task = %+v", task)
		}
		q.wantCounts("3", "1", "0")
		for _, m := range q.receive() {
			if !sent[*m.Body] {
				t.Errorf("received %q", *m.Body)
			}
		}
	})
}

func TestMoveRefused(t *testing.T) {
	t.Parallel()
	q, dead, _ := deadLetters(t, shared, 1)
	gone := refusal{is[*types.ResourceNotFoundException], "ResourceNotFoundException", 404, ""}
	_, err := q.move()
	refusal{nil, codeInvalid, 400, "Source queue must be configured as a Dead Letter Queue."}.check(t, err)
	_, err = dead.move(func(in *sqs.StartMessageMoveTaskInput) { in.SourceArn = aws.String(dead.arn() + "-never-made") })
	gone.check(t, err)
	_, err = dead.move(func(in *sqs.StartMessageMoveTaskInput) { in.DestinationArn = aws.String(q.arn() + "-never-made") })
	gone.check(t, err)
	_, err = dead.move(func(in *sqs.StartMessageMoveTaskInput) { in.MaxNumberOfMessagesPerSecond = aws.Int32(501) })
	refusal{nil, codeInvalid, 400, "MaxNumberOfMessagesPerSecond"}.check(t, err)
	_, err = q.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: aws.String("garbage")})
	refusal{nil, codeInvalid, 400, ""}.check(t, err)
	_, err = q.ListMessageMoveTasks(t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String("garbage")})
	refusal{nil, codeInvalid, 400, ""}.check(t, err)
	dead.wantCounts("1", "0", "0")
}
