package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// copying is a copy that is under way.
type copying struct {
	*copyFlags
	src, dst *sqs.Queue
	explain  func(error) error // of the target's service
	state    *copyState
	pace     pace
	shown    func()
	result   copied
	say      func(format string, args ...any)
	seen     recentIDs // by this call
	damaged  []error
	waiting  time.Time // since when a FIFO queue gives nothing although it has messages; zero: it does not
}

// run receives, sends and deletes, page by page, until the source is empty; with follow, until ctx ends.
func (j *copying) run(ctx context.Context) error {
	if err := j.takeUp(ctx); err != nil {
		return err
	}
	j.seen.unbounded = bool(*j.keep)
	for failures := 0; ; {
		more, err := j.step(ctx)
		j.shown()
		switch {
		case err == nil && more:
			failures = 0
		case err == nil:
			return j.end()
		case !bool(*j.follow):
			return err
		case err == ctx.Err(): // and nothing else is wrong: it has no other end
			return nil
		case !transient(err):
			return err
		default:
			failures++
			if !j.pause(ctx, err, failures) {
				return nil
			}
		}
	}
}

// step receives a page and copies it. It reports whether there can be another.
func (j *copying) step(ctx context.Context) (more bool, err error) {
	n := 10
	if j.limit > 0 {
		n = min(n, j.limit-j.result.Messages)
	}
	if n == 0 {
		return false, nil
	}
	page, err := j.receive(ctx, n)
	switch {
	case ctx.Err() != nil && len(page) == 0:
		return false, ctx.Err()
	case err != nil:
		return false, err
	case len(page) == 0 && bool(*j.follow):
		return true, nil
	case len(page) == 0:
		return j.blocked(ctx)
	}
	j.waiting = time.Time{}
	round := bool(*j.keep)
	for _, m := range page {
		round = round && j.seen.has(m.ID)
		j.seen.add(m.ID)
	}
	if round {
		return false, errors.New("all messages that come have been copied already: their visibility is over; --visibility makes it longer")
	}
	return true, j.page(ctx, page)
}

// pause waits before the next attempt of a copy that follows: services are restarted, and networks fail. It reports false if
// ctx has ended.
func (j *copying) pause(ctx context.Context, err error, failures int) bool {
	j.result.Uncertain += len(j.state.uncertain)
	d := min(30*time.Second, time.Second<<min(failures-1, 10))
	j.say("%s; trying again in %v", reason(err), d)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// transient reports whether an error can go away by itself.
func transient(err error) bool {
	if e, ok := errors.AsType[*sqs.Error](err); ok {
		return e.Fault == sqs.FaultReceiver || strings.Contains(string(e.Code), "Throttl")
	}
	_, ok := errors.AsType[*url.Error](err)
	return ok
}

// takeUp finishes the page in whose middle an earlier call ended.
func (j *copying) takeUp(ctx context.Context) error {
	sent, unsent := j.state.interrupted()
	if !bool(*j.keep) {
		handles, ids := handlesOf(sent)
		_, err := j.src.DeleteMessageBatch(ctx, handles)
		if err := unlessRefused(err); err != nil {
			return err
		}
		// What was refused is not in flight any more: if it is still there, it comes and is recognised.
		if err := j.state.deleted(ids); err != nil {
			return err
		}
	}
	return unlessRefused(giveBack(ctx, j.src, unsent))
}

func (j *copying) receive(ctx context.Context, n int) ([]*sqs.Message, error) {
	wait := time.Second
	if *j.follow {
		wait = 20 * time.Second
	}
	if j.wait.d != nil {
		wait = *j.wait.d
	}
	if !j.waiting.IsZero() {
		wait = max(wait, time.Second)
	}
	for {
		page, err := j.src.Messages(ctx, n, sqs.WithVisibility(j.invisible()), sqs.WithWait(wait), sqs.WithAttributes(), sqs.WithMessageAttributes())
		if _, damaged := errors.AsType[*sqs.ChecksumError](err); damaged {
			if bool(*j.follow) {
				j.say("%s; it stays in the source", reason(err))
			} else {
				j.damaged = append(j.damaged, err)
			}
			if err = nil; len(page) == 0 {
				continue
			}
		}
		return page, err
	}
}

// blocked reports whether it makes sense to wait for messages of a FIFO queue that gives nothing, as the library's Drain
// does: an earlier call that was killed may have others of their groups in flight.
func (j *copying) blocked(ctx context.Context) (bool, error) {
	if bool(*j.keep) || !strings.HasSuffix(j.src.Name(), ".fifo") {
		return false, nil
	}
	n, err := j.src.Attribute(ctx, sqs.AttributeMessages)
	if err != nil || n == "0" { // who must not ask does not learn it
		return false, ctx.Err()
	}
	if j.waiting.IsZero() {
		j.waiting = time.Now()
	}
	if time.Since(j.waiting) <= j.invisible() {
		return true, nil
	}
	return false, fmt.Errorf("%s messages cannot be received, because others before them in their groups are in flight", n)
}

// end is the result of a source that is empty.
func (j *copying) end() error {
	if n := j.state.undeleted(); n > 0 && !bool(*j.keep) {
		return &serviceError{
			fmt.Errorf("%d messages were sent and could not be deleted: they come again", n),
			"run the same command when they are visible again; with --state it knows them",
		}
	}
	return errors.Join(append(j.damaged, j.state.remove())...)
}
