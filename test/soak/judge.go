package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// result is what a run has shown.
type result struct {
	length     time.Duration
	ledger     *ledger
	latency    *latency
	samples    []sample
	after      int64 // size of the data folder when everything was deleted
	goroutines int   // then
}

// sample is one look at the server.
type sample struct {
	at                  time.Duration
	memory, disk, files int64
}

// longEnough is from when on a run is judged by more than what is right and wrong: below, the warming up is most of it.
const longEnough = 5 * time.Minute

// enough is what has to be done of each kind in a minute: about a third of what a run does at the usual rate.
var enough = map[string]int{
	"sent": 10_000, "batches": 800, "received": 6_000, "deleted": 6_000, "visibility": 150, "delayed": 400, "duplicates": 25,
	"moved": 20, "move_tasks": 1, "purges": 4, "queues": 30, "woken": 30, "large": 30,
}

// report prints what came of it, and reports whether it is good.
func (r *result) report(w io.Writer) (good bool) {
	for _, b := range r.ledger.broken {
		fmt.Fprintln(w, "BROKEN", b)
	}
	verdict := "flat"
	if r.length < longEnough {
		verdict = "kept"
	} else {
		for _, v := range r.verdicts() {
			fmt.Fprintln(w, v)
			if !v.good {
				verdict = "grows"
			}
		}
	}
	line := fmt.Sprintf("seconds=%d", len(r.samples))
	for _, kind := range []string{"sent", "batches", "received", "deleted", "visibility", "delayed", "expired", "duplicates", "moved",
		"move_tasks", "purges", "queues", "woken", "large"} {
		n := r.ledger.counts[kind]
		line += fmt.Sprintf(" %s=%d", kind, n)
		if n < int(float64(enough[kind])*r.length.Minutes()) {
			fmt.Fprintf(w, "too little: %s=%d, want %d a minute\n", kind, n, enough[kind])
			verdict = "too_little"
		}
	}
	if r.length > 2*time.Minute && r.ledger.counts["expired"] == 0 {
		verdict = "too_little"
	}
	broken := len(r.ledger.broken) + r.ledger.more
	if broken > 0 {
		verdict = "broken"
	}
	fmt.Fprintf(w, "%s mb_sent=%d disk_after_mb=%d goroutines_after=%d broken=%d result=%s\n", line, r.ledger.bytes>>20, r.after>>20,
		r.goroutines, broken, verdict)
	return verdict == "flat" || verdict == "kept"
}

// verdict is about one figure.
type verdict struct {
	text string
	good bool
}

func (v verdict) String() string {
	if v.good {
		return v.text + ": flat"
	}
	return v.text + ": NOT FLAT"
}

// verdicts judges the last two thirds of the time.
func (r *result) verdicts() (vs []verdict) {
	third := r.length / 3
	late := slices.DeleteFunc(slices.Clone(r.samples), func(s sample) bool { return s.at < third })
	if len(late) < 10 {
		return []verdict{{"no samples", false}}
	}
	series := func(f func(sample) int64) (at, ys []float64) {
		for _, s := range late {
			at, ys = append(at, s.at.Seconds()), append(ys, float64(f(s)))
		}
		return at, ys
	}
	const mib = 1 << 20
	for _, c := range []struct {
		name        string
		of          func(sample) int64
		unit        float64
		share, plus float64 // how much it may grow: a share of the median, and in any case this much
	}{
		// What collections of garbage and caches that fill take and give back is not growth.
		{"memory MiB", func(s sample) int64 { return s.memory }, mib, 0.10, 8 * mib},
		{"open files", func(s sample) int64 { return s.files }, 1, 0.10, 8},
		// Memtables and logs come and go by 16 MiB.
		{"disk MiB", func(s sample) int64 { return s.disk }, mib, 0.10, 16 * mib},
	} {
		at, ys := series(c.of)
		median, grown := load.Median(slices.Clone(ys)), slope(at, ys)*(at[len(at)-1]-at[0])
		vs = append(vs, verdict{fmt.Sprintf("%s: median %.0f, greatest %.0f, grown by %.1f in %v", c.name, median/c.unit,
			slices.Max(ys)/c.unit, grown/c.unit, (late[len(late)-1].at - late[0].at).Round(time.Second)),
			median > 0 && grown <= max(c.share*median, c.plus)})
	}
	_, disk := series(func(s sample) int64 { return s.disk })
	median := load.Median(slices.Clone(disk))
	vs = append(vs, verdict{fmt.Sprintf("disk: %d MiB went through %.0f MiB", r.ledger.bytes/mib, median/mib), float64(r.ledger.bytes) >= 3*median})
	// Each open connection has one, and a few are the server's own.
	vs = append(vs, verdict{fmt.Sprintf("goroutines: %d in the end", r.goroutines), r.goroutines > 0 && r.goroutines < 150})
	return append(vs, r.latencies(third)...)
}

// latencies compares the second third with the last, each by the median of its windows: a pause of the machine falls into one or
// two of them. They may be longer by as much as the machine itself has become slower, too.
func (r *result) latencies(third time.Duration) (vs []verdict) {
	thirds := func(kind string, quantile float64) (before, after float64, ok bool) {
		b, a := r.latency.quantiles(kind, quantile, third, 2*third), r.latency.quantiles(kind, quantile, 2*third, 3*third)
		if len(b) == 0 || len(a) == 0 {
			return 0, 0, false
		}
		return load.Median(b), load.Median(a), true
	}
	for _, kind := range []string{"send", "send_batch", "send_large", "receive", "delete", "delete_batch", "visibility", "wake"} {
		for _, c := range []struct {
			name        string
			quantile    float64
			times, plus float64 // ms
		}{{"p50", 0.5, 1.3, 1}, {"p99", 0.99, 2, 10}} {
			before, after, ok := thirds(kind, c.quantile)
			idle, busy, controlled := thirds(controlKind, c.quantile)
			if !ok || !controlled {
				vs = append(vs, verdict{kind + ": no figures", false})
				continue
			}
			slower := max(1, busy/idle)
			vs = append(vs, verdict{fmt.Sprintf("%s %s: %.1f ms, then %.1f ms; the machine: %.1f ms, then %.1f ms", kind, c.name,
				before, after, idle, busy), after <= before*c.times*slower+c.plus})
		}
	}
	return vs
}

// slope is the median of the slopes between any two points (Theil and Sen), which peaks do not move.
func slope(at, ys []float64) float64 {
	var slopes []float64
	step := max(1, len(at)/600)
	for i := 0; i < len(at); i += step {
		for j := i + step; j < len(at); j += step {
			slopes = append(slopes, (ys[j]-ys[i])/(at[j]-at[i]))
		}
	}
	return load.Median(slopes)
}
