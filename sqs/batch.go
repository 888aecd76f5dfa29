package sqs

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/bufeomq/bufeo/internal/api"
)

// batch is any number of entries on their way to one queue, in requests of up to ten. Requests go one after the other:
// on a FIFO queue the order of the entries is the order of the messages.
type batch struct {
	conn    *Connection
	entries []ResultEntry // by index; Err is errUndecided until the entry's fate is known
	size    func(i int) int
	// send makes one request of the entries in chunk, whose wire ids are their indexes, records those that succeeded and
	// returns the entries that the server refused. An error is that of the request as a whole.
	send func(ctx context.Context, chunk []int) ([]api.BatchResultError, error)
	// repeat, unless it is nil, chooses from the entries to be repeated; the others it gives an error for good.
	repeat func(again []int) []int
}

func newBatch(c *Connection, n int) *batch {
	b := &batch{conn: c, entries: make([]ResultEntry, n), size: func(int) int { return 0 }}
	for i := range b.entries {
		b.entries[i] = ResultEntry{Index: i, Err: errUndecided}
	}
	return b
}

// run sends what is undecided. It stops at the first request that fails as a whole, since what refused it (no such queue,
// no access, no connection) refuses the next one too.
func (b *batch) run(ctx context.Context) {
	for next := 0; next < len(b.entries); {
		var chunk []int
		chunk, next = b.chunk(next)
		err := b.sendChunk(ctx, chunk)
		if err == nil || len(chunk) == 1 && errors.Is(err, ErrBatchRequestTooLong) {
			continue // one message beyond all limits says nothing about the others
		}
		for i := next; i < len(b.entries); i++ {
			if e := &b.entries[i]; e.Err == errUndecided {
				e.Err = fmt.Errorf("%w: %w", ErrNotSent, err)
			}
		}
		return
	}
}

// chunk collects the undecided entries for one request, starting at index next, and returns where the following one
// starts. An entry that is too long by itself gets a request by itself: whether it is, is for the server to say.
func (b *batch) chunk(next int) (chunk []int, after int) {
	total := 0
	for ; next < len(b.entries) && len(chunk) < api.MaxBatchEntries; next++ {
		if b.entries[next].Err != errUndecided {
			continue
		}
		size := b.size(next)
		if len(chunk) > 0 && total+size > api.MaxBatchBytes {
			break
		}
		total += size
		chunk = append(chunk, next)
	}
	return chunk, next
}

// sendChunk sends one request and repeats, for as long as the retryer allows, the entries that failed by the server's
// fault. The error is that of a request that failed as a whole.
func (b *batch) sendChunk(ctx context.Context, chunk []int) error {
	release := func(error) error { return nil }
	for attempt := 1; len(chunk) > 0; attempt++ {
		refused, err := b.send(ctx, chunk)
		_ = release(err) // a pool that does not take its token back is no reason to fail
		if err != nil {
			b.fail(chunk, err)
			return err
		}
		if chunk = b.refuse(refused); len(chunk) == 0 {
			return nil
		}
		if release, err = b.conn.backoff(ctx, attempt, b.entries[chunk[0]].Err); err == nil {
			continue
		}
		if ctx.Err() != nil {
			for _, i := range chunk {
				b.entries[i].Err = given(ctx, b.entries[i].Err)
			}
			return given(ctx, ctx.Err())
		}
		return nil // the entries keep the errors that they have
	}
	return nil
}

// refuse records refused entries and returns those to be repeated.
func (b *batch) refuse(refused []api.BatchResultError) (again []int) {
	for i := range refused {
		f := &refused[i]
		e := b.entry(f.ID)
		if e == nil {
			continue
		}
		e.Err = entryError(f)
		if !f.SenderFault {
			again = append(again, e.Index)
		}
	}
	if b.repeat != nil {
		return b.repeat(again)
	}
	return again
}

// fail gives the entries of a request that failed as a whole its error.
func (b *batch) fail(chunk []int, err error) {
	for _, i := range chunk {
		b.entries[i].Err = err
	}
}

// succeed records an entry that was carried out.
func (b *batch) succeed(id string) {
	if e := b.entry(id); e != nil {
		e.Err = nil
	}
}

// entry returns the entry with a wire id, or nil for an id that we did not send.
func (b *batch) entry(id string) *ResultEntry {
	i, err := strconv.Atoi(id)
	if err != nil || i < 0 || i >= len(b.entries) {
		return nil
	}
	return &b.entries[i]
}

// entryID is the wire id of the entry at index i: digits, which every server takes.
func entryID(i int) string { return strconv.Itoa(i) }
