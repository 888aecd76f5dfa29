package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// ListMessageMoveTasks tells the latest tasks of a queue, the newest first.
//
// Inputs: SourceArn; MaxResults, 1 to 10, default 1.
//
// Order of checks: MaxResults; SourceArn present and an ARN; source queue.
//
// Errors: MissingParameter; InvalidParameterValue; ResourceNotFoundException, status 404.
//
// AWS quirks kept: only a running task has its handle. Destination and rate are told if they were given.
//
// Gaps: none.
func (s *Service) ListMessageMoveTasks(ctx context.Context, c *Call, in *api.ListMessageMoveTasksInput) (*api.ListMessageMoveTasksOutput, error) {
	max := 1
	if n := in.MaxResults; n != nil {
		if *n < 1 || *n > api.MaxMoveResults {
			return nil, api.InvalidMoveResults.New(*n)
		}
		max = *n
	}
	source, err := s.moveSource(c, in.SourceARN)
	if err != nil {
		return nil, err
	}
	moves, err := source.Moves(ctx, max)
	if err != nil {
		return nil, fault(err, source.Info().Name)
	}
	out := &api.ListMessageMoveTasksOutput{}
	for i := range moves {
		out.Results = append(out.Results, moveTask(&moves[i], in.SourceARN))
	}
	return out, nil
}

// moveStatuses are the names of the engine's statuses. CANCELLING is none: a task that is cancelled has ended.
var moveStatuses = map[engine.MoveStatus]string{
	engine.MoveRunning:   "RUNNING",
	engine.MoveCompleted: "COMPLETED",
	engine.MoveCancelled: "CANCELLED",
	engine.MoveFailed:    "FAILED",
}

func moveTask(m *engine.Move, sourceARN string) api.MessageMoveTask {
	task := api.MessageMoveTask{
		Status:                            moveStatuses[m.Status],
		SourceARN:                         sourceARN,
		DestinationARN:                    m.Destination,
		ApproximateNumberOfMessagesMoved:  m.Moved,
		ApproximateNumberOfMessagesToMove: m.ToMove,
		FailureReason:                     m.FailureReason,
		StartedTimestamp:                  m.Started.UnixMilli(),
	}
	if m.PerSecond > 0 {
		task.MaxNumberOfMessagesPerSecond = &m.PerSecond
	}
	if m.Status == engine.MoveRunning {
		task.TaskHandle = taskHandle{m.ID, sourceARN}.String()
	}
	return task
}
