package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxDelay is the longest that SQS knows.
const maxDelay = 900 * time.Second

// delayed: many delayed messages, all of which become visible in the same second, with others beside them; and then these.
func (d *depth) delayed(ctx context.Context, r *result) (err error) {
	r.Size = d.scaled(r.row.full, 20_000)
	s, err := d.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	small, err := s.newQueue(ctx, "small", 0)
	if err != nil {
		return err
	}
	deep, err := s.newQueue(ctx, "deep", 0)
	if err != nil {
		return err
	}
	rounds := roundsFor(r.Size)
	due, err := d.fillDelayed(ctx, small, deep, r.Size, rounds)
	if err != nil {
		return err
	}
	if err := d.beside(ctx, r, small, deep, rounds); err != nil {
		return err
	}
	if time.Now().After(due) {
		return fmt.Errorf("the delayed messages were due %v too early: this machine is too slow for a scale of %g",
			time.Since(due).Round(time.Second), d.scale)
	}
	return d.whenDue(ctx, r, small, deep, due, rounds)
}

// fillDelayed sends n messages that become visible at the time that it returns: late enough for what comes before it.
func (d *depth) fillDelayed(ctx context.Context, small, deep *queue, n, rounds int) (due time.Time, err error) {
	trial, err := small.fill(ctx, shallow)
	if err != nil {
		return due, err
	}
	expected := time.Duration(float64(n) / trial.MessagesPerSecond() * float64(time.Second))
	due = time.Now().Add(min(3*expected+time.Duration(rounds)*2*time.Second+10*time.Second, maxDelay))
	d.tell("delayed: sending %d messages that are due at %s", n, due.Format(time.TimeOnly))
	deep.job.Delay = func() int { return max(int(time.Until(due).Seconds()), 1) }
	_, err = deep.fill(ctx, n)
	deep.job.Delay = nil
	return due, err
}

// beside takes other messages from the queue that has the delayed ones, and kills the server.
func (d *depth) beside(ctx context.Context, r *result, small, deep *queue, rounds int) error {
	sent := deep.job.Ledger.Totals().Acked
	d.tell("delayed: taking others")
	got, err := d.compare(ctx, small, deep, rounds, func() error {
		return errors.Join(small.topUp(ctx, shallow), deep.topUp(ctx, sent+shallow))
	})
	if err != nil {
		return err
	}
	r.compared("beside", "receive and delete of others", got)
	d.tell("delayed: kill -9")
	took, err := deep.crash(ctx, d.scaled(100_000, 1000))
	if err != nil {
		return err
	}
	r.restarted("restart", took)
	c, err := deep.s.target.Counts(ctx, deep.job.QueueURL)
	if err != nil {
		return err
	}
	r.AtMost("early", "early %.0f", float64(sent-c.Delayed), 0)
	return nil
}

// whenDue waits for the delayed messages, takes of them, and kills the server once more.
func (d *depth) whenDue(ctx context.Context, r *result, small, deep *queue, due time.Time, rounds int) error {
	d.tell("delayed: waiting %v", time.Until(due).Round(time.Second))
	if err := sleep(ctx, time.Until(due)); err != nil {
		return err
	}
	c, err := deep.s.target.Counts(ctx, deep.job.QueueURL)
	if err != nil {
		return err
	}
	r.AtMost("late", "late %.0f", float64(c.Delayed), 0)
	d.tell("delayed: taking what is due")
	got, err := d.compare(ctx, small, deep, rounds, func() error { return small.topUp(ctx, shallow) })
	if err != nil {
		return err
	}
	r.compared("due", "receive and delete of what was delayed", got)
	took, err := deep.crash(ctx, 1000)
	if err != nil {
		return err
	}
	r.restarted("restart_due", took)
	if _, err := deep.take(ctx, perSlice/5); err != nil {
		return err
	}
	r.AtMost("rss_mb", "resident %.0f MB", deep.s.megabytes(), maxResident)
	return r.audited(ctx, small, deep)
}
