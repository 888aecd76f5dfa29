package engine

import (
	"context"

	"github.com/bufeomq/bufeo/internal/store"
)

// PeekPage is Peek from sequence number from on: it reads up to max messages, and stops when the bodies of a page have
// reached maxBytes. next is where the following page begins; 0: there is none. A page can be empty although more
// follow, because deleted and expired messages are left out after they were read.
func (q *Queue) PeekPage(ctx context.Context, from uint64, max, maxBytes int) (page []Peeked, next uint64, err error) {
	now, err := q.lock()
	if err != nil {
		return nil, 0, err
	}
	pending := q.mu.last
	if first := q.mu.segments.first(q.mu.counters.NextSeq); from < first {
		from = first
	}
	q.unlock(now)
	if err := q.e.wait(pending); err != nil {
		return nil, 0, err
	}
	var found []Peeked
	var seqs []uint64
	size := 0
	err = q.e.st.Messages(q.id, from, func(seq uint64, m *store.Message) bool {
		if len(found) >= max || size >= maxBytes {
			next = seq
			return false
		}
		size += len(m.Body)
		found, seqs = append(found, Peeked{Message: m}), append(seqs, seq)
		return true
	})
	if err != nil {
		return nil, 0, err
	}
	page, err = q.classify(found, seqs)
	return page, next, err
}
