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
// Order of checks: SourceArn present and an ARN; the rate; source queue; that it is the dead-letter queue of some queue;
// destination queue and its type; no task that is running (LocalStack's order from the source queue on).
//
// Errors: MissingParameter; InvalidParameterValue; ResourceNotFoundException, status 404, for either queue.
//
// AWS quirks kept: the task's handle is base64 of JSON with its id and the source.
//
// Gaps: none.
func (s *Service) StartMessageMoveTask(ctx context.Context, c *Call, in *api.StartMessageMoveTaskInput) (*api.StartMessageMoveTaskOutput, error) {
	o, err := moveOptions(in)
	if err != nil {
		return nil, err
	}
	source, err := s.moveSource(c, in.SourceARN)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	if len(s.sourcesOf(info.Key)) == 0 {
		return nil, api.MoveSourceIsNoDeadLetter.New()
	}
	if o.DestinationARN != "" {
		if o.Destination, err = s.moveDestination(c, info, o.DestinationARN); err != nil {
			return nil, err
		}
	}
	id, err := s.moves.StartMove(ctx, source, o)
	switch {
	case errors.Is(err, errMoveRunning):
		return nil, api.MoveTaskIsRunning.New()
	case errors.Is(err, engine.ErrNoQueue):
		return nil, api.MoveSourceDoesNotExist.New()
	case err != nil:
		return nil, fault(err, info.Name)
	}
	return &api.StartMessageMoveTaskOutput{TaskHandle: taskHandle{id, in.SourceARN}.String()}, nil
}

// moveOptions checks what can be checked without a queue.
func moveOptions(in *api.StartMessageMoveTaskInput) (o moveRequest, err error) {
	if n := in.MaxNumberOfMessagesPerSecond; n != nil {
		if *n < 1 || *n > api.MaxMovesPerSecond {
			return o, api.InvalidMoveRate.New(*n)
		}
		o.PerSecond = *n
	}
	o.DestinationARN = orEmpty(in.DestinationARN)
	return o, nil
}

// moveDestination finds the queue that messages of source are to go to.
func (s *Service) moveDestination(c *Call, source engine.QueueInfo, arn string) (*engine.Queue, error) {
	q, err := s.moveQueue(c, arn, api.MoveDestinationDoesNotExist)
	if err != nil {
		return nil, err
	}
	info := q.Info()
	switch {
	case info.Key == source.Key:
		return nil, api.MoveToSource.New()
	case isFIFO(info.Definition) != isFIFO(source.Definition):
		return nil, api.MoveToOtherType.New()
	}
	return q, nil
}
