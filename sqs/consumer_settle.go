package sqs

import (
	"context"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// remove has a message deleted. From here on its lease is not extended, and the delete is repeated until it ends.
func (r *run[T]) remove(d *leased[T]) {
	d.phase, d.extendAt = deleting, time.Time{}
	r.settling++
	r.queueDelete(d)
}

func (r *run[T]) queueDelete(d *leased[T]) {
	d.sending = true
	if len(r.deletes) == 0 {
		r.lingerTo = r.now
		if !r.fifo && !r.drain.on { // the next of the group waits for this
			r.lingerTo = r.now.Add(max(0, r.o.DeleteLinger))
		}
		r.wakeAt(r.lingerTo)
	}
	r.deletes = append(r.deletes, d)
}

// release has a message made visible after a delay, which counts from now however long the request takes.
func (r *run[T]) release(d *leased[T], delay time.Duration) {
	d.phase, d.extendAt = releasing, time.Time{}
	d.visibleAt = r.now.Add(delay)
	if d.visibleAt.After(d.leaseCap) {
		d.visibleAt = d.leaseCap
	}
	r.settling++
	if !d.extending {
		r.queueRelease(d)
	}
}

func (r *run[T]) queueRelease(d *leased[T]) {
	d.sending = true
	r.releases = append(r.releases, d)
}

// sendAgain puts a message whose batch failed into another one.
func (r *run[T]) sendAgain(d *leased[T]) {
	switch {
	case d.sending || d.extending || d.retryAt.IsZero():
	case r.now.Before(d.retryAt):
		r.wakeAt(d.retryAt)
	case d.phase == deleting:
		r.queueDelete(d)
	default:
		r.queueRelease(d)
	}
}

// flush sends the batches that are full or have waited long enough.
func (r *run[T]) flush(ctx context.Context) {
	lost := func(d *leased[T]) bool { return d.phase == gone } // while it waited here
	r.releases, r.deletes = slices.DeleteFunc(r.releases, lost), slices.DeleteFunc(r.deletes, lost)
	for batch := range slices.Chunk(r.releases, api.MaxBatchEntries) {
		r.sendReleases(ctx, batch)
	}
	r.releases = nil
	for len(r.deletes) >= api.MaxBatchEntries || len(r.deletes) > 0 && (r.drain.on || !r.now.Before(r.lingerTo)) {
		n := min(len(r.deletes), api.MaxBatchEntries)
		batch := r.deletes[:n:n]
		r.deletes = r.deletes[n:]
		r.sendDeletes(ctx, batch)
	}
	if len(r.deletes) > 0 {
		r.wakeAt(r.lingerTo)
	}
}

func (r *run[T]) sendDeletes(ctx context.Context, batch []*leased[T]) {
	handles := make([]string, len(batch))
	for i, d := range batch {
		handles[i] = d.m.ReceiptHandle
	}
	start := r.now
	r.request(ctx, r.batchTimeout(), func(ctx context.Context) func() {
		results, err := r.queue.DeleteMessageBatch(ctx, handles)
		return func() {
			r.told(r.o.Hooks.Settled, api.DeleteMessageBatch.Name, start, results, err)
			r.settled(batch, results, r.deleted)
		}
	})
}

func (r *run[T]) sendReleases(ctx context.Context, batch []*leased[T]) {
	changes := make([]VisibilityChange, len(batch))
	for i, d := range batch {
		changes[i] = VisibilityChange{ReceiptHandle: d.m.ReceiptHandle, Timeout: max(0, d.visibleAt.Sub(r.now))}
	}
	start := r.now
	r.request(ctx, r.batchTimeout(), func(ctx context.Context) func() {
		results, err := r.queue.ChangeMessageVisibilityBatch(ctx, changes)
		return func() {
			r.told(r.o.Hooks.Settled, api.ChangeMessageVisibilityBatch.Name, start, results, err)
			r.settled(batch, results, r.released)
		}
	})
}

// settled takes in the results of a batch. What failed is sent again after a pause, unless its handle is good for nothing.
func (r *run[T]) settled(batch []*leased[T], results *BatchResults, succeeded func(*leased[T])) {
	for _, e := range results.Results {
		if d := batch[e.Index]; d.phase != gone {
			succeeded(d)
		}
	}
	for _, e := range results.Errors {
		d := batch[e.Index]
		d.sending, d.lastErr = false, e.Err
		switch {
		case d.phase == gone:
		case leaseEnded(e.Err):
			r.lose(d, e.Err)
		default:
			d.retryAt = r.now.Add(min(retryPause, r.o.Visibility/8))
			r.wakeAt(d.retryAt)
		}
	}
}

func (r *run[T]) deleted(d *leased[T]) {
	r.forget(d)
	delete(r.busy, d.group)
}

func (r *run[T]) released(d *leased[T]) {
	r.forget(d)
	if d.handBack {
		r.drain.handedBack++
	}
}
