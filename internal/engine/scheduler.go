package engine

import (
	"container/heap"
	"sync"
	"time"
)

// scheduler calls a queue's wakeUp at the deadline that the queue has set. It is the engine's one background
// goroutine; a queue that waits for nothing costs it nothing.
type scheduler struct {
	e       *Engine
	changed chan struct{} // capacity 1: the earliest deadline may have moved
	stopped chan struct{}

	mu struct {
		sync.Mutex
		timers timers
	}
}

// timer is a queue's entry.
type timer struct {
	at    int64 // ms; never: not in the heap. Guarded by scheduler.mu
	asked int64 // what the queue asked for last. Guarded by Queue.mu
	pos   int
}

func newScheduler(e *Engine) *scheduler {
	s := &scheduler{e: e, changed: make(chan struct{}, 1), stopped: make(chan struct{})}
	go s.run()
	return s
}

// set replaces q's deadline. The caller holds q's lock. Most operations leave the deadline as it is and take no lock
// here.
func (s *scheduler) set(q *Queue, at int64) {
	if q.timer.asked == at {
		return
	}
	q.timer.asked = at
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case q.timer.at == at:
		return
	case at == never:
		heap.Remove(&s.mu.timers, q.timer.pos)
	case q.timer.at == never:
		q.timer.at = at
		heap.Push(&s.mu.timers, q)
	default:
		q.timer.at = at
		heap.Fix(&s.mu.timers, q.timer.pos)
	}
	q.timer.at = at
	if q.timer.pos == 0 {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

func (s *scheduler) run() {
	defer close(s.stopped)
	t := time.NewTimer(time.Hour)
	defer t.Stop()
	for {
		due, next := s.due(s.e.now())
		for _, q := range due {
			q.wakeUp()
		}
		if len(due) > 0 && s.e.ctx.Err() == nil {
			continue
		}
		wait := time.Hour
		if next != never {
			wait = time.UnixMilli(next).Sub(s.e.o.Now()) // to the moment, not by whole milliseconds from now on
		}
		t.Reset(wait)
		select {
		case <-t.C:
		case <-s.changed:
		case <-s.e.ctx.Done():
			return
		}
	}
}

// due takes out the queues whose deadline has come, and says when the next is.
func (s *scheduler) due(now int64) (due []*Queue, next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.mu.timers) > 0 && s.mu.timers[0].timer.at <= now {
		q := heap.Pop(&s.mu.timers).(*Queue)
		q.timer.at = never
		due = append(due, q)
	}
	if len(s.mu.timers) == 0 {
		return due, never
	}
	return due, s.mu.timers[0].timer.at
}

func (s *scheduler) stop() { <-s.stopped }

// timers orders queues by deadline, for container/heap.
type timers []*Queue

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].timer.at < t[j].timer.at }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].timer.pos, t[j].timer.pos = i, j
}
func (t *timers) Push(x any) {
	q := x.(*Queue)
	q.timer.pos = len(*t)
	*t = append(*t, q)
}
func (t *timers) Pop() any {
	old := *t
	q := old[len(old)-1]
	old[len(old)-1] = nil
	*t = old[:len(old)-1]
	return q
}
