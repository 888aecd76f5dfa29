package gateway

import (
	"runtime"
	"sync/atomic"
	"time"
)

// behind is how late the processors may be, if they are busy. Beyond that it is not the disk that sends wait for, and they keep their
// places until they are done: so there are never more than 16 for each processor, and receives and deletes, which need none, get
// most of the time. Else a queue would grow for which consumers are there, and cost more with every message.
const behind = 500 * time.Microsecond

// busy is the part of the processors' time that this process uses when it is busy. What waits for a slow disk goes on all at once, and
// is late then, too, but in between there is nothing to do.
const busy = .8

// lateness is how long somebody waits who lets all go first that are ready to run. One in lateEvery who have nothing to do tries: if
// all did, a busy server would do less.
type lateness struct {
	asked, mean atomic.Int64 // mean: of some waits, in nanoseconds
	looked      atomic.Int64 // when used was taken, since began
	used        atomic.Int64 // processor time
	busy        atomic.Bool  // as it was then
	now         func() int64 // nanoseconds
	cpu         func() int64 // nanoseconds that this process has used
	yield       func()
	processors  int
}

const (
	lateEvery  = 16
	lateWeight = 4 // a quarter of the mean is the latest
	busyEvery  = 100 * time.Millisecond
)

func newLateness() *lateness {
	began := time.Now()
	return &lateness{now: func() int64 { return int64(time.Since(began)) }, cpu: processCPU, yield: runtime.Gosched,
		processors: min(runtime.NumCPU(), runtime.GOMAXPROCS(0))}
}

// late reports whether the processors are behind. Many may call it at once; what they note may be lost to each other.
func (l *lateness) late() bool {
	mean := l.mean.Load()
	if l.asked.Add(1)%lateEvery == 0 {
		began := l.now()
		l.yield()
		ended := l.now()
		mean += (ended - began - mean) / lateWeight
		l.mean.Store(mean)
		l.look(ended)
	}
	return mean > int64(behind) && l.busy.Load()
}

// look takes the processor time, once in a while.
func (l *lateness) look(now int64) {
	before := l.looked.Load()
	if now-before < int64(busyEvery) || !l.looked.CompareAndSwap(before, now) {
		return
	}
	used := l.cpu()
	passed := float64(now-before) * float64(l.processors)
	l.busy.Store(float64(used-l.used.Swap(used)) > busy*passed)
}
