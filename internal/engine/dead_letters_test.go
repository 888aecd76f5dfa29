package engine

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func redriveTo(target string, max int) string {
	return fmt.Sprintf(`RedrivePolicy={"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:%s","maxReceiveCount":%d}`, target, max)
}

func TestDeadLetters(t *testing.T) {
	steps := func(name string, f func(h *harness, q, dlq *Queue), fifo bool) {
		t.Run(name, func(t *testing.T) {
			run(t, Options{}, func(h *harness) {
				suffix, kind := "", "FifoQueue=false"
				if fifo {
					suffix, kind = ".fifo", "FifoQueue=true"
				}
				dlq := h.create("dead"+suffix, kind)
				f(h, h.create("q"+suffix, kind, redriveTo("dead"+suffix, 1)), dlq)
			})
		})
	}
	steps("the receive past the limit moves the message", func(h *harness, q, dlq *Queue) {
		h.send(q, "a", "b")
		first := h.receiveFor(q, 1, 0, 0)
		h.want(first, "a")
		time.Sleep(time.Second)
		h.want(h.receiveFor(q, 10, 0, 0), "b")
		h.wantCounts(dlq, 1, 0, 0)
		dead := h.receiveFor(dlq, 10, 0, 0)
		h.want(dead, "a*2")
		d, f := dead[0], first[0]
		if d.ID != f.ID || d.SentAt != f.SentAt || d.SourceARN != q.key.ARN() || d.FirstReceive != f.FirstReceive {
			h.t.Errorf("got %+v from %+v", d, f)
		}
		h.want(h.receiveFor(dlq, 10, 0, 0), "a*3")
	}, false)
	steps("a crash finds it in one of the two", func(h *harness, q, dlq *Queue) {
		h.send(q, "a", "b")
		h.receiveFor(q, 10, 0, 0)
		h.want(h.receiveFor(q, 10, 0, 0))
		h.crash()
		h.wantCounts(h.queue("q"), 0, 0, 0)
		h.want(h.receive(h.queue("dead"), 10), "a*2", "b*2")
		h.crash()
		h.wantCounts(h.queue("dead"), 0, 2, 0)
	}, false)
	steps("a body that is on disk only is read", func(h *harness, before, _ *Queue) {
		h.send(before, numbered(250)...)
		for range 25 {
			h.receiveFor(before, 10, time.Second, 0)
		}
		h.crash()
		q, dlq := h.queue("q"), h.queue("dead")
		time.Sleep(time.Second)
		h.want(h.receive(q, 10))
		h.wantCounts(dlq, 250, 0, 0)
		h.wantCounts(q, 0, 0, 0)
	}, false)
	steps("a poll at the dead-letter queue is woken", func(h *harness, q, dlq *Queue) {
		h.send(q, "a")
		h.receiveFor(q, 1, 0, 0)
		got := make(chan []Delivery)
		go func() { got <- h.receiveFor(dlq, 1, -1, 20*time.Second) }()
		time.Sleep(time.Second)
		h.want(h.receive(q, 1))
		h.want(<-got, "a*2")
	}, false)
	steps("letters do not wait for somebody to look", func(h *harness, before, _ *Queue) {
		h.send(before, "a")
		h.crash() // the dead-letter queue is not in memory
		q, dlq := h.queue("q"), h.queue("dead")
		h.set(dlq, "MessageRetentionPeriod=60")
		h.receiveFor(q, 1, 0, 0)
		h.want(h.receive(q, 1))
		if n := dlq.inbox.n.Load(); n != 0 {
			h.t.Errorf("%d letters in memory", n)
		}
		time.Sleep(2 * time.Hour)
		if n := stored(dlq); n != 0 {
			h.t.Errorf("%d messages are stored for longer than their retention", n)
		}
	}, false)
	steps("without a target it stays", func(h *harness, q, dlq *Queue) {
		h.send(q, "a")
		h.receiveFor(q, 1, 0, 0)
		if err := h.e.Delete(context.Background(), dlq); err != nil {
			h.t.Fatal(err)
		}
		h.want(h.receiveFor(q, 1, 0, 0), "a*2")
		h.want(h.receiveFor(q, 1, 0, 0), "a*3")
	}, false)
	steps("a queue that is its own target", func(h *harness, q, _ *Queue) {
		h.set(q, redriveTo("q", 1))
		h.send(q, "a")
		h.receiveFor(q, 1, 0, 0)
		h.want(h.receiveFor(q, 1, 0, 20*time.Second))
		h.wantCounts(q, 1, 0, 0)
	}, false)
	steps("FIFO keeps the group going", func(h *harness, q, dlq *Queue) {
		h.sendTo(q, "a-1", "a-2")
		h.receiveFor(q, 1, 0, 0)
		time.Sleep(time.Second)
		h.want(h.receiveFor(q, 10, 0, 0), "a-2")
		dead := h.receive(dlq, 10)
		h.want(dead, "a-1*2")
		if dead[0].SentAt != time.Now().UnixMilli() || dead[0].GroupID != "a" {
			h.t.Errorf("got %+v", dead[0].Message)
		}
	}, true)
	steps("dead letters expire by the time they were sent", func(h *harness, q, dlq *Queue) {
		h.set(dlq, "MessageRetentionPeriod=60")
		h.send(q, "old")
		time.Sleep(30 * time.Second)
		h.send(dlq, "young")
		h.receiveFor(q, 1, 0, 0)
		h.receiveFor(q, 1, 0, 0)
		h.wantCounts(dlq, 2, 0, 0)
		time.Sleep(30 * time.Second)
		h.wantCounts(dlq, 1, 0, 0)
		h.want(h.receive(dlq, 10), "young")
	}, false)
}
