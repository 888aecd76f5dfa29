package sqs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// work sends requests for as long as there is one due. Those who are about to send a message go first: a burst that
// comes while nothing is under way then leaves in one request, not in one of one message and one of the rest.
func (s *sender) work() {
	for again := true; again; {
		runtime.Gosched()
		again = s.workOnce()
	}
}

func (s *sender) workOnce() (again bool) {
	s.mu.Lock()
	s.mu.starting--
	batch := s.chooseLocked()
	departure := time.Now()
	s.rushLocked(departure)
	s.mu.Unlock()

	report := SenderBatch{Messages: len(batch)}
	if len(batch) > 0 {
		report.Waited = departure.Sub(batch[0].at)
		s.send(batch, &report)
		report.Took = time.Since(departure)
		if s.options.OnBatch != nil {
			s.options.OnBatch(report)
		}
	}
	return s.settle(batch)
}

// delivery is what left together, on its way.
type delivery struct {
	s        *sender
	b        *batch
	items    []*pending
	attempts int
	lost     bool // a request may have been carried out without our seeing its answer
}

// send makes the requests for what was chosen, and gives each message its outcome.
func (s *sender) send(items []*pending, report *SenderBatch) {
	d := &delivery{s: s, b: newBatch(s.conn, len(items)), items: items}
	d.b.send = d.request
	if s.fifo {
		d.b.repeat = d.inOrder
	}
	all := make([]int, len(items))
	for i, p := range items {
		all[i] = i
		report.Bytes += p.size
	}
	if err := d.b.sendChunk(s.ctx, all); len(items) > 1 && blamesOne(err) {
		d.oneByOne()
	}
	for i, p := range items {
		p.err = d.outcome(d.b.entries[i].Err)
		if p.err != nil {
			report.Failed++
			if report.Err == nil {
				report.Err = p.err
			}
		}
	}
	report.Attempts = d.attempts
}

// request sends the entries in chunk.
func (d *delivery) request(ctx context.Context, chunk []int) ([]api.BatchResultError, error) {
	in := api.SendMessageBatchInput{QueueURL: d.s.url, Entries: pick(chunk, func(i int) api.SendMessageEntry {
		e := *d.items[i].entry
		e.ID = entryID(i)
		return e
	})}
	out, err := callWatched(ctx, d.s.conn, api.SendMessageBatch, d.s.path, &in, func(err error) {
		d.attempts++
		d.lost = d.lost || mayHaveArrived(err)
	})
	if err != nil {
		return nil, err
	}
	for i := range out.Successful {
		success := &out.Successful[i]
		if e := d.b.entry(success.ID); e != nil {
			e.Err = nil
			d.items[e.Index].success = *success
		}
	}
	return out.Failed, nil
}

// outcome is the error of a message, given what its entry has.
func (d *delivery) outcome(err error) error {
	switch {
	case err == nil || errors.Is(err, ErrNotSent):
		return err
	case err == errUndecided || d.lost:
		return fmt.Errorf("%w: %w", ErrMayHaveBeenSent, err)
	}
	return err
}

// blamesOne reports whether a request was refused for what is wrong with a message, which need not be all of them.
func blamesOne(err error) bool {
	for _, code := range []ErrorCode{
		ErrInvalidMessageContents, ErrInvalidParameterValue, ErrMissingParameter, ErrBatchRequestTooLong, ErrRequestTooLong,
		ErrSerialization, ErrUnsupportedOperation, ErrInvalidAttributeValue,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// oneByOne sends each message by itself, and nothing more after a request that is refused for another reason.
func (d *delivery) oneByOne() {
	var stopped error
	for i := range d.items {
		e := &d.b.entries[i]
		switch {
		case stopped != nil:
			e.Err = fmt.Errorf("%w: %w", ErrNotSent, stopped)
			continue
		case d.earlierFailed(i, nil) != nil:
			e.Err = heldBack(d.earlierFailed(i, nil))
			continue
		}
		e.Err = errUndecided
		if err := d.b.sendChunk(d.s.ctx, []int{i}); err != nil && !blamesOne(err) {
			stopped = err
		}
	}
}

// inOrder chooses from the messages to be repeated those whose group stays in order: none behind one that has failed for
// good, and none before one that is stored.
func (d *delivery) inOrder(again []int) []int {
	slices.Sort(again) // answers have any order
	var keep []int
	for _, i := range again {
		e := &d.b.entries[i]
		if cause := d.earlierFailed(i, keep); cause != nil {
			e.Err = heldBack(cause)
			continue
		}
		if d.laterStored(i) {
			e.Err = fmt.Errorf("%w (not repeated: a later message of the group is stored)", e.Err)
			continue
		}
		keep = append(keep, i)
	}
	return keep
}

// earlierFailed returns the error of a message before number i, of the same group, that has failed and is not in repeat.
func (d *delivery) earlierFailed(i int, repeat []int) error {
	if !d.s.fifo {
		return nil
	}
	for k := range i {
		if err := d.b.entries[k].Err; err != nil && d.items[k].group == d.items[i].group && !slices.Contains(repeat, k) {
			return err
		}
	}
	return nil
}

func (d *delivery) laterStored(i int) bool {
	for k := i + 1; k < len(d.items); k++ {
		if d.b.entries[k].Err == nil && d.items[k].group == d.items[i].group {
			return true
		}
	}
	return false
}
