package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

const (
	// settle is the pause between slices, in which collectors and compactions of the server before come to an end.
	settle = 300 * time.Millisecond
	// fillFor is how long a server has for taking the backlog.
	fillFor = 3 * time.Minute
	// checkFor is how long what is left is received for the check; those behind are counted.
	checkFor = 20 * time.Second
	// wakers is how many long polls wait at once, each on a queue of its own: few enough that the latency is that of a
	// wake-up and not of a queue in front of a core.
	wakers = 8
)

// entry is a server in one row, with its queues.
type entry struct {
	*server
	*score
	jobs []*load.Job
}

// measure runs all rows. A peer that fails is out of its row, or, when its process is gone, out of all that follow.
func (f *field) measure(ctx context.Context) error {
	f.runIn(ctx)
	for _, r := range f.rows {
		var entries []*entry
		for _, s := range f.servers {
			if r.wake && !s.stores || r.full && !s.stores {
				continue
			}
			e := &entry{server: s, score: &score{row: r}}
			s.scores[r] = e.score
			entries = append(entries, e)
			f.try(e, "set up", func() error { return f.prepare(ctx, e) })
		}
		for round := range f.rounds {
			for _, e := range entries {
				time.Sleep(settle)
				f.try(e, "measure", func() error { return f.slice(ctx, e) })
			}
			f.tellRound(r, round, entries)
		}
		for _, e := range entries {
			f.try(e, "check", func() error { return f.audit(ctx, e) })
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// runIn has all servers at work before the first row: virtual machines compile what is used often. It is as much work for
// each, as far as it is done in six times the time of a warm-up.
func (f *field) runIn(ctx context.Context) {
	if f.warmUp == 0 {
		return
	}
	for i, messages := range []int{100_000, 20_000} { // of the first rows, cycles, which use everything
		for _, s := range f.servers {
			e := &entry{server: s, score: &score{row: rows[i]}}
			f.try(e, "run in", func() error {
				if err := f.makeQueues(ctx, e, 1); err != nil {
					return err
				}
				if _, err := e.jobs[0].RunUntil(ctx, f.conns, messages, 6*f.warmUp); err != nil {
					return err
				}
				return f.audit(ctx, e)
			})
		}
	}
}

// try does something with a server that has not failed in this row.
func (f *field) try(e *entry, what string, do func() error) {
	if e.failed != "" {
		return
	}
	if e.process != nil {
		if log, ended := e.process.Ended(); ended {
			e.failed = "its process has ended: " + log
			return
		}
	}
	if err := do(); err != nil {
		e.failed = what + ": " + err.Error()
		f.tell("%s: %s: %s", e.row.name, e.name, e.failed)
	}
}

// prepare makes the queues, fills them if the row wants it, and warms up.
func (f *field) prepare(ctx context.Context, e *entry) error {
	n := 1
	if e.row.wake {
		n = min(wakers, f.conns)
	}
	if err := f.makeQueues(ctx, e, n); err != nil || e.row.wake {
		return err
	}
	if e.row.full {
		if err := f.fill(ctx, e); err != nil {
			return err
		}
	}
	if f.warmUp == 0 {
		return nil
	}
	res, err := e.jobs[0].Run(ctx, f.conns, f.warmUp)
	if err != nil {
		return err
	}
	e.blame(res)
	return nil
}

func (f *field) makeQueues(ctx context.Context, e *entry, n int) error {
	for range n {
		// The bare handler has no queues; the name is as long as a real one.
		name := fmt.Sprintf("bench-%s-%016x", e.row.name, rand.Uint64())
		queueURL := "http://" + e.target.Addr + "/000000000000/" + name
		if e.stores {
			var err error
			if queueURL, err = e.target.CreateQueue(ctx, name); err != nil {
				return err
			}
		}
		e.jobs = append(e.jobs, &load.Job{
			Kind: e.row.kind, Target: e.target, QueueURL: queueURL, Ledger: load.NewLedger(), Batch: e.row.batch, BodySize: f.body,
		})
	}
	return nil
}

// fill sends the backlog. A server whose first seconds show that it will not do it in time is spared the rest.
func (f *field) fill(ctx context.Context, e *entry) error {
	job := *e.jobs[0]
	job.Kind = load.Send
	sum := &load.Result{}
	for sum.Messages < f.backlog {
		res, err := job.RunUntil(ctx, f.conns, f.backlog-sum.Messages, 10*time.Second)
		if err != nil {
			return err
		}
		sum.Merge(res)
		if need := float64(f.backlog) / fillFor.Seconds(); sum.Messages < f.backlog && sum.MessagesPerSecond() < need {
			return fmt.Errorf("it takes %.0f messages a second, too few for a backlog of %d within %v", sum.MessagesPerSecond(), f.backlog, fillFor)
		}
	}
	e.blame(sum)
	return nil
}

// blame notes the errors of load that is not measured.
func (e *entry) blame(res *load.Result) {
	e.total.Errors += res.Errors
	if e.total.FirstError == nil {
		e.total.FirstError = res.FirstError
	}
}

// slice drives a server for a while.
func (f *field) slice(ctx context.Context, e *entry) error {
	before := make([]time.Duration, len(f.servers))
	for i, s := range f.servers {
		before[i] = s.cpuTime()
	}
	own, _ := load.CPUTime(os.Getpid())
	var res *load.Result
	var err error
	if e.row.wake {
		var woken *load.WakeResult
		if woken, err = load.RunWake(ctx, e.jobs, f.duration); err == nil {
			res = &woken.Result
		}
	} else {
		res, err = e.jobs[0].Run(ctx, f.conns, f.duration)
	}
	if err != nil {
		return err
	}
	ownAfter, _ := load.CPUTime(os.Getpid())
	e.ownCPU += ownAfter - own
	for i, s := range f.servers {
		used := s.cpuTime() - before[i]
		if s == e.server {
			e.cpu += used
			continue
		}
		s.idleCPU += used
		s.idleTime += res.Elapsed
	}
	e.total.Merge(res)
	e.rates = append(e.rates, res.MessagesPerSecond())
	return nil
}

// audit looks for what was acknowledged, and deletes the queues.
func (f *field) audit(ctx context.Context, e *entry) error {
	if !e.stores {
		return nil
	}
	for _, j := range e.jobs {
		a, err := e.target.AuditAll(ctx, j.QueueURL, j.Ledger, f.conns, checkFor, 2*time.Second)
		if err != nil {
			return err
		}
		e.score.audit.Add(a)
		if err := e.target.DeleteQueue(ctx, j.QueueURL); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) tellRound(r *row, round int, entries []*entry) {
	line := fmt.Sprintf("%s %d/%d:", r.name, round+1, f.rounds)
	for _, e := range entries {
		if e.failed == "" {
			line += fmt.Sprintf("  %s %.0f/s", e.name, e.rates[round])
		}
	}
	if average, ok := process.LoadAverage(); ok {
		line += fmt.Sprintf("  (load %.1f)", average)
	}
	f.tell("%s", line)
}
