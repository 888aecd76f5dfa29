package service

import (
	"context"
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// mover is what the three actions need of the engine.
type mover interface {
	StartMove(ctx context.Context, source *engine.Queue, o moveRequest) (taskID string, err error)
	CancelMove(ctx context.Context, source *engine.Queue, taskID string) (moved int64, err error)
	Moves(source *engine.Queue, max int) []move
}

// moveRequest is what a task is asked to do.
type moveRequest struct {
	Destination    *engine.Queue // nil: each message back to its own source
	DestinationARN string
	PerSecond      int // 0: as fast as it goes
}

// move is one task.
type move struct {
	ID, Status, DestinationARN string
	PerSecond                  int
	Moved, ToMove              int64
	FailureReason              string
	Started                    int64 // ms since the epoch
}

var (
	errMoveRunning = errors.New("a move task is active")
	errNoMove      = errors.New("move task does not exist")
	errMoveOver    = errors.New("move task is not active any more")
)

// noMover refuses: this engine cannot move.
type noMover struct{}

var _ mover = noMover{}

func (noMover) StartMove(context.Context, *engine.Queue, moveRequest) (string, error) {
	return "", api.NotSupported.New(api.StartMessageMoveTask.Name)
}

func (noMover) CancelMove(context.Context, *engine.Queue, string) (int64, error) { return 0, errNoMove }

func (noMover) Moves(*engine.Queue, int) []move { return nil }
