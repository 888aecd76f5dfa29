package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// send sends one message, or a batch.
func (w *worker) send(ctx context.Context) {
	queue := w.q.Name()
	if w.crowded(queue) {
		pause(ctx, 10*time.Millisecond)
		return
	}
	n := 1
	if w.rng.IntN(3) == 0 {
		n = 2 + w.rng.IntN(9)
	}
	ms := make([]*sqs.Message, n)
	for i := range ms {
		mark := ""
		if queue == queueSource && w.rng.IntN(4) == 0 {
			mark = "-" + poison
		}
		ms[i] = w.q.NewMessage(w.body(queue, mark))
		w.history.sending(ms[i].Body, queue, "")
	}
	if n == 1 {
		if w.answered(ctx, w.q.Write(ctx, ms[0])) {
			w.history.acknowledged(ms[0].Body, ms[0].ID)
			w.history.done(opSend, 1)
		}
		return
	}
	results, err := w.q.WriteBatch(ctx, ms)
	if w.answered(ctx, err) {
		for _, r := range results.Results {
			w.history.acknowledged(ms[r.Index].Body, r.MessageID)
		}
		w.history.done(opSendBatch, 1)
		w.history.done(opSend, n)
	}
}

// sendInOrder sends the next message of one of its groups, or the next few in a batch, with the same deduplication ids
// until it is acknowledged, and sometimes once more: at once, or much later, when the message may be deleted and the server
// another process.
func (w *worker) sendInOrder(ctx context.Context, share int) {
	if len(w.past) > 0 && w.rng.IntN(8) == 0 {
		w.sendPast(ctx, w.past[w.rng.IntN(len(w.past))])
		return
	}
	if w.crowded(queueFIFO) {
		pause(ctx, 10*time.Millisecond)
		return
	}
	group := fmt.Sprintf("%d-%d", share, w.rng.IntN(groups/4))
	ms := make([]*sqs.Message, []int{1, 1, 1, 2 + w.rng.IntN(9)}[w.rng.IntN(4)])
	for i := range ms {
		m := w.q.NewMessage(w.body(queueFIFO, "-"+group))
		m.GroupID, m.DeduplicationID = group, m.Body
		w.history.sending(m.Body, queueFIFO, group)
		ms[i] = m
	}
	for again := false; ctx.Err() == nil; {
		if !w.answered(ctx, w.write(ctx, ms)) {
			continue
		}
		for _, m := range ms {
			w.history.acknowledged(m.Body, m.ID)
		}
		if again {
			w.history.done(opSendAgain, 1)
			return
		}
		w.history.done(opSend, len(ms))
		if len(ms) > 1 {
			w.history.done(opFIFOBatch, 1)
		}
		w.remember(ms[w.rng.IntN(len(ms))])
		if again = w.rng.IntN(5) == 0; !again {
			return
		}
	}
}

// write sends messages with one request.
func (w *worker) write(ctx context.Context, ms []*sqs.Message) error {
	if len(ms) == 1 {
		return w.q.Write(ctx, ms[0])
	}
	_, err := w.q.WriteBatch(ctx, ms)
	return err
}

func (w *worker) remember(m *sqs.Message) {
	w.past = append(w.past, sent{m, w.history.now()})
	if len(w.past) > maxPast {
		w.past = slices.Delete(w.past, 0, 1)
	}
}

// sendPast repeats a send that was acknowledged. It must store nothing, and be answered as the first.
func (w *worker) sendPast(ctx context.Context, p sent) {
	if w.history.now()-p.at > maxRepeat {
		return
	}
	again := *p.m
	if w.answered(ctx, w.q.Write(ctx, &again)) {
		w.history.acknowledged(again.Body, again.ID)
		w.history.done(opSendLate, 1)
	}
}

// receive takes messages and does with each what a consumer may do.
func (w *worker) receive(ctx context.Context) {
	queue, h := w.q.Name(), w.history
	if queue == queueDead { // move tasks take what nobody has
		pause(ctx, time.Duration(w.rng.IntN(300))*time.Millisecond)
	}
	hide, began := visibility, h.now()
	got, err := w.q.Messages(ctx, 1+w.rng.IntN(10), sqs.WithVisibility(hide), sqs.WithWait(time.Second),
		sqs.WithAttributes(sqs.SystemAttributeReceiveCount))
	if err != nil && !errors.Is(err, sqs.ErrNoMessage) {
		w.answered(ctx, err)
		return
	}
	ms := h.received(queue, got, began, hide)
	if len(ms) != len(got) {
		return // of which the history does not know all
	}
	if w.rng.IntN(20) == 0 {
		return // a consumer that dies
	}
	switch {
	case queue == queueDead && w.rng.IntN(2) == 0: // a move task may have it
		return
	case len(got) > 1 && w.rng.IntN(2) == 0 && !(queue == queueSource && anyPoison(ms)):
		w.deleteMany(ctx, got, ms)
		return
	case len(got) > 1 && w.rng.IntN(8) == 0:
		w.changeMany(ctx, got, ms)
		return
	}
	for i, m := range ms {
		if queue == queueSource && isPoison(m.body) || w.rng.IntN(8) == 0 {
			d := w.timeout()
			if isPoison(m.body) { // to be a dead letter soon
				d = min(d, time.Second)
			}
			done := h.changing(m, d)
			acknowledged := w.answered(ctx, got[i].ChangeVisibility(ctx, d))
			if done(acknowledged); acknowledged {
				h.done(opVisibility, 1)
			}
			if m.group != nil {
				return // what follows it waits
			}
			continue
		}
		h.deleting(m)
		if !w.answered(ctx, got[i].Delete(ctx)) {
			return
		}
		h.deleted(m)
		h.done(opDelete, 1)
		w.left(queue, 1)
	}
}

// timeout is one to change a visibility to: less than it was, or more.
func (w *worker) timeout() time.Duration {
	return []time.Duration{0, 0, time.Second, 2 * visibility}[w.rng.IntN(4)]
}

// changeMany gives messages back, or keeps them for longer.
func (w *worker) changeMany(ctx context.Context, got []*sqs.Message, ms []*message) {
	changes, done := make([]sqs.VisibilityChange, len(got)), make([]func(bool), len(got))
	for i, m := range ms {
		changes[i] = sqs.VisibilityChange{ReceiptHandle: got[i].ReceiptHandle, Timeout: w.timeout()}
		done[i] = w.history.changing(m, changes[i].Timeout)
	}
	results, err := w.q.ChangeMessageVisibilityBatch(ctx, changes)
	acknowledged := make([]bool, len(got))
	if results != nil {
		for _, r := range results.Results {
			acknowledged[r.Index] = true
		}
	}
	for i := range done {
		done[i](acknowledged[i])
	}
	if w.answered(ctx, err) {
		w.history.done(opVisibilityMany, 1)
	}
}

func anyPoison(ms []*message) bool {
	for _, m := range ms {
		if isPoison(m.body) {
			return true
		}
	}
	return false
}

func (w *worker) deleteMany(ctx context.Context, got []*sqs.Message, ms []*message) {
	for _, m := range ms {
		w.history.deleting(m)
	}
	results, err := w.q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(got))
	if !w.answered(ctx, err) {
		return
	}
	for _, r := range results.Results {
		w.history.deleted(ms[r.Index])
	}
	w.history.done(opDeleteMany, 1)
	w.left(w.q.Name(), len(ms))
}

// moveBack brings dead letters back to where they came from.
func (w *worker) moveBack(ctx context.Context) {
	pause(ctx, time.Duration(100+w.rng.IntN(300))*time.Millisecond)
	w.history.move()
	_, err := w.q.StartMessageMoveTask(ctx)
	if errors.Is(err, sqs.ErrUnsupportedOperation) {
		return // one is running
	}
	if w.answered(ctx, err) {
		w.history.done(opMove, 1)
	}
}

func (w *worker) purge(ctx context.Context) {
	pause(ctx, time.Duration(100+w.rng.IntN(400))*time.Millisecond)
	done := w.history.purging()
	if w.answered(ctx, w.q.Purge(ctx)) {
		done()
		w.history.done(opPurge, 1)
	}
}
