package engine

import (
	"context"
	"math"
)

// Peek lists up to max stored messages in the order of their sending, without receiving them. It is for people and
// tests: unlike everything else it reads every message that it lists from the store.
func (q *Queue) Peek(ctx context.Context, max int) ([]Peeked, error) {
	page, _, err := q.PeekPage(ctx, 1, max, math.MaxInt)
	return page, err
}

// classify adds the state of each message and drops those that were deleted since they were read.
func (q *Queue) classify(found []Peeked, seqs []uint64) ([]Peeked, error) {
	now, err := q.lock()
	if err != nil {
		return nil, err
	}
	defer q.unlock(now)
	out := found[:0]
	for i, p := range found {
		held := q.mu.held[seqs[i]]
		if q.fifo {
			p.SequenceNumber = formatSequence(seqs[i])
		}
		p.ReceiveCount, p.FirstReceive = int(p.Message.Receives), p.Message.FirstReceive
		switch {
		case p.SentAt+q.mu.settings.retention <= now:
			continue
		case held != nil:
			p.ReceiveCount, p.FirstReceive = int(held.state.Receives), held.state.FirstReceive
			if held.state.VisibleAt > now {
				p.State = InFlight
			}
		case p.VisibleAt() > now, q.fifo && p.SentAt+q.mu.settings.delay > now:
			p.State = Delayed
		case p.Delay == 0 && p.GroupID == "" && seqs[i] < q.mu.fresh.low():
			continue
		}
		out = append(out, p)
	}
	return out, nil
}
