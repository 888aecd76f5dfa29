package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// costCases are backlogs. What an operation costs must not depend on which of them it meets.
var costCases = []struct{ messages, groups, inFlight int }{
	{200, 1, 0},
	{200, 100, 0},
	{200_000 / slower, 1, 0},
	{200_000 / slower, 1_000, 0},
	{200_000 / slower, 100_000 / slower, 0},
	{200_000 / slower, 100_000 / slower, 20_000 / slower},
}

// meter counts what operations cost: what they ask of the store, and the steps in the engine's indexes.
type meter struct{ gets, scans, steps, sets, compared atomic.Int64 }

func (m *meter) observe(c store.Cost) {
	m.gets.Add(int64(c.Gets))
	m.scans.Add(int64(c.Scans))
	m.steps.Add(int64(c.Steps))
	m.sets.Add(int64(c.Sets))
}

// watch counts the comparisons in the heaps of a queue.
func (m *meter) watch(q *Queue) {
	now, err := q.lock()
	if err != nil {
		panic(err)
	}
	defer q.unlock(now)
	r := &q.mu.groups
	for _, h := range []*groupHeap{&r.fresh, &r.touched, &r.waiting, &r.noisy} {
		less := h.less
		h.less = func(a, b *group) bool { m.compared.Add(1); return less(a, b) }
	}
	for _, h := range []*heapOf{&q.mu.flight, &q.mu.ready, &q.mu.delays.heap} {
		less := h.less
		h.less = func(a, b *entry) bool { m.compared.Add(1); return less(a, b) }
	}
}

// bill is the costs of one kind of operation.
type bill struct{ gets, scans, steps, sets, compared float64 }

func (m *meter) bill() bill {
	f := func(n *atomic.Int64) float64 { return float64(n.Load()) }
	return bill{f(&m.gets), f(&m.scans), f(&m.steps), f(&m.sets), f(&m.compared)}
}

func (b bill) minus(o bill) bill {
	return bill{b.gets - o.gets, b.scans - o.scans, b.steps - o.steps, b.sets - o.sets, b.compared - o.compared}
}

func (b bill) plus(o bill) bill { return b.minus(bill{}.minus(o)) }

func (b bill) each(n int) bill {
	f := float64(n)
	return bill{b.gets / f, b.scans / f, b.steps / f, b.sets / f, b.compared / f}
}

func (b bill) within(limit bill) bool {
	return b.gets <= limit.gets && b.scans <= limit.scans && b.steps <= limit.steps && b.sets <= limit.sets && b.compared <= limit.compared
}

func (b bill) String() string {
	return fmt.Sprintf("%.2f gets, %.2f scans, %.2f steps, %.2f sets, %.1f comparisons", b.gets, b.scans, b.steps, b.sets, b.compared)
}

// costLimits hold for the average of each operation, whatever the backlog, with what is read in the background because
// of it. What is on disk is read for many receives at once; of a group that was not in memory the head and up to firstLoad
// messages. Only bodies of messages that stayed in memory are read one by one. Comparisons are those of heaps, whose size
// is bounded: some 17 levels of two.
var costLimits = []struct {
	op    string
	limit bill
}{
	{"receive", bill{gets: 0.5, scans: 0.1, steps: firstLoad, sets: 6, compared: 40}},
	{"change visibility", bill{sets: 1, compared: 34}},
	{"delete", bill{sets: 6, compared: 34}},
	{"send", bill{sets: 7.01}}, // now and then it drops old deduplication ids
}

func TestCostIsConstant(t *testing.T) {
	for _, c := range costCases {
		name := fmt.Sprintf("%d messages in %d groups, %d in flight", c.messages, c.groups, c.inFlight)
		t.Run(name, func(t *testing.T) {
			var m meter
			runLarge(t, Options{}, func(h *harness) {
				h.observe = m.observe
				q := h.createFIFO("q.fifo", "VisibilityTimeout=3600")
				h.load(q, c.messages, c.groups)
				time.Sleep(time.Hour / 2) // or a deduplication id that memory has forgotten would be looked for on disk
				h.close()
				h.open()
				q = h.queue("q.fifo")
				h.hide(q, c.inFlight)
				m.watch(q)
				h.cycle(q, &m, 100) // the first reads fill the windows
				costs := h.cycle(q, &m, 2000/min(slower, 4))
				for _, c := range costLimits {
					t.Logf("%-18s %v", c.op, costs[c.op])
					if !costs[c.op].within(c.limit) {
						t.Errorf("%s costs %v, want no more than %v", c.op, costs[c.op], c.limit)
					}
				}
			})
		})
	}
}

// load sends messages to groups in turn.
func (h *harness) load(q *Queue, messages, groups int) {
	h.t.Helper()
	for n := 0; n < messages; n += 1000 {
		ms := make([]NewMessage, min(1000, messages-n))
		for i := range ms {
			group := (n + i) % groups
			ms[i] = NewMessage{Body: "x", GroupID: fmt.Sprint("g", group), DeduplicationID: fmt.Sprint(n + i), Delay: -1}
		}
		if _, err := q.Send(context.Background(), ms); err != nil {
			h.t.Fatal(err)
		}
	}
}

// hide receives messages and leaves them in flight.
func (h *harness) hide(q *Queue, n int) {
	h.t.Helper()
	for n > 0 {
		n -= len(h.receive(q, min(n, 1000)))
	}
}

// cycle receives a message, changes its visibility, deletes it and sends another to its group, n times.
func (h *harness) cycle(q *Queue, m *meter, n int) map[string]bill {
	h.t.Helper()
	costs := map[string]bill{}
	before := m.bill()
	charge := func(op string) {
		synctest.Wait() // for what it has started
		after := m.bill()
		costs[op] = costs[op].plus(after.minus(before))
		before = after
	}
	for range n {
		ds := h.receive(q, 1)
		if len(ds) != 1 {
			h.t.Fatalf("received %d", len(ds))
		}
		charge("receive")
		if err := h.change(q, ds[0], time.Hour); err != nil {
			h.t.Fatal(err)
		}
		charge("change visibility")
		h.delete(q, ds[0])
		charge("delete")
		dedupIDs++
		_, err := q.Send(context.Background(), []NewMessage{{Body: "x", GroupID: ds[0].GroupID, DeduplicationID: fmt.Sprint("d", dedupIDs)}})
		if err != nil {
			h.t.Fatal(err)
		}
		charge("send")
	}
	for op := range costs {
		costs[op] = costs[op].each(n)
	}
	return costs
}
