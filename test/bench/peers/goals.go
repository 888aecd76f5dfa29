package main

import (
	"fmt"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// goal is something that bufeo, durable, is to reach in the same run as the others.
type goal struct {
	name        string
	text        string
	want, reach float64
	less        bool // it is to be less
	got         float64
	against     string // the server that it is compared with
	judged      bool   // what it takes was measured
}

func (g *goal) met() bool {
	if g.less {
		return g.got < g.want
	}
	return g.got >= g.want
}

// goals compares bufeo with the others. Ratios are medians of the rounds' ratios: the slices of a round had the same noise.
func (f *field) goals() []*goal {
	bufeo := f.named("bufeo")
	all := []*goal{
		{name: "cycle10_memory", text: "full cycle in batches of ten, of the fastest peer in memory", want: 2, reach: 3},
		{name: "cycle10_h2", text: "the same, of ElasticMQ with persistence", want: 30, reach: 30},
		{name: "cycle1_memory", text: "single cycles, of the fastest peer in memory", want: 1, reach: 1.3},
		{name: "send_bare", text: "single sends, of the bare handler", want: .60, reach: .70},
		{name: "batch_bare", text: "sends of ten, of the bare handler", want: .45, reach: .55},
		{name: "wake_p99", text: "wake-up, 99th percentile, in milliseconds", want: 2, reach: 2, less: true},
	}
	if bufeo == nil {
		return all
	}
	against := func(g *goal, row string, other *server) {
		if other != nil {
			g.got, g.judged = ratio(bufeo.score(row), other.score(row))
			g.against = other.name
		}
	}
	against(all[0], "cycle10", f.fastest("cycle10"))
	against(all[1], "cycle10", f.named("elasticmq-h2"))
	against(all[2], "cycle1", f.fastest("cycle1"))
	against(all[3], "send", f.named("bare"))
	against(all[4], "batch", f.named("bare"))
	if s := bufeo.score("wake"); s != nil && s.total.Latency.Count() > 0 {
		all[5].got, all[5].judged = float64(s.total.Latency.Quantile(.99))/float64(time.Millisecond), true
	}
	return all
}

func (f *field) named(name string) *server {
	for _, s := range f.servers {
		if s.name == name {
			return s
		}
	}
	return nil
}

// fastest is the peer in memory with the greatest rate in a row.
func (f *field) fastest(row string) (best *server) {
	most := 0.0
	for _, s := range f.servers {
		if sc := s.score(row); s.stores && !s.keeps && sc != nil && sc.rate() > most {
			best, most = s, sc.rate()
		}
	}
	return best
}

// score is nil if the server was not measured in that row.
func (s *server) score(row string) *score {
	for r, sc := range s.scores {
		if r.name == row {
			return sc
		}
	}
	return nil
}

func ratio(a, b *score) (r float64, ok bool) {
	if a == nil || b == nil {
		return 0, false
	}
	var ratios []float64
	for i := range min(len(a.rates), len(b.rates)) {
		if b.rates[i] > 0 {
			ratios = append(ratios, a.rates[i]/b.rates[i])
		}
	}
	return load.Median(ratios), len(ratios) > 0
}

// judge says what is wrong with bufeo, with the run, or with the peers that were asked for.
func (rep *report) judge() {
	fail := func(format string, args ...any) { rep.failures = append(rep.failures, fmt.Sprintf(format, args...)) }
	f := rep.field
	for _, m := range f.missing {
		fail("missing: %s", m)
	}
	for _, s := range f.servers {
		for _, r := range f.rows {
			if sc := s.scores[r]; sc != nil && (s.name == "bufeo" || s.name == "bare") {
				f.judgeOwn(s, sc, fail)
			}
		}
	}
	if f.exact {
		return
	}
	for _, g := range f.goals() {
		if g.judged && !g.met() {
			fail("goal: %s: %.2f, wanted %.2f", g.text, g.got, g.want)
		}
	}
}

// judgeOwn is for bufeo and the handler: they have to do it right, and often enough.
func (f *field) judgeOwn(s *server, sc *score, fail func(format string, args ...any)) {
	least := f.min
	if sc.row.wake {
		least /= 20
	}
	switch {
	case sc.failed != "":
		fail("%s: %s: %s", sc.row.name, s.name, sc.failed)
	case sc.total.Errors > 0:
		fail("%s: %s: %d errors, one of them: %v", sc.row.name, s.name, sc.total.Errors, sc.total.FirstError)
	case !sc.audit.OK():
		fail("%s: %s: of %d acknowledged messages %d were lost; %d were doubled, %d should not be there",
			sc.row.name, s.name, sc.audit.Acked, sc.audit.Lost, sc.audit.Doubled, sc.audit.Surplus)
	case sc.total.Steps < least:
		fail("%s: %s: %d operations are too few to mean anything, at least %d are wanted", sc.row.name, s.name, sc.total.Steps, least)
	}
}
