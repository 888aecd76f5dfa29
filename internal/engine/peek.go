package engine

import (
	"context"

	"github.com/bufeomq/bufeo/internal/store"
)

// Peek lists up to max stored messages in the order of their sending, without receiving them. It is for people and
// tests: unlike everything else it reads every message that it lists from the store.
func (q *Queue) Peek(ctx context.Context, max int) ([]Peeked, error) {
	now, err := q.lock()
	if err != nil {
		return nil, err
	}
	pending, from := q.mu.last, q.mu.segments.first(q.mu.counters.NextSeq)
	q.unlock(now)
	if err := q.e.wait(ctx, pending); err != nil {
		return nil, err
	}
	var found []Peeked
	var seqs []uint64
	err = q.e.st.Messages(q.id, from, func(seq uint64, m *store.Message) bool {
		if len(found) >= max {
			return false
		}
		found, seqs = append(found, Peeked{Message: m}), append(seqs, seq)
		return true
	})
	if err != nil {
		return nil, err
	}
	return q.classify(found, seqs)
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
