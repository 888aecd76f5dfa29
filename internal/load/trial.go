package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"
)

// Operations are what a Trial can do.
var Operations = []string{"send", "cycle", "backlog", "fifo", "wake"}

// Trial is a whole run on an endpoint: it makes a queue of its own, puts load on it, checks what became of every message
// that was acknowledged, and deletes the queue.
type Trial struct {
	Target    *Target
	Operation string
	// Connections have one request at a time each. For wake it is the number of queues with a long poll each.
	Connections int
	Batch       int // messages in a request
	BodySize    int // bytes
	Duration    time.Duration
	WarmUp      time.Duration // load before what is measured
	Rate        float64       // messages a second, by a schedule; 0: as fast as the connections go
	Backlog     int           // for backlog: how many messages are in the queue all the time
	Groups      int           // for fifo
	ServerPID   int           // the endpoint's process, if it is on this machine; 0: unknown
	Least       int           // operations that are enough to mean something
	CheckFor    time.Duration // how long messages that are left are received for the check; those behind are counted
	Settle      time.Duration // how long the endpoint may take to count its messages right
	// Tell is called with each thing that begins; nil: nobody wants to know.
	Tell func(text string)
}

// Outcome is what a Trial came to.
type Outcome struct {
	Result            // of what was measured; errors are those of the whole run
	After   Histogram // wake: from when the send was answered until the message was received
	Audit   Audit
	OwnCPU  time.Duration // of this process while it measured; 0: unknown
	CPU     time.Duration // of ServerPID meanwhile; 0: unknown
	Failure []string      // why the run means nothing, or the endpoint cannot be trusted
}

// Validate reports a value that makes no sense.
func (t *Trial) Validate() error {
	const mib = 1 << 20 // what SQS takes in one request
	inRange := func(name string, n, least, most int) error {
		if n < least || n > most {
			return fmt.Errorf("%s is %d, want %d to %d", name, n, least, most)
		}
		return nil
	}
	err := errors.Join(
		inRange("batch", t.Batch, 1, 10),
		inRange("connections", t.Connections, 1, 10_000),
		inRange("size", t.BodySize, MinBody, mib),
		inRange("backlog", t.Backlog, 1, maxMessages/4),
		inRange("groups", t.Groups, 1, 1_000_000),
	)
	switch {
	case err != nil:
		return err
	case t.Batch*t.BodySize > mib:
		return fmt.Errorf("a batch of %d messages of %d bytes is more than the %d bytes of a request", t.Batch, t.BodySize, mib)
	case t.Duration <= 0:
		return errors.New("duration is 0")
	case t.Rate < 0:
		return errors.New("rate is less than 0")
	case t.Operation == "wake" && (t.Rate > 0 || t.Batch > 1):
		return errors.New("wake sends one message at a time, each when the one before has arrived: rate and batch have no effect")
	}
	return nil
}

// Run does it. The error is for what could not be measured or checked; what the endpoint did wrong is in the Outcome. The
// queues are deleted in any case.
func (t *Trial) Run(ctx context.Context) (out *Outcome, err error) {
	jobs, err := t.setUp(ctx)
	defer func() { err = errors.Join(err, t.cleanUp(ctx, jobs)) }()
	if err != nil {
		return nil, err
	}
	before, err := t.prepare(ctx, jobs)
	if err != nil {
		return nil, err
	}
	t.tell(fmt.Sprintf("measuring for %v", t.Duration))
	own, _ := CPUTime(os.Getpid())
	cpu, _ := t.serverCPU()
	if out, err = t.measure(ctx, jobs); err != nil {
		return nil, err
	}
	if after, ok := CPUTime(os.Getpid()); ok {
		out.OwnCPU = after - own
	}
	if after, ok := t.serverCPU(); ok {
		out.CPU = after - cpu
	}
	out.Errors += before.Errors
	if out.FirstError == nil {
		out.FirstError = before.FirstError
	}
	t.tell("checking what became of the messages")
	if out.Audit, err = t.audit(ctx, jobs); err != nil {
		return nil, err
	}
	out.Failure = t.judge(out)
	return out, nil
}

// audit looks at all queues at once: each takes a second to be known as empty.
func (t *Trial) audit(ctx context.Context, jobs []*Job) (sum Audit, err error) {
	audits, errs := make([]Audit, len(jobs)), make([]error, len(jobs))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			conns := max(min(t.Connections, 32)/len(jobs), 1)
			audits[i], errs[i] = t.Target.AuditAll(ctx, j.QueueURL, j.Ledger, conns, t.CheckFor, t.Settle)
		})
	}
	wg.Wait()
	for _, a := range audits {
		sum.Add(a)
	}
	return sum, errors.Join(errs...)
}

// setUp makes the queues. Those that were made are returned with an error, too.
func (t *Trial) setUp(ctx context.Context) (jobs []*Job, err error) {
	kind, queues, suffix, groups := Cycle, 1, "", 0
	switch t.Operation {
	case "send":
		kind = Send
	case "fifo":
		suffix, groups = fifoSuffix, t.Groups
	case "wake":
		queues = t.Connections
	}
	for range queues {
		name := fmt.Sprintf("bufeo-bench-%016x%s", rand.Uint64(), suffix)
		queueURL, err := t.Target.CreateQueue(ctx, name)
		if err != nil {
			return jobs, fmt.Errorf("create a queue: %w", err)
		}
		ledger := NewLedger()
		if groups > 0 {
			ledger = NewOrderedLedger(groups, t.Batch)
		}
		jobs = append(jobs, &Job{
			Kind: kind, Target: t.Target, QueueURL: queueURL, Ledger: ledger, Batch: t.Batch, BodySize: t.BodySize, Groups: groups,
		})
	}
	return jobs, nil
}

// cleanUp deletes the queues, also when ctx has ended.
func (t *Trial) cleanUp(ctx context.Context, jobs []*Job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlTimeout)
	defer cancel()
	var left []string
	var failed error
	for _, j := range jobs {
		if err := t.Target.DeleteQueue(ctx, j.QueueURL); err != nil {
			left, failed = append(left, j.QueueURL), err
		}
	}
	if failed != nil {
		return fmt.Errorf("these queues are left over: %s: %w", strings.Join(left, " "), failed)
	}
	return nil
}

// prepare fills the queue, if it is to be full, and warms up.
func (t *Trial) prepare(ctx context.Context, jobs []*Job) (*Result, error) {
	sum := &Result{}
	if t.Operation == "backlog" {
		t.tell(fmt.Sprintf("sending %d messages first", t.Backlog))
		fill := *jobs[0]
		fill.Kind, fill.Batch = Send, 10
		for sum.Messages < t.Backlog { // in slices, whose connections each have a time limit
			res, err := fill.RunUntil(ctx, t.Connections, t.Backlog-sum.Messages, time.Minute)
			if err != nil {
				return nil, err
			}
			if sum.Merge(res); res.Messages == 0 {
				return nil, fmt.Errorf("filling the queue: %w", sum.FirstError)
			}
		}
	}
	if t.Operation == "wake" || t.WarmUp <= 0 {
		return sum, nil
	}
	res, err := jobs[0].Run(ctx, t.Connections, t.WarmUp)
	if err != nil {
		return nil, err
	}
	sum.Merge(res)
	return sum, nil
}

func (t *Trial) measure(ctx context.Context, jobs []*Job) (*Outcome, error) {
	if t.Operation == "wake" {
		res, err := RunWake(ctx, jobs, t.Duration)
		if err != nil {
			return nil, err
		}
		return &Outcome{Result: res.Result, After: res.After}, nil
	}
	var res *Result
	var err error
	if t.Rate > 0 {
		res, err = jobs[0].RunAt(ctx, t.Connections, t.Rate/float64(t.Batch), t.Duration)
	} else {
		res, err = jobs[0].Run(ctx, t.Connections, t.Duration)
	}
	if err != nil {
		return nil, err
	}
	return &Outcome{Result: *res}, nil
}

func (t *Trial) serverCPU() (time.Duration, bool) {
	if t.ServerPID == 0 {
		return 0, false
	}
	return CPUTime(t.ServerPID)
}

func (t *Trial) tell(text string) {
	if t.Tell != nil {
		t.Tell(text)
	}
}

// judge says what is wrong.
func (t *Trial) judge(o *Outcome) (failure []string) {
	fail := func(bad bool, format string, args ...any) {
		if bad {
			failure = append(failure, fmt.Sprintf(format, args...))
		}
	}
	a := o.Audit
	fail(o.Errors > 0, "%d operations failed, one of them: %v", o.Errors, o.FirstError)
	fail(a.Lost > 0, "of %d acknowledged messages %d were lost", a.Acked, a.Lost)
	fail(a.Doubled > 0, "%d messages came twice", a.Doubled)
	fail(a.Surplus > 0, "%d messages should not be there: never acknowledged, deleted, or stuck", a.Surplus)
	fail(a.Disorder > 0, "%d messages came after a later one of their group", a.Disorder)
	// 1 %: a schedule's last steps can be late by chance.
	fail(100*o.Unsent > o.Steps+o.Errors+o.Unsent, "%d operations were due and not begun: the endpoint does not keep up with the rate", o.Unsent)
	fail(o.Steps < t.Least, "%d operations are too few to mean anything, at least %d are wanted", o.Steps, t.Least)
	return failure
}
