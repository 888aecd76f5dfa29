package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// flat is a run of half an hour as it should be: what rises and falls stays where it is.
func flat() *result {
	r := &result{length: 30 * time.Minute, ledger: newLedger(), goroutines: 20}
	r.latency = newLatency(r.length)
	for s := range 1800 {
		r.samples = append(r.samples, sample{
			at: time.Duration(s) * time.Second, memory: 150<<20 + int64(20<<20*math.Sin(float64(s)/7)),
			disk: 100<<20 + int64(s%180)<<18, files: 60 + int64(s%5),
		})
	}
	for kind, n := range enough {
		r.ledger.counts[kind] = 30 * n
	}
	r.ledger.counts["expired"], r.ledger.bytes = 1, 1<<30
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []string{"send", "send_batch", "send_large", "receive", "delete", "delete_batch", "visibility", "wake", controlKind} {
		for at := time.Duration(0); at < r.length; at += 500 * time.Millisecond {
			r.latency.at(kind, at, time.Duration(1+rng.IntN(5))*time.Millisecond)
		}
	}
	return r
}

func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(r *result)
		want  string
	}{
		"flat": {func(*result) {}, "flat"},
		"warming_up": {func(r *result) {
			for i := range 600 {
				r.samples[i].memory, r.samples[i].disk = int64(i)<<18, int64(i)<<17
			}
		}, "flat"},
		"one_pause": {func(r *result) {
			for range 1000 {
				r.latency.at("send", 25*time.Minute, 3*time.Second)
			}
		}, "flat"},
		"memory_leaks": {func(r *result) {
			for i := range r.samples {
				r.samples[i].memory += int64(i) << 14
			}
		}, "grows"},
		"files_leak": {func(r *result) {
			for i := range r.samples {
				r.samples[i].files += int64(i / 100)
			}
		}, "grows"},
		"space_does_not_come_back": {func(r *result) {
			for i := range r.samples {
				r.samples[i].disk += int64(i) << 15
			}
		}, "grows"},
		"little_went_through": {func(r *result) { r.ledger.bytes = 200 << 20 }, "grows"},
		"latency_grows": {func(r *result) {
			for at := 20 * time.Minute; at < r.length; at += 50 * time.Millisecond {
				r.latency.at("delete", at, 8*time.Millisecond)
			}
		}, "grows"},
		"machine_gets_slower": {func(r *result) {
			for at := 20 * time.Minute; at < r.length; at += 50 * time.Millisecond {
				r.latency.at("delete", at, 8*time.Millisecond)
				r.latency.at(controlKind, at, 8*time.Millisecond)
			}
		}, "flat"},
		"tail_grows": {func(r *result) {
			for at := 20 * time.Minute; at < r.length; at += 10 * time.Second {
				r.latency.at("wake", at, 80*time.Millisecond)
			}
		}, "grows"},
		"too_few_purges":  {func(r *result) { r.ledger.counts["purges"]-- }, "too_little"},
		"nothing_expired": {func(r *result) { r.ledger.counts["expired"] = 0 }, "too_little"},
		"goroutines_leak": {func(r *result) { r.goroutines = 1000 }, "grows"},
		"no_samples":      {func(r *result) { r.samples = nil }, "grows"},
		"broken":          {func(r *result) { r.ledger.breaks("lost") }, "broken"},
		"short":           {func(r *result) { r.length, r.samples = time.Minute, nil }, "kept"},
	} {
		t.Run(name, func(t *testing.T) {
			r := flat()
			c.spoil(r)
			var out bytes.Buffer
			good := r.report(&out)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if last := lines[len(lines)-1]; !strings.HasSuffix(last, " result="+c.want) || good != (c.want == "flat" || c.want == "kept") {
				t.Errorf("got %t, want %s:\n%s", good, c.want, &out)
			}
		})
	}
}
