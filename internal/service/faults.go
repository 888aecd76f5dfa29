package service

import (
	"context"
	"errors"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// fault turns an error of the engine into the one that the client sees. queue is the name for the texts that carry it.
// An *api.Error passes unchanged, and so does the end of the request's context: there is nobody left to tell.
func fault(err error, queue string) error {
	if _, ok := errors.AsType[*api.Error](err); ok || err == nil {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, engine.ErrNoQueue):
		return api.QueueDoesNotExist.New()
	case errors.Is(err, engine.ErrDeletedRecently):
		return api.QueueDeletedRecently.New()
	case errors.Is(err, engine.ErrPurgeInProgress):
		return api.PurgeQueueInProgress.New(queue)
	case errors.Is(err, engine.ErrOverLimit):
		return api.OverLimit.New()
	case errors.Is(err, engine.ErrTooManyQueues):
		return api.TooManyQueues.New()
	}
	return unavailable(err)
}

// unavailable turns what is wrong with the server, not with the request, into a 5xx.
func unavailable(err error) error {
	text, hint := "", ""
	switch {
	case errors.Is(err, engine.ErrOverloaded):
		text = "Too many sends are waiting on this server. Please try again."
		hint = "the disk or the processors do not keep up with the sends: see their load, or spread it"
	case errors.Is(err, engine.ErrDiskFull):
		text = "The disk of this server is almost full: it takes no new messages, receiving and deleting go on."
		hint = "free space on the volume of the data folder; receiving and deleting messages frees some"
	case errors.Is(err, engine.ErrQueueStorage):
		text = "The messages of this queue would take up more than --max-queue-storage: it takes no new messages, receiving and deleting go on."
		hint = "receive and delete messages of the queue, or raise --max-queue-storage (BUFEO_MAX_QUEUE_STORAGE)"
	case errors.Is(err, engine.ErrStorage):
		text = "The messages of this server would take up more than --max-storage: it takes no new messages, receiving and deleting go on."
		hint = "receive and delete messages, or raise --max-storage (BUFEO_MAX_STORAGE)"
	case errors.Is(err, engine.ErrClosed):
		text = "This server is shutting down, or opening its data anew. Please try again."
	default:
		return api.InternalError.Wrap(err)
	}
	e := api.ServiceUnavailable.Wrap(err, text)
	e.Hint = hint
	return e
}

// handleFault turns what the engine says about one receipt handle into the fault of that entry. timeout is what was
// asked for, where something was. Any other error is nobody's entry and comes back as it is.
func handleFault(err error, handle string, timeout int) error {
	switch {
	case errors.Is(err, engine.ErrBadHandle):
		return api.ReceiptHandleIsInvalid.New(clip(handle))
	case errors.Is(err, engine.ErrOtherQueue):
		return api.ReceiptHandleOfOtherQueue.New(clip(handle))
	case errors.Is(err, engine.ErrHandleExpired):
		return api.HandleExpired.New(clip(handle))
	case errors.Is(err, engine.ErrMessageGone):
		return api.MessageGone.New(clip(handle))
	case errors.Is(err, engine.ErrBeyondLimit):
		return api.VisibilityBeyondLimit.New(timeout)
	}
	return err
}

// AdmitSend is the fault that a send would meet now because the server is full or behind, or nil. It is for those who
// can refuse a request before they have read it.
func (s *Service) AdmitSend() error {
	if err := s.engine.AdmitSend(); err != nil {
		return unavailable(err)
	}
	return nil
}
