package declare

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

// Existing tells how a queue is now; nil if there is none.
type Existing func(ctx context.Context, k engine.Key) (*engine.Definition, error)

// None is where no queues are.
func None(context.Context, engine.Key) (*engine.Definition, error) { return nil, nil }

// In looks for queues in an engine.
func In(e *engine.Engine) Existing {
	return func(_ context.Context, k engine.Key) (*engine.Definition, error) {
		q, err := e.Queue(k)
		if errors.Is(err, engine.ErrNoQueue) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		d := q.Info().Definition
		return &d, nil
	}
}

// rehearsal does to a copy of the queues, in memory, what a file wants, and collects what SQS says against it.
type rehearsal struct {
	report
	engine *engine.Engine
	queues target
	file   *File
	failed map[engine.Key]bool // declared queues that could not even be created
}

func newRehearsal(f *File) (*rehearsal, error) {
	st, err := store.Open("", &store.Options{FS: vfs.NewMem(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("rehearse the queues of %s: %w", f.Name, err)
	}
	e, err := engine.Open(st, &engine.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("rehearse the queues of %s: %w", f.Name, errors.Join(err, st.Close()))
	}
	return &rehearsal{
		report: report{file: f.Name, problems: slices.Clone(f.problems)}, engine: e, queues: target{service.New(e, nil)}, file: f, failed: map[engine.Key]bool{},
	}, nil
}

// copy brings in the queues that the file names, dead-letter queues included.
func (r *rehearsal) copy(ctx context.Context, existing Existing) error {
	for _, q := range r.file.Queues {
		names := []engine.Key{q.Key}
		if k, ok := q.target(); ok {
			names = append(names, k)
		}
		for _, k := range names {
			d, err := existing(ctx, k)
			if err != nil {
				return fmt.Errorf("look for queue %s: %w", k.Name, err)
			}
			if d == nil {
				continue
			}
			again := func(engine.Definition) error { return nil }
			if _, err := r.engine.Create(ctx, k, *d, again); err != nil {
				return fmt.Errorf("rehearse queue %s: %w", k.Name, err)
			}
		}
	}
	return nil
}

// play does everything that the file wants, in the order of Plan.Apply: dead-letter links come last, since they need both
// ends.
func (r *rehearsal) play(ctx context.Context, before map[engine.Key]*state) error {
	for _, q := range r.file.Queues {
		do := r.queues.change
		if before[q.Key] == nil {
			do = r.queues.create
		}
		own, _ := split(q.Attributes)
		if err := r.try(ctx, q, own, q.Tags, do); err != nil {
			return err
		}
	}
	for _, q := range r.file.Queues {
		k, ok := q.target()
		if _, link := split(q.Attributes); len(link) > 0 && !r.failed[q.Key] && !(ok && r.failed[k]) {
			if err := r.try(ctx, q, link, nil, r.queues.change); err != nil {
				return err
			}
		}
	}
	return nil
}

// split separates the dead-letter link from the attributes that concern the queue alone.
func split(vs []Value) (own, link []Value) {
	for _, v := range vs {
		if v.Name == api.RedrivePolicy {
			link = append(link, v)
			continue
		}
		own = append(own, v)
	}
	return own, link
}

// step is target.create or target.change.
type step func(ctx context.Context, k engine.Key, attributes, tags []Value) error

// try does one step. When SQS refuses it, each attribute and tag that is at fault is reported and left out, until the
// rest goes through: so one mistake does not hide the next, nor the queue from those that want it for a dead-letter
// queue.
func (r *rehearsal) try(ctx context.Context, q *Queue, attributes, tags []Value, do step) error {
	for {
		err := do(ctx, q.Key, attributes, tags)
		fault, refused := errors.AsType[*api.Error](err)
		switch {
		case err == nil:
			return nil
		case !refused || !fault.Kind.Sender():
			return err
		}
		text := fault.Message(api.JSON)
		without := func(as, ts []Value) bool { return r.blames(do(ctx, q.Key, as, ts), text) }
		title := r.file.Defaults.title(q.Key)
		if i := culprit(attributes, func(rest []Value) bool { return without(rest, tags) }); i >= 0 {
			r.at(attributes[i].Line, "queue %s: %s", title, attributes[i].refused(fault))
			attributes = slices.Delete(slices.Clone(attributes), i, i+1)
			continue
		}
		if i := culprit(tags, func(rest []Value) bool { return without(attributes, rest) }); i >= 0 {
			r.at(tags[i].Line, "queue %s: tag %q is %q: %s", title, tags[i].Name, tags[i].Value, text)
			tags = slices.Delete(slices.Clone(tags), i, i+1)
			continue
		}
		r.at(q.Line, "queue %s: %s", title, text)
		r.failed[q.Key] = true
		return nil
	}
}

// refused says what is wrong with an attribute. SQS repeats redrive policies itself, and never says what it wants.
func (v Value) refused(fault *api.Error) string {
	text := fault.Message(api.JSON)
	row := api.QueueAttributeNamed(v.Name)
	if row.Kind == api.PolicyAttribute && strings.Contains(text, v.Value) {
		return v.Name + ": " + text
	}
	is := fmt.Sprintf("%s is %q", v.Name, v.Value)
	switch {
	case fault.Kind != api.InvalidAttributeValue:
	case row.Kind == api.IntegerAttribute:
		is += fmt.Sprintf(", want %d to %d", row.Min, row.Max)
	case row.Kind == api.BooleanAttribute:
		is += ", want true or false"
	case row.Kind == api.ChoiceAttribute && !slices.Contains(row.Choices, v.Value):
		is += ", want " + strings.Join(row.Choices, " or ")
	}
	return is + ": " + text
}

// blames reports whether err is another outcome than the refusal with that text, so that what was left out had caused
// it. That a name is not one of a standard queue follows from leaving out FifoQueue, whatever was wrong before.
func (r *rehearsal) blames(err error, text string) bool {
	fault, refused := errors.AsType[*api.Error](err)
	return !refused || fault.Message(api.JSON) != text && fault.Kind != api.InvalidQueueName
}

// culprit returns the first value without which something else happens, or -1.
func culprit(vs []Value, changes func(rest []Value) bool) int {
	return slices.IndexFunc(vs, func(v Value) bool {
		return changes(slices.DeleteFunc(slices.Clone(vs), func(w Value) bool { return w == v }))
	})
}
