package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// moveTask is a message move task as it is printed, with AWS's names.
type moveTask struct {
	TaskHandle    string `json:",omitempty"`
	Status        string
	SourceARN     string `json:"SourceArn"`
	Destination   string `json:"DestinationArn,omitempty"`
	Rate          int    `json:"MaxNumberOfMessagesPerSecond,omitempty"`
	Moved         int64  `json:"ApproximateNumberOfMessagesMoved"`
	ToMove        int64  `json:"ApproximateNumberOfMessagesToMove"`
	FailureReason string `json:",omitempty"`
	Started       int64  `json:"StartedTimestamp"` // in milliseconds, as AWS has it
}

func taskView(object func(all []moveTask) any, tasks ...sqs.MoveTask) view {
	v := view{title: "Message move tasks", columns: []string{"Status", "Moved", "ToMove", "DestinationArn", "Started", "FailureReason"}}
	all := make([]moveTask, 0, len(tasks))
	for _, t := range tasks {
		all = append(all, moveTask{t.Handle, t.Status, t.Source, t.Destination, t.Rate, t.Moved, t.ToMove, t.FailureReason, t.Started.UnixMilli()})
		v.rows = append(v.rows, []string{
			t.Status, fmt.Sprint(t.Moved), fmt.Sprint(t.ToMove), t.Destination, t.Started.UTC().Format(time.RFC3339), t.FailureReason,
		})
	}
	v.object = object(all)
	return v
}

func listTasks(ctx context.Context, c *client, q *sqs.Queue) error {
	tasks, err := q.MessageMoveTasks(ctx)
	if err != nil {
		return withoutTasks(err)
	}
	return c.print(taskView(func(all []moveTask) any { return map[string]any{"Results": all} }, tasks...))
}

func cancelTask(ctx context.Context, c *client, q *sqs.Queue) error {
	tasks, err := q.MessageMoveTasks(ctx)
	if err != nil {
		return withoutTasks(err)
	}
	for _, t := range tasks {
		if t.Status != "RUNNING" {
			continue
		}
		moved, err := q.Connection().CancelMessageMoveTask(ctx, t.Handle)
		if err != nil {
			return err
		}
		return c.print(view{
			object:  map[string]int64{"ApproximateNumberOfMessagesMoved": moved},
			title:   "Cancelled",
			columns: []string{"Moved"},
			rows:    [][]string{{fmt.Sprint(moved)}},
		})
	}
	return &serviceError{errors.New("no task is running for queue " + q.Name()), "`bufeo redrive " + q.Name() + " --list` shows the latest ones"}
}

// withoutTasks adds the way round to the error of a service that does not know message move tasks: not all that speak SQS do.
func withoutTasks(err error) error {
	e, ok := errors.AsType[*sqs.Error](err)
	if !ok || e.Code != "" && e.Code != sqs.ErrUnknownOperation && e.Code != sqs.ErrUnsupportedOperation {
		return err
	}
	return &serviceError{err, "if this service has no message move tasks, --filter '' --to QUEUE moves messages without one"}
}

// wouldMove says what a task would move, as far as the service tells.
func wouldMove(ctx context.Context, c *client, q, to *sqs.Queue) error {
	n, err := q.Count(ctx)
	if err != nil {
		return err
	}
	var sources []string
	for source, err := range q.DeadLetterSourceQueues(ctx) {
		if err != nil {
			return err
		}
		sources = append(sources, source.Name())
	}
	would := struct {
		Messages               int `json:"ApproximateNumberOfMessages"`
		Destinations           []string
		DeadLetterSourceQueues []string
	}{n, append([]string{}, sources...), append([]string{}, sources...)}
	if to != nil {
		would.Destinations = []string{to.Name()}
	}
	v := view{object: would, title: "Would be moved", columns: []string{"Messages", "Destination"}}
	for _, d := range would.Destinations {
		v.rows = append(v.rows, []string{number(n), d})
	}
	return c.print(v)
}

// The time between two looks at a task: short at first, since most are done soon.
const (
	firstLook = 50 * time.Millisecond
	lastLook  = time.Second
)

// moveThere has the service move the messages, and waits for it. arg is how the user names the queue.
func (f *redriveFlags) moveThere(ctx context.Context, c *client, q, to *sqs.Queue, arg string) error {
	before, err := q.MessageMoveTasks(ctx)
	if err != nil {
		return withoutTasks(err)
	}
	handle, err := q.StartMessageMoveTask(ctx, func(o *sqs.MoveOptions) {
		if to != nil {
			o.Destination = to.ARN()
		}
		if f.rate > 0 {
			o.Rate = &f.rate
		}
	})
	if err != nil {
		return err
	}
	if bool(*f.noWait) {
		return c.print(view{
			object: map[string]string{"TaskHandle": handle}, title: "Started", columns: []string{"TaskHandle"}, rows: [][]string{{handle}},
		})
	}
	task, err := f.watch(ctx, c, q, handle, before)
	if err != nil {
		fmt.Fprintf(c.p.Stderr, "bufeo: the task goes on without this command; `bufeo redrive %s --cancel` ends it, --list shows it\n", arg)
		return err
	}
	if err := c.print(taskView(func(all []moveTask) any { return all[0] }, *task)); err != nil {
		return err
	}
	if task.Status != "COMPLETED" {
		text := strings.TrimSpace("the task is " + task.Status + " " + task.FailureReason)
		return &serviceError{errors.New(text), "what was not moved is still in queue " + q.Name()}
	}
	return nil
}

// watch looks at a task until it has ended.
func (f *redriveFlags) watch(ctx context.Context, c *client, q *sqs.Queue, handle string, before []sqs.MoveTask) (*sqs.MoveTask, error) {
	var shown *progress
	var started time.Time
	for look := firstLook; ; look = min(2*look, lastLook) {
		tasks, err := q.MessageMoveTasks(ctx)
		if err != nil {
			return nil, err
		}
		if t := find(tasks, handle, started, before); t != nil {
			if shown == nil {
				started = t.Started
				shown = c.p.progress(f.progress, "moving "+q.Name(), func() int64 { return t.ToMove }, messages()...)
				defer shown.end()
			}
			shown.show(t.Moved, int(t.Moved))
			if t.Status != "RUNNING" && t.Status != "CANCELLING" {
				return t, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(look):
		}
	}
}

// find looks for our task. One that has ended has no handle any more, and is known by when it started; one that nobody has
// seen run is the newest, if there was another one before, or none.
func find(tasks []sqs.MoveTask, handle string, started time.Time, before []sqs.MoveTask) *sqs.MoveTask {
	for i := range tasks {
		if t := &tasks[i]; t.Handle == handle || !started.IsZero() && t.Started.Equal(started) {
			return t
		}
	}
	if !started.IsZero() || len(tasks) == 0 || tasks[0].Handle != "" {
		return nil
	}
	if len(tasks) > len(before) || !tasks[0].Started.Equal(before[0].Started) {
		return &tasks[0]
	}
	return nil
}
