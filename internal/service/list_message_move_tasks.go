package service

import (
	"context"

	"github.com/bufeomq/bufeo/internal/api"
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
func (s *Service) ListMessageMoveTasks(_ context.Context, c *Call, in *api.ListMessageMoveTasksInput) (*api.ListMessageMoveTasksOutput, error) {
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
	out := &api.ListMessageMoveTasksOutput{}
	for _, m := range s.moves.Moves(source, max) {
		task := api.MessageMoveTask{
			Status:                            m.Status,
			SourceARN:                         in.SourceARN,
			DestinationARN:                    m.DestinationARN,
			ApproximateNumberOfMessagesMoved:  m.Moved,
			ApproximateNumberOfMessagesToMove: m.ToMove,
			FailureReason:                     m.FailureReason,
			StartedTimestamp:                  m.Started,
		}
		if m.PerSecond > 0 {
			task.MaxNumberOfMessagesPerSecond = &m.PerSecond
		}
		if m.Status == "RUNNING" {
			task.TaskHandle = taskHandle{m.ID, in.SourceARN}.String()
		}
		out.Results = append(out.Results, task)
	}
	return out, nil
}
