package main

import (
	"context"
	"time"

	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// lineTime is how long the line for a place would be if nobody was refused: more than the 5 seconds that anybody waits.
const lineTime = 8 * time.Second

// full has so many connections send, at a multiple of the rate that the server can take, that the line for a place is longer than anybody
// waits: sends are refused. Others receive, change visibility timeouts and delete. Those find as much memory taken by sends as
// sends may take, and go on all the same. A send is large enough that the sends of eight seconds are no more than some thousand,
// and its body has to be paid for out of the server's memory, as that of everything else here.
func (t *trial) full(ctx context.Context, res *verdict.Result) error {
	return t.inLine(ctx, res, &line{limit: 4 * t.limit, body: 25 << 10, padding: 5 << 10, most: t.conns})
}

// crowd is the same with a quarter of the memory, which the connections alone fill to a half.
func (t *trial) crowd(ctx context.Context, res *verdict.Result) error {
	return t.inLine(ctx, res, &line{limit: t.limit, body: 5 << 10, least: t.conns, most: t.conns})
}

// line is what tells the two apart.
type line struct {
	limit         int // MiB
	body, padding int // bytes
	least, most   int // connections that send
}

func (t *trial) inLine(ctx context.Context, res *verdict.Result, l *line) error {
	return t.apart(ctx, l.limit, func(s *server) error { return t.inLineOf(ctx, s, res, l) })
}

func (t *trial) inLineOf(ctx context.Context, s *server, res *verdict.Result, l *line) error {
	sc, err := t.scene(ctx, s, "full", l.body, l.padding, t.duration/4)
	if err != nil {
		return err
	}
	before, rate := sc.before, sc.before.perSecond()
	senders := min(max(t.clients, l.least, int(rate[send]*lineTime.Seconds())), l.most)
	clients := [2]int{senders, t.clients / 2}
	t.tell("%d connections send, %d receive", clients[send], clients[receive])
	// The first to be refused have waited for 5 seconds.
	sc.open(ctx, clients, t.factor*rate[send], t.factor*rate[receive], t.duration/4)
	over, after, err := sc.overload(ctx, clients)
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
	return sc.judge(ctx, res, after, before, over)
}
