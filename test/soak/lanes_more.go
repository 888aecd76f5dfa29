package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// groups is how many message groups the FIFO queue has.
const groups = 20

// order is what is in each group, in the order in which it was sent, without what is being deleted.
type order struct {
	mu     sync.Mutex
	groups map[string][]int
}

// ordered: a FIFO queue. Each group must come in order, and what is sent again within five minutes is not there twice.
func (t *traffic) ordered(work, ctx, consuming context.Context) error {
	l, err := t.lane(ctx, "ordered.fifo", sqs.WithQueueAttribute(sqs.AttributeFIFOQueue, "true"))
	if err != nil {
		return err
	}
	o := &order{groups: map[string][]int{}}
	t.every(work, 10, func() { l.sendOrdered(ctx, o) })
	for range 3 {
		t.again(consuming, func() { l.consumeOrdered(consuming, o) })
	}
	return nil
}

// sendOrdered sends five messages of one group, and sometimes one of them once more. There is one sender for all groups.
func (l *lane) sendOrdered(ctx context.Context, o *order) {
	group := strconv.Itoa(rand.IntN(groups))
	ms := make([]*sqs.Message, 5)
	for i := range ms {
		m := l.message(200, 0, group+" ")
		m.GroupID, m.DeduplicationID = group, strings.Fields(m.Body)[0]
		ms[i] = m
	}
	o.mu.Lock()
	for _, m := range ms {
		o.groups[group] = append(o.groups[group], number(m.Body))
	}
	o.mu.Unlock()
	if !l.sendBatch(ctx, ms) || rand.IntN(5) > 0 {
		return
	}
	m := ms[rand.IntN(len(ms))]
	again := l.q.NewMessage(m.Body)
	again.GroupID, again.DeduplicationID = m.GroupID, m.DeduplicationID
	if l.try(ctx, "send", func() error { return l.q.Write(ctx, again) }) {
		l.done("duplicates", 1)
		if again.ID != m.ID {
			l.breaks("ordered %d: sent again, it is %s, not %s", number(m.Body), again.ID, m.ID)
		}
	}
}

// consumeOrdered checks and deletes what comes, and sometimes gives back the last one.
func (l *lane) consumeOrdered(ctx context.Context, o *order) {
	got := l.receive(ctx, 5*time.Second, hidden)
	o.mu.Lock()
	seen := map[string]int{}
	for _, m := range got {
		f := strings.Fields(m.Body)
		n, group := number(m.Body), f[1]
		at := seen[group]
		seen[group]++
		if list := o.groups[group]; at >= len(list) || list[at] != n {
			l.breaks("ordered %d: received out of order, group %s has %v", n, group, list[:min(len(list), 12)])
		}
	}
	o.mu.Unlock()
	if len(got) > 0 && rand.IntN(10) == 0 {
		l.change(ctx, got[len(got)-1], 0)
		got = got[:len(got)-1]
	}
	o.mu.Lock()
	for _, m := range got { // before the delete: right after it somebody else may get the next
		group := strings.Fields(m.Body)[1]
		o.groups[group] = o.groups[group][1:]
	}
	o.mu.Unlock()
	l.remove(ctx, got, true)
}

const (
	poison      = "poison "
	maxReceives = 2
)

// deadLetters: messages that are never deleted where they were sent go to the dead-letter queue, and move tasks bring them to a
// third queue, where they are.
func (t *traffic) deadLetters(work, ctx, consuming context.Context) error {
	dead, err := t.lane(ctx, "dead")
	if err != nil {
		return err
	}
	back, err := t.lane(ctx, "back")
	if err != nil {
		return err
	}
	arns := map[*lane]string{}
	for _, l := range []*lane{dead, back} {
		if arns[l], err = l.q.Attribute(ctx, sqs.AttributeQueueARN); err != nil {
			return err
		}
	}
	l, err := t.lane(ctx, "source", sqs.WithDeadLetterQueue(arns[dead], maxReceives))
	if err != nil {
		return err
	}
	back.book = l.book // it is the same messages
	t.every(work, 10, func() {
		mark := ""
		if rand.IntN(4) == 0 {
			mark = poison
		}
		l.send(ctx, l.message(200, 0, mark))
	})
	t.again(consuming, func() {
		for _, m := range l.receive(consuming, time.Second, hidden) {
			if strings.Contains(m.Body, poison) {
				l.change(consuming, m, time.Second)
				continue
			}
			l.remove(consuming, []*sqs.Message{m}, false)
		}
	})
	t.again(consuming, func() {
		got := back.receive(consuming, 5*time.Second, hidden)
		for _, m := range got {
			if !strings.Contains(m.Body, poison) {
				l.breaks("back %d: it was never received %d times", number(m.Body), maxReceives)
			}
		}
		back.done("moved", len(got))
		back.remove(consuming, got, true)
	})
	t.again(consuming, func() {
		pause(consuming, min(20*time.Second, t.length/5))
		dead.move(consuming, arns[back])
	})
	return nil
}

// move starts a move task if none is running.
func (l *lane) move(ctx context.Context, to string) {
	l.try(ctx, "move_task", func() error {
		tasks, err := l.q.MessageMoveTasks(ctx)
		if err != nil || len(tasks) > 0 && tasks[0].Status == "RUNNING" {
			return err
		}
		_, err = l.q.StartMessageMoveTask(ctx, sqs.WithDestination(to))
		if err == nil {
			l.done("move_tasks", 1)
		}
		return err
	})
}

// churn: queues come and go, with messages in them, received and not.
func (t *traffic) churn(work, ctx, _ context.Context) error {
	conn, err := t.connect()
	if err != nil {
		return err
	}
	n := 0
	t.every(work, 2, func() {
		n++
		name := fmt.Sprintf("churn-%d", n)
		var options []func(*sqs.CreateOptions)
		if n%2 == 0 {
			name += ".fifo"
			options = append(options, sqs.WithQueueAttribute(sqs.AttributeFIFOQueue, "true"), sqs.WithQueueAttribute(sqs.AttributeContentBasedDeduplication, "true"))
		}
		l := &lane{traffic: t, book: t.ledger.book(name)}
		if !t.try(ctx, "create_queue", func() (err error) {
			l.q, err = conn.CreateQueue(ctx, name, options...)
			return err
		}) {
			return
		}
		ms := l.batch(10, 500)
		for _, m := range ms {
			if n%2 == 0 {
				m.GroupID = "g"
			}
		}
		l.sendBatch(ctx, ms)
		if got := l.receive(ctx, 0, hidden); len(got) != 10 {
			l.breaks("%s: received %d messages of 10", name, len(got))
		}
		l.sendBatch(ctx, l.batchOf(ms))
		if t.try(ctx, "delete_queue", func() error { return l.q.Delete(ctx) }) {
			l.done("queues", 1)
		}
	})
	return nil
}

// batchOf makes as many messages of the same groups.
func (l *lane) batchOf(like []*sqs.Message) []*sqs.Message {
	ms := l.batch(len(like), 500)
	for i := range ms {
		ms[i].GroupID = like[i].GroupID
	}
	return ms
}

// polls: many who wait, and a message now and then, which must wake one of them at once.
func (t *traffic) polls(work, ctx, consuming context.Context) error {
	l, err := t.lane(ctx, "idle")
	if err != nil {
		return err
	}
	t.every(work, 2, func() { l.send(ctx, l.message(0, 0, strconv.FormatInt(time.Now().UnixNano(), 10))) })
	for range 16 {
		t.again(consuming, func() {
			got := l.receive(consuming, 20*time.Second, hidden)
			now := time.Now().UnixNano()
			for _, m := range got {
				if at, err := strconv.ParseInt(strings.Fields(m.Body)[1], 10, 64); err == nil {
					l.latency.record("wake", time.Duration(now-at))
				}
			}
			l.done("woken", len(got))
			l.remove(consuming, got, false)
		})
	}
	return nil
}
