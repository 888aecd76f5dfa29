package engine

import (
	"cmp"
	"container/list"
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

// attemptWindow is how long a receive can be repeated by its ReceiveRequestAttemptId, in ms (AWS API reference: five
// minutes). A repetition does not extend it.
const attemptWindow = 5 * 60_000

// maxForgotten bounds the attempts that one receive drops because they are over: more than the one that it adds, so
// that they cannot pile up, and few enough to be no burden on it.
const maxForgotten = 16

// attempts are the receives of a FIFO queue that can be repeated: a client that got no answer asks again with the same
// id and gets the same messages and receipt handles, as long as none of them was deleted, became visible, was received
// again, or had its timeout changed. It is guarded by the queue's lock.
//
// Each message is in the latest attempt that it was received with, at most, so there are never more of them than
// messages that were received and are not deleted.
type attempts struct {
	q     store.QueueID
	byID  map[string]*pastAttempt
	bySeq map[uint64]*pastAttempt
	order list.List // of *pastAttempt, by until
}

type pastAttempt struct {
	store.Attempt
	id       string
	until    int64 // when it is over, ms
	repeated bool
	place    *list.Element
}

func newAttempts(q store.QueueID) *attempts {
	return &attempts{q: q}
}

// loadAttempts reads those of a queue from the disk. It needs no lock.
func loadAttempts(st *store.Store, q store.QueueID, now int64) (*attempts, error) {
	var past []*pastAttempt
	err := st.Attempts(q, func(id string, a *store.Attempt) {
		// A clock that was wrong must not make a window longer.
		past = append(past, &pastAttempt{Attempt: *a, id: id, until: min(a.At, now) + attemptWindow})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(past, func(a, b *pastAttempt) int { return cmp.Compare(a.until, b.until) })
	as := newAttempts(q)
	for _, a := range past {
		as.keep(a)
	}
	return as, nil
}

func (as *attempts) keep(a *pastAttempt) {
	if as.byID == nil { // most receives have no such id
		as.byID, as.bySeq = map[string]*pastAttempt{}, map[uint64]*pastAttempt{}
	}
	a.place = as.order.PushBack(a)
	as.byID[a.id] = a
	for _, m := range a.Messages {
		as.bySeq[m.Seq] = a
	}
}

// put remembers what a receive with an id was given, at the time that its handles have.
func (as *attempts) put(now int64, id string, ms []store.AttemptMessage, fx *store.Batch) {
	for range maxForgotten {
		first := as.order.Front()
		if first == nil || first.Value.(*pastAttempt).until > now {
			break
		}
		as.drop(first.Value.(*pastAttempt), fx)
	}
	as.drop(as.byID[id], fx)
	for _, m := range ms {
		as.forget(m.Seq, fx)
	}
	a := &pastAttempt{Attempt: store.Attempt{At: now, Messages: ms}, id: id, until: now + attemptWindow}
	as.keep(a)
	fx.PutAttempt(as.q, id, &a.Attempt)
}

// find returns the attempt with that id and its messages, in their order, if it can be repeated; else nil. inFlight returns
// a message that was received and neither is deleted nor has outlived its retention; of others nil.
//
// Whoever repeats it sets repeated, and gives the messages a new visibility timeout and nothing else: neither nonce nor
// receive count.
func (as *attempts) find(now int64, id string, inFlight func(seq uint64) *entry) (a *pastAttempt, es []*entry) {
	a = as.byID[id]
	if a == nil || a.until <= now {
		return nil, nil
	}
	es = make([]*entry, len(a.Messages))
	for i, m := range a.Messages {
		es[i] = inFlight(m.Seq)
		if es[i] == nil || es[i].state.Nonce != m.Nonce || es[i].state.VisibleAt <= now {
			return nil, nil
		}
	}
	return a, es
}

// forget makes the attempt that message seq was received with unrepeatable. To be called when the message is deleted,
// received, or given another timeout by a client.
func (as *attempts) forget(seq uint64, fx *store.Batch) { as.drop(as.bySeq[seq], fx) }

// repeated reports whether somebody else was given message seq as well, by the same attempt. Its receive must not be
// undone then because one of the two has left.
func (as *attempts) repeated(seq uint64) bool {
	a := as.bySeq[seq]
	return a != nil && a.repeated
}

func (as *attempts) drop(a *pastAttempt, fx *store.Batch) {
	if a == nil {
		return
	}
	as.order.Remove(a.place)
	delete(as.byID, a.id)
	for _, m := range a.Messages {
		if as.bySeq[m.Seq] == a {
			delete(as.bySeq, m.Seq)
		}
	}
	fx.DeleteAttempt(as.q, a.id)
}

// purge forgets all attempts. The caller removes them from the disk.
func (as *attempts) purge() { *as = *newAttempts(as.q) }
