package engine

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func (q *Queue) isIdle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.mu.idle && q.mu.contents == nil && q.timer.asked == never
}

// A queue that was used and is empty forgets its contents, and goes on where it was.
func TestIdle(t *testing.T) {
	for _, fifo := range []bool{false, true} {
		run(t, Options{}, func(h *harness) {
			q, rest := h.create("q"), idleAfter*time.Millisecond
			if fifo {
				q, rest = h.createFIFO("q.fifo"), dedupWindow*time.Millisecond
			}
			if !q.isIdle() {
				t.Error("a new queue is not idle")
			}
			number := ""
			for round := range 3 {
				id := fmt.Sprint(round)
				send := func() string {
					s, err := q.Send(context.Background(), []NewMessage{{Body: id, GroupID: "g", DeduplicationID: id, Delay: -1}})
					if err != nil {
						t.Fatal(err)
					}
					return s[0].SequenceNumber
				}
				if next := send(); q.fifo && next <= number {
					t.Errorf("number %s follows %s", next, number)
				} else {
					number = next
				}
				time.Sleep(2 * rest)
				if q.isIdle() {
					t.Error("idle with a message")
				}
				ds := h.receive(q, 10)
				h.want(ds, id)
				h.delete(q, ds...)
				time.Sleep(idleAfter*time.Millisecond - time.Second)
				h.wantCounts(q, 0, 0, 0) // a use
				time.Sleep(idleAfter*time.Millisecond - time.Second)
				if q.isIdle() {
					t.Error("idle before it has rested")
				}
				time.Sleep(2 * time.Second)
				if !q.isIdle() {
					t.Error("not idle")
				}
				h.wantCounts(q, 0, 0, 0)
				if !q.isIdle() {
					t.Error("counting woke it")
				}
			}
		})
	}
}

// Somebody who waits keeps a queue from being idle, and is woken.
func TestIdleQueueWakesLongPolls(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		time.Sleep(time.Minute)
		for range 2 {
			got := make(chan []Delivery)
			go func() { got <- h.receiveFor(q, 1, -1, 20*time.Second) }()
			time.Sleep(15 * time.Second)
			h.send(q, "m")
			ds := <-got
			h.want(ds, "m")
			h.delete(q, ds...)
			time.Sleep(idleAfter*time.Millisecond + time.Second)
			if !q.isIdle() {
				t.Error("not idle")
			}
		}
	})
}

// A duplicate is found after the queue was unused for long, and a dead letter wakes its target.
func TestIdleQueueKnowsItsPast(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		target := h.create("dead")
		q := h.create("q", "VisibilityTimeout=1", `RedrivePolicy={"deadLetterTargetArn":"`+key("dead").ARN()+`","maxReceiveCount":1}`)
		time.Sleep(time.Minute)
		h.send(q, "m")
		h.receive(q, 1)
		time.Sleep(time.Minute)
		h.want(h.receive(q, 1))
		h.wantCounts(target, 1, 0, 0)
		h.delete(target, h.receive(target, 1)...)
		fifo := h.createFIFO("q.fifo")
		send := func() {
			t.Helper()
			_, err := fifo.Send(context.Background(), []NewMessage{{Body: "x", GroupID: "g", DeduplicationID: "d", Delay: -1}})
			if err != nil {
				t.Fatal(err)
			}
		}
		send()
		h.delete(fifo, h.receive(fifo, 1)...)
		time.Sleep(4 * time.Minute)
		send()
		h.wantCounts(fifo, 0, 0, 0)
		time.Sleep(time.Minute)
		send()
		h.wantCounts(fifo, 1, 0, 0)
		for _, q := range []*Queue{target, q} {
			if !q.isIdle() {
				t.Errorf("%s is not idle", q.key.Name)
			}
		}
	})
}

// What a queue weighs that nobody uses: the promise is 2 KB resident, some of which is the allocator's.
func TestIdleQueuesAreSmall(t *testing.T) {
	const n, limit = 2000, 1000
	for _, fifo := range []bool{false, true} {
		runLarge(t, Options{}, func(h *harness) {
			for i := range n {
				if fifo {
					h.createFIFO(fmt.Sprintf("q%d.fifo", i))
				} else {
					h.create(fmt.Sprintf("q%d", i))
				}
			}
			h.close()
			h.open()
			unused := h.weighQueues() / n
			h.close()
			h.open()
			for _, q := range h.e.All() {
				_, err := q.Send(context.Background(), []NewMessage{{Body: "x", GroupID: "g", DeduplicationID: "d", Delay: -1}})
				if err != nil {
					t.Fatal(err)
				}
				h.delete(q, h.receive(q, 1)...)
			}
			time.Sleep((idleAfter + dedupWindow) * time.Millisecond)
			synctest.Wait()
			used := h.weighQueues() / n
			t.Logf("FIFO %t: %d bytes never used, %d bytes once used", fifo, unused, used)
			if unused > limit || used > limit {
				t.Errorf("FIFO %t: a queue that was never used weighs %d bytes, once used %d, want at most %d", fifo, unused, used, limit)
			}
		})
	}
}

// weighQueues tells by how much the heap shrinks when the engine forgets all queues.
func (h *harness) weighQueues() int64 {
	with := liveHeap()
	h.e.mu.Lock()
	h.e.mu.names, h.e.mu.sorted = nil, nil
	h.e.mu.Unlock()
	return with - liveHeap()
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
