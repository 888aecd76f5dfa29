package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/bufeomq/bufeo/internal/declare"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/internal/service"
)

// QueuePlan is what would have to be done so that all queues are as a file declares them. Its methods say how much that
// is, and write it down.
type QueuePlan = declare.Plan

// QueueProblems are the mistakes in a file of queues, with their lines.
type QueueProblems = declare.Problems

// ReloadQueues reads Options.QueuesFile again and creates or changes queues so that they are as it says. When the file
// has a mistake, nothing is changed, and the error has QueueProblems. It waits for Open; it does nothing if there is no
// file.
func (s *Server) ReloadQueues(ctx context.Context) error {
	if err := s.Open(ctx); err != nil {
		return err
	}
	s.declaring.Lock()
	defer s.declaring.Unlock()
	c := s.core.Load()
	return applyQueues(ctx, &s.o, c.engine, c.service)
}

// CheckQueues compares o.QueuesFile with the queues in o.DataDir, and changes neither. A folder that does not exist has
// no queues. One that a server uses cannot be looked at: the error is ErrLocked then, and that server can be asked by its
// base URL, as in http://127.0.0.1:9324. An empty running means the folder.
func CheckQueues(ctx context.Context, o *Options, running string) (plan *QueuePlan, err error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	d := o.withDefaults()
	f, err := readQueues(&d)
	if err != nil {
		return nil, err
	}
	if running != "" {
		return planQueues(ctx, f, declare.Ask(running))
	}
	if _, err := os.Stat(d.DataDir); errors.Is(err, fs.ErrNotExist) || d.InMemory {
		return planQueues(ctx, f, declare.None)
	}
	e, err := openEngine(&d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if plan, err = planQueues(ctx, f, declare.In(e)); err != nil {
		return nil, err
	}
	return plan, checkRoom(&d, plan, e)
}

// applyQueues brings the queues in line with the file, if there is one.
func applyQueues(ctx context.Context, o *Options, e *engine.Engine, s *service.Service) error {
	if o.QueuesFile == "" {
		return nil
	}
	f, err := readQueues(o)
	if err != nil {
		return err
	}
	plan, err := planQueues(ctx, f, declare.In(e))
	if err != nil {
		return err
	}
	if err := checkRoom(o, plan, e); err != nil {
		return err
	}
	if err := plan.Apply(ctx, s); err != nil {
		return &Error{
			Text: "cannot bring the queues in line with " + f.Name,
			Hint: "what was done until then stays; the next start or SIGHUP goes on from there",
			Err:  err,
		}
	}
	for i := range plan.Steps {
		if step := &plan.Steps[i]; step.Verb != declare.OK {
			o.Log.Info("queue declared", obs.KeyQueue, step.Queue.Name, obs.KeyRegion, step.Queue.Region,
				"done", string(step.Verb), "set", step.Changed())
		}
	}
	create, change, ok := plan.Count()
	o.Log.Info("queues are as declared", "file", f.Name, "created", create, "changed", change, "unchanged", ok)
	return nil
}

// checkRoom refuses a plan that would stop in the middle, since MaxQueues would be reached.
func checkRoom(o *Options, plan *declare.Plan, e *engine.Engine) error {
	create, _, _ := plan.Count()
	if there := int(e.Usage().Queues); create > 0 && o.MaxQueues > 0 && there+create > o.MaxQueues {
		return &Error{
			Text: "the file of queues cannot be used",
			Hint: "nothing was changed; raise --max-queues (BUFEO_MAX_QUEUES), or delete queues",
			Err:  &queuesError{fmt.Errorf("queues to create: %d; there are %d, and there may be %d", create, there, o.MaxQueues)},
		}
	}
	return nil
}

func readQueues(o *Options) (*declare.File, error) {
	text, err := os.ReadFile(o.QueuesFile)
	if err != nil {
		return nil, &Error{
			Text: "cannot read the file of queues " + o.QueuesFile,
			Hint: "name a file that this user may read with --queues (BUFEO_QUEUES)",
			Err:  &queuesError{cause(err)},
		}
	}
	return declare.Parse(o.QueuesFile, text, declare.Defaults{Account: o.Account, Region: o.Region}), nil
}

// planQueues says what is wrong with the file if that is what keeps it from being compared.
func planQueues(ctx context.Context, f *declare.File, existing declare.Existing) (*declare.Plan, error) {
	plan, err := declare.NewPlan(ctx, f, existing)
	if _, ok := errors.AsType[QueueProblems](err); ok {
		err = &Error{
			Text: "the file of queues cannot be used",
			Hint: "nothing was changed; mend the file, and look at what it would do with --queues-check",
			Err:  &queuesError{err},
		}
	}
	return plan, err
}

// queuesError is ErrQueues with a cause, of which it has the text.
type queuesError struct{ cause error }

func (e *queuesError) Error() string        { return e.cause.Error() }
func (e *queuesError) Unwrap() error        { return e.cause }
func (e *queuesError) Is(target error) bool { return target == ErrQueues }
