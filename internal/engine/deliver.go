package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

// deliver waits for the disk, reads the bodies that are not in memory and seals the handles.
func (q *Queue) deliver(ctx context.Context, a *attempt) ([]Delivery, error) {
	q.readAhead(a.taken)
	if err := q.e.wait(a.pending); err != nil {
		if ctx.Err() != nil {
			q.undo(a.taken)
		}
		return nil, err
	}
	out := make([]Delivery, 0, len(a.taken))
	for i := range a.taken {
		t := &a.taken[i]
		if t.msg == nil {
			msg, err := q.readMessage(t.entry.seq)
			if err != nil {
				return nil, err
			}
			if msg == nil { // deleted or purged since
				continue
			}
			t.msg = msg
		}
		d := Delivery{
			Message:      t.msg,
			Handle:       q.e.seal.seal(handle{q.id, t.entry.seq, t.state.Nonce, t.at}),
			ReceiveCount: int(t.state.Receives),
			FirstReceive: t.state.FirstReceive,
		}
		if q.fifo {
			d.SequenceNumber = formatSequence(t.entry.seq)
		}
		out = append(out, d)
	}
	if ctx.Err() != nil {
		q.undo(a.taken)
		return nil, ctx.Err()
	}
	return out, nil
}

// readAhead reads bodies while the receive is on its way to the disk. What it does not find may have been appended only
// lately, and what it cannot read is tried again.
func (q *Queue) readAhead(ts []taken) {
	var unread []*taken
	for i := range ts {
		if ts[i].msg == nil {
			unread = append(unread, &ts[i])
		}
	}
	if len(unread) < readTogether {
		for _, t := range unread {
			t.msg, _ = q.readMessage(t.entry.seq)
		}
		return
	}
	slices.SortFunc(unread, func(a, b *taken) int { return cmp.Compare(a.entry.seq, b.entry.seq) })
	seqs := make([]uint64, len(unread))
	for i, t := range unread {
		seqs[i] = t.entry.seq
	}
	_ = q.e.st.MessagesAt(q.id, seqs, func(i int, m *Message) bool {
		unread[i].msg = m
		return true
	})
}

// readTogether is from how many bodies on an iterator is faster than a Get for each.
const readTogether = 3

func (q *Queue) readMessage(seq uint64) (*Message, error) {
	msg, err := q.e.st.Message(q.id, seq)
	if err != nil && !errors.Is(err, store.ErrClosed) {
		err = fmt.Errorf("queue %s: %w", q.key.ARN(), err)
	}
	return msg, q.e.closing(err)
}

// undo makes messages visible again that went to a client who had left, unless somebody else has them by now. The
// receive no longer counts. It does not wait for the disk: nobody is told.
func (q *Queue) undo(ts []taken) {
	now, err := q.lock()
	if err != nil {
		return
	}
	defer q.unlock(now)
	fx := store.NewBatch()
	n := 0
	for i := range ts {
		e := q.mu.held[ts[i].entry.seq]
		if e != ts[i].entry || e.state.Nonce != ts[i].state.Nonce || e.state.VisibleAt != ts[i].state.VisibleAt ||
			q.repeatedLocked(e.seq) {
			continue
		}
		q.detachLocked(e)
		q.forgetAttemptLocked(e.seq, fx)
		e.state.Receives--
		e.state.VisibleAt = now
		fx.PutState(q.id, e.seq, &e.state)
		q.settleLocked(e, now)
		if q.fifo {
			q.settleFIFOLocked(e.group, now, false, fx)
		}
		n++
	}
	q.appendLocked(fx)
	q.wakeLocked(n)
}
