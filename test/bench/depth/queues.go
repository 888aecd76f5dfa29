package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

const (
	// maxPerQueue in kilobytes: the promise for a queue that nobody uses.
	maxPerQueue = 2
	// rest is when a queue that is empty counts as one that nobody uses, ten seconds after it was used, and a little more.
	rest = 15 * time.Second
)

// each calls do with 0 to n-1, several at a time.
func (d *depth) each(n int, do func(i int) error) error {
	errs := make([]error, min(d.conns, n))
	var wg sync.WaitGroup
	for first := range errs {
		wg.Go(func() {
			for i := first; i < n && errs[first] == nil; i += len(errs) {
				errs[first] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *server) createQueues(ctx context.Context, n int) ([]string, error) {
	urls := make([]string, n)
	return urls, s.d.each(n, func(i int) (err error) {
		urls[i], err = s.target.CreateQueue(ctx, fmt.Sprintf("q%06d", i))
		return err
	})
}

// pass has a message go through a queue for each of urls.
func (s *server) pass(ctx context.Context, urls []string) error {
	ledger := load.NewLedger()
	return s.d.each(len(urls), func(i int) error {
		q := &queue{s: s, name: urls[i], job: load.Job{
			Target: &s.target, QueueURL: urls[i], Ledger: ledger, Batch: 1, BodySize: s.d.body,
		}}
		if _, err := q.run(ctx, load.Send, 1, 1); err != nil {
			return err
		}
		_, err := q.run(ctx, load.Take, 1, 1)
		return err
	})
}

// queues: many of them that nobody uses: since the start of the server, or after each has had a message.
func (d *depth) queues(ctx context.Context, r *result) (err error) {
	r.Size = d.scaled(r.row.full, 1000)
	// The collector runs often here, so that what is resident is what is held, not what was let go of lately.
	s, err := d.serve(ctx, "GOGC=10")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	none, one, err := d.few(ctx, s, r.Size)
	if err != nil {
		return err
	}
	d.tell("queues: creating %d", r.Size)
	urls, err := s.createQueues(ctx, r.Size)
	if err != nil {
		return err
	}
	if err := s.restart(ctx); err != nil {
		return err
	}
	unused, err := s.look(ctx)
	if err != nil {
		return err
	}
	d.tell("queues: a message through each")
	if err := errors.Join(s.pass(ctx, urls), sleep(ctx, rest)); err != nil {
		return err
	}
	// The collector runs when something is allocated, and what it frees goes back to the system a little later.
	if err := errors.Join(s.pass(ctx, slices.Repeat(urls[:1], r.Size/10)), sleep(ctx, rest/3)); err != nil {
		return err
	}
	used, err := s.look(ctx)
	if err != nil {
		return err
	}
	r.Note("%d queues, %d goroutines with none", r.Size, none.goroutines)
	limit := float64(maxPerQueue)
	if d.exact {
		limit *= 4 // a thousand queues weigh little more than what a process's memory varies by
	}
	r.weighed("unused", unused, none, limit)
	r.weighed("used", used, one, limit)
	return nil
}

// few is the footprint without queues, and after as many messages as will go through many queues have gone through one:
// the store's tables in memory and the connections' buffers are not what a queue costs.
func (d *depth) few(ctx context.Context, s *server, n int) (none, one footprint, err error) {
	if none, err = s.look(ctx); err != nil {
		return none, one, err
	}
	url, err := s.target.CreateQueue(ctx, "one")
	if err != nil {
		return none, one, err
	}
	d.tell("queues: %d messages through one", n)
	if err = s.pass(ctx, slices.Repeat([]string{url}, n)); err != nil {
		return none, one, err
	}
	one, err = s.look(ctx)
	return none, one, err
}

// weighed adds what a queue costs to the row's checks.
func (r *result) weighed(key string, f, without footprint, limit float64) {
	each := float64(f.resident-without.resident) / 1e3 / float64(r.Size)
	r.AtMost("kb_"+key, "%.2f KB each "+key, each, limit)
	// A few come and go: those of the store, of the collector.
	const few = 10
	r.AtMost("goroutines_"+key, "%.0f goroutines more", float64(f.goroutines-without.goroutines), few)
}

// footprint is what a server is made of.
type footprint struct {
	resident   int64
	goroutines int
}

// look waits until the server does nothing, takes its footprint, which ends it, and starts it again.
func (s *server) look(ctx context.Context) (f footprint, err error) {
	if err := s.settle(ctx); err != nil {
		return f, err
	}
	f.resident, _ = process.Resident(s.p.PID())
	p := s.p
	s.unwatch()
	if f.goroutines, err = p.Goroutines(); err != nil {
		return f, err
	}
	return f, s.start(ctx)
}

// restart stops the server as an operator would, and starts it again.
func (s *server) restart(ctx context.Context) error {
	p := s.p
	s.unwatch()
	if err := p.Stop(); err != nil {
		return err
	}
	return s.start(ctx)
}
