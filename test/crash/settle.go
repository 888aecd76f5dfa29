package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// settle empties all queues after the last round, and looks for what is missing.
func (c *clients) settle(ctx context.Context) error {
	conn, err := c.connection()
	if err != nil {
		return err
	}
	found := map[string]int{}
	limit := time.Now().Add(5 * time.Minute)
	for left := 1; left > 0; {
		if time.Now().After(limit) {
			return fmt.Errorf("%d messages cannot be received after 5 minutes", left)
		}
		left = 0
		for _, name := range []string{queueSource, queueDead, queuePlain, queuePurged, queueFIFO} {
			q := conn.QueueFromURL(c.url + "/000000000000/" + name)
			if err := c.empty(ctx, q, found); err != nil {
				return err
			}
			n, err := stored(ctx, q)
			if err != nil {
				return err
			}
			left += n
		}
	}
	c.history.unaccounted(found)
	return nil
}

// empty takes what a queue gives now.
func (c *clients) empty(ctx context.Context, q *sqs.Queue, found map[string]int) error {
	for {
		began := c.history.now()
		got, err := q.Messages(ctx, 10, sqs.WithVisibility(time.Minute), sqs.WithWait(0), sqs.WithAttributes(sqs.SystemAttributeReceiveCount))
		if errors.Is(err, sqs.ErrNoMessage) || err == nil && len(got) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		ms := c.history.received(q.Name(), got, began, time.Minute)
		for _, m := range ms {
			found[m.body]++
			c.history.deleting(m)
		}
		if _, err := q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(got)); err != nil {
			return err
		}
	}
}

// stored counts the messages of a queue, in any state, and those that a move task has yet to bring.
func stored(ctx context.Context, q *sqs.Queue) (n int, err error) {
	as, err := q.Attributes(ctx, sqs.AttributeMessages, sqs.AttributeMessagesNotVisible, sqs.AttributeMessagesDelayed)
	if err != nil {
		return 0, err
	}
	for name := range as {
		i, err := as.Int(name)
		if err != nil {
			return 0, err
		}
		n += i
	}
	return n, nil
}

// report prints what came of it, and reports whether enough was tried.
func (r *runner) report(w io.Writer, kills int) (enough bool) {
	h := r.history
	for _, b := range h.broken {
		fmt.Fprintln(w, "BROKEN", b)
	}
	slices.Sort(r.sends)
	slices.Sort(r.restarts)
	line, enough := fmt.Sprintf("kills=%d", len(r.sends)), len(r.sends) == kills
	if len(r.sends) > 0 {
		median := r.sends[len(r.sends)/2]
		line += fmt.Sprintf(" median_sends=%d median_restart=%v", median, r.restarts[len(r.restarts)/2].Round(time.Millisecond))
		enough = enough && median >= min(500, 5*kills)
	}
	for _, o := range []op{opSend, opSendBatch, opFIFOBatch, opSendAgain, opSendLate, opReceive, opFIFO, opDelete, opDeleteMany, opVisibility, opVisibilityMany, opDead, opMove, opMoved, opPurge} {
		line += fmt.Sprintf(" %s=%d", o, h.counts[o])
		enough = enough && h.counts[o] >= min(100, kills/2)
	}
	result := "kept"
	switch {
	case len(h.broken) > 0:
		result = "broken"
	case !enough:
		result = "too_little"
	}
	fmt.Fprintf(w, "%s unanswered=%d broken=%d result=%s\n", line, h.unknown, len(h.broken), result)
	return enough
}
