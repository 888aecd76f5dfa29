package service

import (
	"context"
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// CancelMessageMoveTask ends a task. What it has moved stays where it is.
//
// Inputs: TaskHandle.
//
// Order of checks: handle present, handle, its source queue, its task.
//
// Errors: MissingParameter; InvalidParameterValue for a handle that is none, and for a task that is over;
// ResourceNotFoundException, status 404, for the source queue and for the task.
//
// AWS quirks kept: a source that is no ARN does not exist (recorded).
//
// Gaps: none.
func (s *Service) CancelMessageMoveTask(ctx context.Context, c *Call, in *api.CancelMessageMoveTaskInput) (*api.CancelMessageMoveTaskOutput, error) {
	if in.TaskHandle == "" {
		return nil, api.MissingParameter.New("TaskHandle")
	}
	h, ok := readTaskHandle(in.TaskHandle)
	if !ok {
		return nil, api.InvalidTaskHandle.New()
	}
	source, err := s.moveQueue(c, h.SourceARN, api.MoveSourceDoesNotExist)
	if err != nil {
		return nil, err
	}
	moved, err := source.CancelMove(ctx, h.TaskID)
	switch {
	case errors.Is(err, engine.ErrNoMove):
		return nil, api.MoveTaskDoesNotExist.New()
	case errors.Is(err, engine.ErrMoveOver):
		return nil, api.MoveTaskIsOver.New()
	case errors.Is(err, engine.ErrNoQueue):
		return nil, api.MoveSourceDoesNotExist.New()
	case err != nil:
		return nil, fault(err, source.Info().Name)
	}
	return &api.CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: moved}, nil
}
