package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// open asks for a multiple of what the server can take, whether or not it answers. Server and generator have a processor
// each. The peak is measured in the same run, by as many clients as keep the server busy: before, with
// an empty queue, and after, with what the overload left in it. What holds during it is between the two.
func (t *trial) open(ctx context.Context, res *verdict.Result) error {
	return t.apart(ctx, 4*t.limit, func(s *server) error { return t.openServer(ctx, s, res) })
}

// warmUp is left out of each phase.
const warmUp = 2 * time.Second

func (t *trial) openServer(ctx context.Context, s *server, res *verdict.Result) error {
	sc, err := t.scene(ctx, s, "open", 1<<10, 0, t.duration/2) // a request costs the server several times what it costs to make it
	if err != nil {
		return err
	}
	over, after, err := sc.overload(ctx, [2]int{t.clients / 2, t.clients / 2})
	if err != nil {
		return err
	}
	before, again := sc.before, sc.closed(ctx, t.duration/2)
	t.tell("peak: %s", again)

	res.Size = t.clients
	res.Note("peak %.0f and %.0f messages a second, sent or deleted; under %g times the load %.0f", before.goodput(), again.goodput(), t.factor, over.goodput())
	res.Note("per second of processor time %.0f and %.0f; %.0f", before.perCPU(), again.perCPU(), over.perCPU())
	over.note(res)
	res.AtLeast("goodput", "%.2f of the peak, by processor time", 2*over.perCPU()/(before.perCPU()+again.perCPU()), .8)
	res.Timely()
	res.AtLeast("offered", "%.1f times the peak's requests", over.offered()/before.offered(), .85*t.factor)
	res.Timely()
	served := float64(over.kinds[send].ok) / float64(max(over.kinds[send].tried+over.unsent, 1))
	res.AtMost("served_sends", "%.2f of the sends served: it was too much for the server", served, .6)
	res.Timely()
	over.judgeOrder(res, .9)
	return sc.judge(ctx, res, after, before, over, again)
}

// note tells of each kind of request.
func (p *phase) note(res *verdict.Result) {
	for k, c := range p.kinds {
		res.Note("%s: %d of %d refused, median %v, 99th percentile %v", kind(k), c.refused, c.tried, c.p50, c.p99)
	}
	res.Note("%d found no client free", p.unsent)
}

// judgeOrder demands that deletes and visibility changes come before sends: they are hardly refused, and take at most this part of the
// time.
func (p *phase) judgeOrder(res *verdict.Result, part float64) {
	others := max(p.kinds[remove].refusedShare(), p.kinds[hide].refusedShare())
	res.AtMost("refused_deletes", "%.4f of the deletes or visibility changes refused", others, p.kinds[send].refusedShare()/20)
	waits := max(p.kinds[remove].p50, p.kinds[hide].p50).Seconds() / max(p.kinds[send].p50.Seconds(), .001)
	res.AtMost("waits", "a delete takes %.2f times as long as a send", waits, part)
	res.Timely()
}

// judgeMessages demands that nothing was lost and nothing is there that nobody sent.
func (l *loader) judgeMessages(res *verdict.Result, held int) {
	more := int64(held) - l.sent.Load() + l.removed.Load()
	res.AtMost("lost", "%.0f acknowledged messages lost", float64(max(0, -more)), 0)
	res.AtMost("surplus", "%.0f messages too much", float64(max(0, more-l.unknown.Load())), 0)
}

// latency is the median of the round trips of one client.
func (t *trial) latency(ctx context.Context, s *server, url string, d time.Duration) (time.Duration, error) {
	var took []time.Duration
	for end := time.Now().Add(d); time.Now().Before(end) || len(took) == 0; {
		start := time.Now()
		if err := s.roundTrip(ctx, url); err != nil && !errors.Is(err, errRefused) {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	return load.Median(took), nil
}

// closed keeps 64 clients busy, of which a quarter sends: what the others do for the same messages takes three requests.
func (l *loader) closed(ctx context.Context, d time.Duration) *phase {
	ctx, stop := context.WithTimeout(ctx, d+warmUp)
	defer stop()
	var clients sync.WaitGroup
	for i := range 64 {
		clients.Go(func() {
			c := l.client()
			defer c.close()
			for ctx.Err() == nil {
				c.do([]kind{send, receive, receive, receive}[i%4])
			}
		})
	}
	p := l.measure(ctx, d)
	clients.Wait()
	return p
}

// open starts sends and receives at these rates, as long as one of the clients is free, of which each kind has its own.
func (l *loader) open(ctx context.Context, clients [2]int, sends, receives float64, d time.Duration) *phase {
	ctx, stop := context.WithTimeout(ctx, d+warmUp)
	defer stop()
	var next [2]chan kind
	var all sync.WaitGroup
	for k := range next {
		next[k] = make(chan kind)
		for range clients[k] {
			all.Go(func() {
				c := l.client()
				defer c.close()
				for k := range next[k] {
					c.do(k)
				}
			})
		}
	}
	go func() {
		defer close(next[send])
		defer close(next[receive])
		var begun [2]float64
		start := time.Now()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			<-tick.C
			passed := time.Since(start).Seconds()
			for k, rate := range []float64{sends, receives} {
				for ; begun[k] < rate*passed; begun[k]++ {
					select {
					case next[k] <- kind(k):
					default:
						l.unsent.Add(1)
					}
				}
			}
		}
	}()
	p := l.measure(ctx, d)
	all.Wait()
	return p
}
