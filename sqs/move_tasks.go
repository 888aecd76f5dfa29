package sqs

import (
	"context"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// MoveOptions say how a message move task works. The zero value moves every message back to the queue that it came from,
// as fast as the server likes.
type MoveOptions struct {
	// Destination is the ARN of the queue that gets the messages. Default: each goes back to where it came from.
	Destination string
	// Rate bounds the messages a second: 1 to 500. nil: the server decides.
	Rate *int
}

// WithDestination sets MoveOptions.Destination.
func WithDestination(queueARN string) func(*MoveOptions) {
	return func(o *MoveOptions) { o.Destination = queueARN }
}

// WithRate sets MoveOptions.Rate.
func WithRate(messagesPerSecond int) func(*MoveOptions) {
	return func(o *MoveOptions) { o.Rate = &messagesPerSecond }
}

// MoveTask is what the server tells of a message move task.
type MoveTask struct {
	Handle        string // for CancelMessageMoveTask; "" when the task does not run any more
	Status        string // RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED
	Source        string // ARN of the dead-letter queue
	Destination   string // ARN, "" if messages go back to where they came from
	Rate          int    // messages a second, 0 if none was given
	Moved         int64  // approximate number of messages
	ToMove        int64  // approximate number of messages when the task started
	FailureReason string // of a task that FAILED
	Started       time.Time
}

// StartMessageMoveTask makes the server move the messages of this queue, a dead-letter queue, and returns at once, with
// the handle of the task. The queue is named by its ARN (see ARN). It fails with ErrResourceNotFound if a queue does not
// exist, and with ErrInvalidParameterValue if a task is running there already, or if the queue is nobody's dead-letter
// queue. boto had no move tasks.
func (q *QueueOf[T]) StartMessageMoveTask(ctx context.Context, optFns ...func(*MoveOptions)) (handle string, err error) {
	var o MoveOptions
	for _, fn := range optFns {
		fn(&o)
	}
	in := api.StartMessageMoveTaskInput{SourceARN: q.ARN(), MaxNumberOfMessagesPerSecond: o.Rate}
	if o.Destination != "" {
		in.DestinationARN = &o.Destination
	}
	out, err := call(ctx, q.conn, api.StartMessageMoveTask, "", &in)
	if err != nil {
		return "", err
	}
	return out.TaskHandle, nil
}

// MessageMoveTasks returns the last move tasks of this queue, up to ten, the newest first.
func (q *QueueOf[T]) MessageMoveTasks(ctx context.Context) ([]MoveTask, error) {
	in := api.ListMessageMoveTasksInput{SourceARN: q.ARN(), MaxResults: new(api.MaxMoveResults)}
	out, err := call(ctx, q.conn, api.ListMessageMoveTasks, "", &in)
	if err != nil {
		return nil, err
	}
	tasks := make([]MoveTask, len(out.Results))
	for i := range out.Results {
		t := &out.Results[i]
		tasks[i] = MoveTask{
			Handle:        t.TaskHandle,
			Status:        t.Status,
			Source:        t.SourceARN,
			Destination:   t.DestinationARN,
			Moved:         t.ApproximateNumberOfMessagesMoved,
			ToMove:        t.ApproximateNumberOfMessagesToMove,
			FailureReason: t.FailureReason,
			Started:       time.UnixMilli(t.StartedTimestamp),
		}
		if t.MaxNumberOfMessagesPerSecond != nil {
			tasks[i].Rate = *t.MaxNumberOfMessagesPerSecond
		}
	}
	return tasks, nil
}

// CancelMessageMoveTask stops a task that runs, and returns how many messages it had moved. Those stay where they are. It
// fails with ErrResourceNotFound if there is no such task, and with ErrInvalidParameterValue if it does not run any more.
func (c *Connection) CancelMessageMoveTask(ctx context.Context, handle string) (moved int64, err error) {
	out, err := call(ctx, c, api.CancelMessageMoveTask, "", &api.CancelMessageMoveTaskInput{TaskHandle: handle})
	if err != nil {
		return 0, err
	}
	return out.ApproximateNumberOfMessagesMoved, nil
}
