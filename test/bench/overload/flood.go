package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// floodBody is the size of a message of the flood: the greatest that SQS takes.
const floodBody = 1 << 20

// flood has many connections begin a large send at the same moment. A third of them sends as fast as it can, a third
// takes seconds for it, and a third hardly sends at all.
func (t *trial) flood(ctx context.Context, res *verdict.Result) error {
	s, err := t.serve(ctx, t.limit)
	if err != nil {
		return err
	}
	err = t.floodServer(ctx, s, res)
	return errors.Join(err, s.remove())
}

func (t *trial) floodServer(ctx context.Context, s *server, res *verdict.Result) error {
	url, err := s.create(ctx, "flood")
	if err != nil {
		return err
	}
	small, err := s.create(ctx, "small")
	if err != nil {
		return err
	}
	f := &flood{s: s, url: url, begin: make(chan struct{}), filler: strings.Repeat("x", floodBody)}
	t.tell("%d connections", t.conns)
	var senders sync.WaitGroup
	var conns []net.Conn
	for i := range t.conns {
		c, err := s.dial()
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		conns = append(conns, c)
		senders.Go(func() { f.sender(ctx, c, i) })
	}
	idle := s.mebibytes()
	t.tell("all are there, the server has %.0f MiB; they begin to send", idle)
	f.until = time.Now().Add(t.duration)
	for _, c := range conns { // all headers first: it takes this program seconds until each sender has had its first turn
		if err := f.head(c); err != nil {
			return err
		}
	}
	close(f.begin)
	beside := &beside{s: s, url: small}
	beside.run(ctx, f.until)
	t.tell("%s; the rest has until its deadline", &f.tally)
	senders.Wait()
	t.tell("%s", &f.tally)

	start := time.Now()
	err = s.roundTrip(ctx, small)
	recovery := time.Since(start)
	if err != nil {
		return fmt.Errorf("after the flood: %w", err)
	}
	held, err := s.held(ctx, url)
	if err != nil {
		return err
	}
	lost, err := f.missing(ctx)
	if err != nil {
		return err
	}
	n := &f.tally
	res.Size = t.conns
	res.Note("%d of %d attempts acknowledged, %d refused, %d cut off, %d queued", n.acked.Load(), n.attempts.Load(), n.refused.Load(), n.cut.Load(), held)
	res.Note("beside them %d of %d small round trips", beside.done, beside.tried)
	res.Note("idle %.0f MiB", idle)
	res.Note("%d times it was not possible to connect", n.dial.Load())
	if status := f.odd.Load(); status != nil {
		res.Note("a status was %v", status)
	}
	res.AtMost("rss_mib", "resident %.0f MiB", s.mebibytes(), float64(t.limit))
	res.Timely()
	res.AtMost("hung", "%.0f attempts without an end", float64(n.hung.Load()), 0)
	res.AtMost("wrong", "%.0f other answers", float64(n.wrong.Load()), 0)
	res.AtMost("lost", "%.0f acknowledged messages lost", float64(lost), 0)
	res.AtMost("surplus", "%.0f messages that nobody sent", max(0, float64(held)-float64(n.acked.Load()+n.cut.Load())), 0)
	res.AtLeast("acked", "%.0f acknowledged", float64(n.acked.Load()), float64(min(t.conns, 1000)/20))
	res.Timely()
	res.AtLeast("refused", "%.0f refused", float64(n.refused.Load()), float64(t.conns)/4)
	res.Timely()
	res.AtLeast("beside", "%.2f of the small round trips done", float64(beside.done)/float64(max(beside.tried, 1)), .5)
	res.Timely()
	res.AtMost("after_ms", "the first round trip after it took %.0f ms", float64(recovery.Milliseconds()), 1000)
	res.Timely()
	return nil
}

// beside sends, receives and deletes small messages, ten times a second, while something else goes on.
type beside struct {
	s           *server
	url         string
	tried, done int
}

func (b *beside) run(ctx context.Context, until time.Time) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(until) && ctx.Err() == nil {
		b.tried++
		if b.s.roundTrip(ctx, b.url) == nil {
			b.done++
		}
		<-tick.C
	}
}
