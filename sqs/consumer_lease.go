package sqs

import (
	"context"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// leased is a message that a run holds.
type leased[T any] struct {
	m        *MessageOf[T]
	group    string // on FIFO queues; "" on others
	receives int
	received time.Time // when its answer had come
	phase    phase
	cancel   context.CancelCauseFunc // ends the handler's context

	leaseEnd, leaseCap time.Time
	extendAt           time.Time // zero: it cannot be extended further
	doubtful           bool      // the lease may have ended before its answer came: no handler before an extension
	extending          bool      // an extension is under way
	lastErr            error     // of the last request about it

	// when deleting or releasing
	sending   bool      // in a batch that waits or is under way
	retryAt   time.Time // after a batch that failed
	visibleAt time.Time // when it is to be visible again
	handBack  bool      // because the run ends
}

// phase is what a run does with a message.
type phase int

const (
	waiting   phase = iota // for a worker
	handling               // a handler has it
	deleting               // done
	releasing              // to be visible again, now or later
	gone                   // no business of the run any more
)

// maxLease is 12 hours: SQS's limit from the receive on.
const maxLease = 12 * time.Hour

// capMargin keeps the last extension from being refused because it arrives later than it was sent: SQS counts the 12 hours
// by its own clock. It is longer than an extension may take.
const capMargin = 10 * time.Second

// take begins a lease. The server made the message invisible some time between the request and its answer; what is certain
// is the earlier end.
func (r *run[T]) take(m *MessageOf[T], requested time.Time) {
	d := &leased[T]{m: m, receives: 1, received: r.now, leaseCap: requested.Add(maxLease - capMargin)}
	if n, err := m.Attributes.Int(SystemAttributeReceiveCount); err == nil {
		d.receives = n
	}
	if r.fifo {
		d.group = m.GroupID
	}
	again := r.again(d)
	r.held[d], r.byID[m.ID] = struct{}{}, d
	r.lease(d, requested, r.o.Visibility)
	if d.leaseEnd.Sub(r.now) < r.o.Visibility/4 { // the answer took much longer than the wait
		d.doubtful, d.extendAt, d.leaseEnd = true, r.now, r.now.Add(r.batchTimeout())
		r.wakeAt(r.now)
	}
	if again {
		r.remove(d)
		return
	}
	r.waiting = append(r.waiting, d)
}

// again looks for an earlier delivery of d's message. That it was delivered again proves that its lease is lost, which
// extensions do not notice on standard queues: they take the handle of any receive. It reports whether the message has been
// handled already, and only its delete is not confirmed.
func (r *run[T]) again(d *leased[T]) (handled bool) {
	earlier := r.byID[d.m.ID]
	switch {
	case earlier == nil:
		return false
	case earlier.phase == deleting:
		return d.group == "" // a group goes its way
	}
	r.lose(earlier, nil)
	return false
}

// lease notes that d is leased for a time that began no earlier than from.
func (r *run[T]) lease(d *leased[T], from time.Time, length time.Duration) {
	d.doubtful = false
	d.leaseEnd, d.extendAt = from.Add(length), from.Add(r.o.Extend)
	if !d.leaseEnd.Before(d.leaseCap) {
		d.leaseEnd, d.extendAt = d.leaseCap, time.Time{}
	}
	r.wakeAt(d.leaseEnd)
	r.wakeAt(d.extendAt)
}

// tick ends leases whose time is over, sends again what failed, and extends leases: those that are due, and with them,
// to fill the batch, some that will be soon.
func (r *run[T]) tick(ctx context.Context) {
	var due, soon []*leased[T]
	for d := range r.held {
		switch {
		case !r.now.Before(d.leaseEnd):
			r.lose(d, d.lastErr)
		case !d.extendable():
			r.sendAgain(d)
		case !r.now.Before(d.extendAt):
			due = append(due, d)
		case d.extendAt.Sub(r.now) <= r.o.Extend/4:
			soon = append(soon, d)
		}
	}
	if rest := len(due) % api.MaxBatchEntries; rest > 0 {
		slices.SortFunc(soon, func(a, b *leased[T]) int { return a.extendAt.Compare(b.extendAt) })
		due = append(due, soon[:min(len(soon), api.MaxBatchEntries-rest)]...)
	}
	// A lease that was lost has had others of its group given back.
	due = slices.DeleteFunc(due, func(d *leased[T]) bool { return !d.extendable() })
	for batch := range slices.Chunk(due, api.MaxBatchEntries) {
		r.extend(ctx, batch)
	}
	for d := range r.held {
		r.wakeAt(d.leaseEnd)
		if d.extendable() {
			r.wakeAt(d.extendAt)
		}
	}
}

func (d *leased[T]) extendable() bool {
	return (d.phase == waiting || d.phase == handling) && !d.extending && !d.extendAt.IsZero()
}

// extend sends one batch of extensions.
func (r *run[T]) extend(ctx context.Context, batch []*leased[T]) {
	changes := make([]VisibilityChange, len(batch))
	for i, d := range batch {
		length := min(r.o.Visibility, d.leaseCap.Sub(r.now).Truncate(time.Second)) // rounded down: SQS refuses what exceeds
		changes[i] = VisibilityChange{ReceiptHandle: d.m.ReceiptHandle, Timeout: length}
		d.extending = true
	}
	start := r.now
	r.request(ctx, r.batchTimeout(), func(ctx context.Context) func() {
		results, err := r.queue.ChangeMessageVisibilityBatch(ctx, changes)
		return func() {
			r.told(r.o.Hooks.Extended, api.ChangeMessageVisibilityBatch.Name, start, results, err)
			for _, e := range results.Results {
				r.extended(batch[e.Index], start, changes[e.Index].Timeout)
			}
			for _, e := range results.Errors {
				r.notExtended(batch[e.Index], e.Err)
			}
		}
	})
}

func (r *run[T]) extended(d *leased[T], from time.Time, length time.Duration) {
	d.extending, d.lastErr = false, nil
	switch d.phase {
	case waiting, handling:
		r.lease(d, from, length)
	case deleting: // the delete has longer now, and nothing extends it again
		r.lease(d, from, length)
		d.extendAt = time.Time{}
	case releasing:
		r.lease(d, from, length)
		r.queueRelease(d) // it waited for this, so as to have the last word
	}
}

func (r *run[T]) notExtended(d *leased[T], err error) {
	d.extending, d.lastErr = false, err
	switch {
	case d.phase == releasing:
		r.queueRelease(d)
	case d.phase == deleting || d.phase == gone:
	case leaseEnded(err):
		r.lose(d, err)
	default:
		d.extendAt = r.now.Add(min(retryPause, r.o.Visibility/8))
		r.wakeAt(d.extendAt)
	}
}

// lose gives up a message whose lease has ended. One that was to be visible again is so now.
func (r *run[T]) lose(d *leased[T], err error) {
	was := d.phase
	r.forget(d)
	switch was {
	case gone, releasing:
		return
	case waiting:
		r.waiting = slices.DeleteFunc(r.waiting, func(w *leased[T]) bool { return w == d })
	case handling:
		d.cancel(ErrLeaseLost) // the group stays busy until the handler returns
	case deleting:
		delete(r.busy, d.group)
	}
	if hook := r.o.Hooks.Lost; hook != nil {
		hook(ConsumerLost{MessageID: d.m.ID, GroupID: d.group, Handled: was == deleting, Err: err})
	}
	r.returnGroup(d)
}

func (r *run[T]) forget(d *leased[T]) {
	if d.phase == deleting || d.phase == releasing {
		r.settling--
	}
	d.phase = gone
	delete(r.held, d)
	if r.byID[d.m.ID] == d {
		delete(r.byID, d.m.ID)
	}
}

// told calls a hook about a batch.
func (r *run[T]) told(hook func(ConsumerBatch), action string, start time.Time, results *BatchResults, err error) {
	if hook != nil {
		hook(ConsumerBatch{Action: action, Done: len(results.Results), Failed: len(results.Errors), Took: r.now.Sub(start), Err: err})
	}
}
