package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

const (
	// longPoll in seconds is the most that SQS knows. The processor time is looked at for half of that.
	longPoll = 20
	// shortPoll is for a scale at which nothing is judged that takes time.
	shortPoll = 6
	// maxPerPoll and maxIdleCPU are promises: kilobytes, percent of a core.
	maxPerPoll = 40
	maxIdleCPU = 1
	// wakes is how many messages are sent to those who wait: enough for a 99th percentile, and sent within a long poll.
	wakes = 1000
	// maxWake in milliseconds, from before the send is written until the poll's answer is read.
	maxWake = 5
)

// poll is how long the polls are.
func (d *depth) poll() time.Duration {
	if d.exact {
		return shortPoll * time.Second
	}
	return longPoll * time.Second
}

// pollOne: many long polls on one queue.
func (d *depth) pollOne(ctx context.Context, r *result) error { return d.polls(ctx, r, 1) }

// pollMany: each on a queue of its own.
func (d *depth) pollMany(ctx context.Context, r *result) error {
	return d.polls(ctx, r, d.scaled(r.row.full, 100))
}

// polls parks many long polls and looks at what they cost; then it does so once more and sends.
func (d *depth) polls(ctx context.Context, r *result, queues int) (err error) {
	r.Size = d.scaled(r.row.full, 100)
	s, err := d.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	jobs, err := s.pollers(ctx, r.Size, queues)
	if err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := d.idlePolls(ctx, r, s, jobs); err != nil {
		return err
	}
	few, err := d.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, few.remove()) }()
	n := min(wakes, r.Size/2)
	fewJobs, err := few.pollers(ctx, n, min(queues, n))
	if err != nil {
		return err
	}
	return d.wakePolls(ctx, r, jobs, fewJobs)
}

// pollers are jobs of single messages on new queues, which they share if there are fewer. They share a ledger.
func (s *server) pollers(ctx context.Context, n, queues int) ([]*load.Job, error) {
	urls, err := s.createQueues(ctx, queues)
	if err != nil {
		return nil, err
	}
	jobs := make([]*load.Job, n)
	ledger := load.NewLedger()
	for i := range jobs {
		jobs[i] = &load.Job{Target: &s.target, QueueURL: urls[i%queues], Ledger: ledger, Batch: 1, BodySize: s.d.body}
	}
	return jobs, nil
}

// idlePolls parks polls to which nothing is sent.
func (d *depth) idlePolls(ctx context.Context, r *result, s *server, jobs []*load.Job) error {
	pid := s.p.PID()
	before, _ := process.Resident(pid)
	d.tell("%s: parking %d long polls", r.row.name, len(jobs))
	start := time.Now()
	ends, err := load.Park(ctx, jobs, int(d.poll().Seconds()))
	if err != nil {
		return fmt.Errorf("%w: each poll takes a file here and in the server, see ulimit -n", err)
	}
	if err := sleep(ctx, d.poll()/10); err != nil {
		return err
	}
	after, _ := process.Resident(pid)
	cpu, _ := process.CPUTime(pid)
	if err := sleep(ctx, d.poll()/2); err != nil {
		return err
	}
	cpuAfter, _ := process.CPUTime(pid)
	if time.Since(start) > d.poll() || len(ends) > 0 {
		return fmt.Errorf("the first poll ended after %v, before all was measured", time.Since(start).Round(time.Second))
	}
	wrong := 0
	for end := range ends {
		if end.Err != nil {
			return end.Err
		}
		wrong += end.Messages
	}
	r.Note("%d long polls", len(jobs))
	r.AtMost("kb_each", "%.1f KB each", float64(after-before)/1e3/float64(len(jobs)), maxPerPoll)
	r.AtMost("idle_cpu_percent", "waiting %.2f %% CPU", 100*(cpuAfter-cpu).Seconds()/(d.poll()/2).Seconds(), maxIdleCPU)
	r.Timely() // a busy machine has caches that are cold, and a collector that is late
	r.AtMost("unasked", "messages out of nothing %.0f", float64(wrong), 0)
	return nil
}

// wakePolls parks polls anew, sends to them one message after another, each when the one before has arrived, and counts
// who woke. It does the same with a server that has no more polls than will be woken, in turns: what both take longer than
// they should is the machine's.
func (d *depth) wakePolls(ctx context.Context, r *result, jobs, fewJobs []*load.Job) (err error) {
	d.tell("%s: waking", r.row.name)
	began := time.Now()
	few, err := d.park(ctx, fewJobs, len(fewJobs))
	if err != nil {
		return err
	}
	defer few.close()
	many, err := d.park(ctx, jobs, len(fewJobs))
	if err != nil {
		return err
	}
	defer many.close()
	if err := sleep(ctx, d.poll()/10); err != nil {
		return err
	}
	early := began.Add(d.poll() - 500*time.Millisecond)
	few.early, many.early = early, early
	for i := range fewJobs {
		order := []*waker{few, many}
		if i%2 == 1 {
			order = []*waker{many, few}
		}
		for _, w := range order {
			if err := w.wake(ctx, i); err != nil {
				return err
			}
		}
	}
	for _, w := range []*waker{few, many} {
		if err := w.rest(); err != nil {
			return err
		}
	}
	t := jobs[0].Ledger.Totals()
	r.Note("%d messages sent, wake-up p50 %.2f ms", many.sent, ms(many.latency.Quantile(.5)))
	r.Note("with %d polls p50 %.2f ms, p99 %.2f ms", len(fewJobs), ms(few.latency.Quantile(.5)), ms(few.latency.Quantile(.99)))
	r.AtMost("wake_p99_ms", "p99 %.2f ms", ms(many.latency.Quantile(.99)), maxWake)
	r.Timely()
	r.AtLeast("woken", "%.0f polls woken", float64(many.woken), float64(len(fewJobs)))
	r.AtMost("in_vain", "%.0f ended early without one", float64(many.inVain), 0)
	r.AtMost("lost", "lost %.0f", float64(t.Missing), 0)
	r.AtMost("doubled", "doubled %.0f", float64(t.Doubled+many.woken-many.sent), 0)
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
