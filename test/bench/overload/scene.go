package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// scene is a server with a queue to overload, and what it did before that.
type scene struct {
	*loader
	t      *trial
	s      *server
	single string        // a queue of one client that sends a message at a time
	usual  time.Duration // its round trip
	before *phase        // the peak
}

// scene makes the queues, and measures for d what as many clients get as keep the server busy.
func (t *trial) scene(ctx context.Context, s *server, queue string, bodySize, padding int, d time.Duration) (*scene, error) {
	url, err := s.create(ctx, queue)
	if err != nil {
		return nil, err
	}
	sc := &scene{t: t, s: s}
	if sc.single, err = s.create(ctx, "single"); err != nil {
		return nil, err
	}
	if sc.usual, err = t.latency(ctx, s, sc.single, time.Second); err != nil {
		return nil, err
	}
	sc.loader = newLoader(s, url, bodySize, padding)
	sc.before = sc.closed(ctx, d)
	t.tell("peak: %s; a round trip usually takes %v", sc.before, sc.usual)
	return sc, nil
}

// overload begins a multiple of the peak's requests, and then measures a round trip.
func (sc *scene) overload(ctx context.Context, clients [2]int) (over *phase, after time.Duration, err error) {
	rate := sc.before.perSecond()
	over = sc.open(ctx, clients, sc.t.factor*rate[send], sc.t.factor*rate[receive], sc.t.duration)
	sc.t.tell("overload: %s", over)
	if after, err = sc.t.latency(ctx, sc.s, sc.single, time.Second); err != nil {
		return nil, 0, fmt.Errorf("after the overload: %w", err)
	}
	return over, after, nil
}

// judge demands what holds whatever the server is asked: nothing fails or is lost, memory is bounded, and it recovers at once.
func (sc *scene) judge(ctx context.Context, res *verdict.Result, after time.Duration, phases ...*phase) error {
	held, err := sc.s.held(ctx, sc.url)
	if err != nil {
		return err
	}
	var failed int64
	for _, p := range phases {
		failed += p.failed()
	}
	sc.judgeMessages(res, held)
	res.AtMost("failed", "%.0f failed otherwise", float64(failed), 0)
	res.AtMost("rss_mib", "resident %.0f MiB", sc.s.mebibytes(), float64(sc.s.limit))
	res.Timely()
	res.AtMost("after", "a round trip within a second after it took %.1f times as long", after.Seconds()/max(sc.usual, 10*time.Millisecond).Seconds(), 5)
	res.Timely()
	return nil
}

// apart runs f with a server that has a processor, and this program another.
func (t *trial) apart(ctx context.Context, limit int, f func(*server) error) error {
	var s *server
	err := pinned(0, func() (err error) {
		s, err = t.serve(ctx, limit)
		return err
	})
	if err != nil {
		return err
	}
	free, err := pin(1)
	if err != nil {
		return errors.Join(err, s.remove())
	}
	defer free()
	return errors.Join(f(s), s.remove())
}
