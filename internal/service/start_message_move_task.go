package service

import (
	"context"
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// StartMessageMoveTask begins to move the messages that a dead-letter queue has now, and answers before they have moved.
//
// Inputs: SourceArn; DestinationArn, by default the queue that each message came from; MaxNumberOfMessagesPerSecond, 1 to
// 500, by default as fast as it goes.
//
// Order of checks: the rate; SourceArn present and an ARN; source queue; that it is the dead-letter queue of some queue;
// destination queue and its type; no task that is running (LocalStack's order from the source queue on).
//
// Errors: MissingParameter; InvalidParameterValue; ResourceNotFoundException, status 404, for either queue.
//
// AWS quirks kept: the task's handle is base64 of JSON with its id and the source.
//
// Gaps: none.
func (s *Service) StartMessageMoveTask(ctx context.Context, c *Call, in *api.StartMessageMoveTaskInput) (*api.StartMessageMoveTaskOutput, error) {
	r := engine.MoveRequest{Destination: orEmpty(in.DestinationARN)}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil {
		if *n < 1 || *n > api.MaxMovesPerSecond {
			return nil, api.InvalidMoveRate.New(*n)
		}
		r.PerSecond = *n
	}
	source, err := s.moveSource(c, in.SourceARN)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	if len(s.sourcesOf(info.Key)) == 0 {
		return nil, api.MoveSourceIsNoDeadLetter.New()
	}
	if r.Destination != "" {
		if err := s.checkMoveDestination(c, info, r.Destination); err != nil {
			return nil, err
		}
	}
	id, err := source.StartMove(ctx, r)
	switch {
	case errors.Is(err, engine.ErrMoveRunning):
		return nil, api.MoveTaskIsRunning.New()
	case errors.Is(err, engine.ErrNoQueue):
		return nil, api.MoveSourceDoesNotExist.New()
	case err != nil:
		return nil, fault(err, info.Name)
	}
	return &api.StartMessageMoveTaskOutput{TaskHandle: taskHandle{id, in.SourceARN}.String()}, nil
}

// checkMoveDestination sees to it that messages of source can go to the queue of that ARN.
func (s *Service) checkMoveDestination(c *Call, source engine.QueueInfo, arn string) error {
	q, err := s.moveQueue(c, arn, api.MoveDestinationDoesNotExist)
	if err != nil {
		return err
	}
	info := q.Info()
	switch {
	case info.Key == source.Key:
		return api.MoveToSource.New()
	case isFIFO(info.Definition) != isFIFO(source.Definition):
		return api.MoveToOtherType.New()
	}
	return nil
}
