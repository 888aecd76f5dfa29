package main

import (
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// latency keeps how long requests took, by kind and by the window of time in which they ended.
type latency struct {
	began time.Time
	width time.Duration
	mu    sync.Mutex
	kinds map[string][]load.Histogram
}

// newLatency divides the time into sixty windows: enough to compare them, and long enough for a 99th percentile.
func newLatency(length time.Duration) *latency {
	return &latency{began: time.Now(), width: max(length/60, time.Second), kinds: map[string][]load.Histogram{}}
}

func (l *latency) record(kind string, took time.Duration) { l.at(kind, time.Since(l.began), took) }

func (l *latency) at(kind string, at, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := int(at / l.width)
	windows := l.kinds[kind]
	for len(windows) <= n {
		windows = append(windows, load.Histogram{})
	}
	windows[n].Record(took)
	l.kinds[kind] = windows
}

// quantiles are one quantile of each window between two times, in milliseconds. Windows in which little was done say nothing.
func (l *latency) quantiles(kind string, q float64, from, to time.Duration) (ms []float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.kinds[kind] {
		h := &l.kinds[kind][i]
		if at := time.Duration(i) * l.width; at >= from && at+l.width <= to && h.Count() >= 10 {
			ms = append(ms, h.Quantile(q).Seconds()*1000)
		}
	}
	return ms
}
