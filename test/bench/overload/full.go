package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// lineTime is how long the line for a place would be if nobody was refused: more than the 5 seconds that anybody waits.
const lineTime = 8 * time.Second

// A send of the row full is large enough that the sends of eight seconds are no more than some thousand, and its body has to
// be paid for out of the server's memory, as that of everything else here.
const (
	fullBody    = 25 << 10
	fullPadding = 5 << 10
)

// full has so many connections send, at a multiple of the rate that the server can take, that the line for a place is longer than anybody
// waits: sends are refused. Others receive, change visibility timeouts and delete. Those find as much memory taken by sends as
// sends may take, and go on all the same.
func (t *trial) full(ctx context.Context, res *verdict.Result) error {
	return t.apart(ctx, 4*t.limit, func(s *server) error { return t.fullServer(ctx, s, res) })
}

func (t *trial) fullServer(ctx context.Context, s *server, res *verdict.Result) error {
	url, err := s.create(ctx, "full")
	if err != nil {
		return err
	}
	single, err := s.create(ctx, "single")
	if err != nil {
		return err
	}
	usual, err := t.latency(ctx, s, single, time.Second)
	if err != nil {
		return err
	}
	l := newLoader(s, url, fullBody, fullPadding)
	before := l.closed(ctx, t.duration/4)
	t.tell("peak: %s; a round trip usually takes %v", before, usual)

	rate := before.perSecond()
	senders := min(max(t.clients, int(rate[send]*lineTime.Seconds())), t.conns)
	t.tell("%d connections send, %d receive", senders, t.clients/2)
	// The first to be refused have waited for 5 seconds.
	l.open(ctx, [2]int{senders, t.clients / 2}, t.factor*rate[send], t.factor*rate[receive], t.duration/4)
	over := l.open(ctx, [2]int{senders, t.clients / 2}, t.factor*rate[send], t.factor*rate[receive], t.duration)
	t.tell("overload: %s", over)
	after, err := t.latency(ctx, s, single, time.Second)
	if err != nil {
		return fmt.Errorf("after the overload: %w", err)
	}
	held, err := s.held(ctx, url)
	if err != nil {
		return err
	}

	res.Size = senders + t.clients/2
	res.Note("peak %.0f messages a second, sent or deleted; under %g times the load %.0f; per second of processor time %.0f; %.0f",
		before.goodput(), t.factor, over.goodput(), before.perCPU(), over.perCPU())
	over.note(res)
	res.AtLeast("refused_sends", "%.2f of the sends refused: the line was full", over.kinds[send].refusedShare(), .1)
	res.Timely()
	res.AtLeast("deletes", "%.0f requests for deletes served", float64(over.kinds[remove].ok), 200)
	res.Timely()
	over.judgeOrder(res, .5)
	l.judgeMessages(res, held)
	res.AtMost("failed", "%.0f failed otherwise", float64(over.failed()+before.failed()), 0)
	res.AtMost("rss_mib", "resident %.0f MiB", s.mebibytes(), float64(4*t.limit))
	res.Timely()
	res.AtMost("after", "a round trip within a second after it took %.1f times as long", after.Seconds()/max(usual, 10*time.Millisecond).Seconds(), 5)
	res.Timely()
	return nil
}
