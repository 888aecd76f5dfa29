package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/command"
)

// TestMain lets the test binary be the bare server too: setUp starts its own executable.
func TestMain(m *testing.M) {
	bare.Main()
	os.Exit(m.Run())
}

// TestRun measures bufeo beside a server that has no queues, which is that server's problem.
func TestRun(t *testing.T) {
	other := httptest.NewServer(bare.New(200))
	defer other.Close()
	var stdout, stderr bytes.Buffer
	args := []string{"-exact", "-peers=", "-also", "other=" + other.URL, "-rows", "cycle10,batch,wake,backlog", "-backlog", "100",
		"-duration", "100ms", "-warmup", "10ms", "-rounds", "2", "-conns", "2", "-min", "1"}
	if code := program.Do(t.Context(), args, &stdout, &stderr); code != command.OK {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	out := stdout.String()
	for _, want := range []string{
		"| server | cycle, ten | send, ten | wake-up, p50 | p99 | cycle, ten, backlog of 100 | acknowledged |", "\n| `bufeo` | ", "\n| `other` | - | - | - | - | - |",
		"other has no figures for cycle10: set up: CreateQueue: status 400",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant in it: %s", out, want)
		}
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "peers=1 ok=true missing=0 protocol=json conns=2 ") || !strings.Contains(last, " wake_bufeo_p99_us=") {
		t.Errorf("got last line %s", last)
	}
	for _, kv := range strings.Fields(last) {
		if !regexp.MustCompile(`^[a-z0-9_]+=[a-z0-9.]+$`).MatchString(kv) {
			t.Errorf("last line holds %q, want key=value only", kv)
		}
	}
}

// scores makes a field in which bufeo, the handler, two peers in memory and one on disk did all rows at these rates.
func scores(bufeo, bareRate, one, two, disk float64, wake time.Duration) *field {
	f := &field{options: &options{rows: rows, min: 1, backlog: 200_000}}
	for _, s := range []struct {
		name   string
		rate   float64
		keeps  bool
		stores bool
	}{{"bare", bareRate, false, false}, {"bufeo", bufeo, true, true}, {"one", one, false, true}, {"two", two, false, true}, {"elasticmq-h2", disk, true, true}} {
		srv := &server{name: s.name, keeps: s.keeps, stores: s.stores, scores: map[*row]*score{}}
		for _, r := range rows {
			sc := &score{row: r, rates: []float64{s.rate, s.rate / 10, s.rate}}
			sc.total.Steps = 1000
			sc.total.Latency.Record(wake)
			srv.scores[r] = sc
		}
		f.servers = append(f.servers, srv)
	}
	return f
}

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		name   string
		field  *field
		missed []string
	}{
		{"all met", scores(3000, 4000, 1000, 1500, 100, time.Millisecond), nil},
		{"not twice the fastest", scores(3000, 4000, 1000, 1600, 100, time.Millisecond), []string{"cycle10_memory"}},
		{"slower than the fastest", scores(3000, 4000, 3100, 1600, 100, time.Millisecond), []string{"cycle10_memory", "cycle1_memory"}},
		{"not 30 times the one on disk", scores(2900, 4000, 1000, 1400, 100, time.Millisecond), []string{"cycle10_h2"}},
		{"far from the handler", scores(3000, 6000, 1000, 1500, 100, time.Millisecond), []string{"send_bare"}},
		{"very far from it", scores(3000, 9000, 1000, 1500, 100, time.Millisecond), []string{"send_bare", "batch_bare"}},
		{"wakes late", scores(3000, 4000, 1000, 1500, 100, 3*time.Millisecond), []string{"wake_p99"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var missed []string
			for _, g := range c.field.goals() {
				if !g.judged {
					t.Errorf("%s was not judged", g.name)
				}
				if !g.met() {
					missed = append(missed, g.name)
				}
			}
			rep := &report{field: c.field}
			rep.judge()
			if fmt.Sprint(missed) != fmt.Sprint(c.missed) || len(rep.failures) != len(c.missed) {
				t.Errorf("got %v missed and %q, want %v", missed, rep.failures, c.missed)
			}
			c.field.exact = true
			exact := &report{field: c.field}
			if exact.judge(); len(exact.failures) > 0 {
				t.Errorf("with -exact: got %q", exact.failures)
			}
		})
	}
	t.Run("not measured", func(t *testing.T) {
		f := scores(1, 2, 3, 4, 5, time.Second)
		f.servers = f.servers[1:2] // bufeo alone
		for _, g := range f.goals() {
			if g.judged != (g.name == "wake_p99") {
				t.Errorf("%s: judged is %t", g.name, g.judged)
			}
		}
	})
}

// TestJudge: what bufeo does wrong fails the run, what a peer does wrong is shown.
func TestJudge(t *testing.T) {
	spoil := map[string]func(*score){
		"lost":    func(sc *score) { sc.audit = load.Audit{Acked: 9000, Lost: 1234} },
		"doubled": func(sc *score) { sc.audit = load.Audit{Acked: 9000, Doubled: 1234} },
		"errors":  func(sc *score) { sc.total.Errors, sc.total.FirstError = 1234, errors.New("refused") },
		"too few": func(sc *score) { sc.total.Steps = 0 },
		"died":    func(sc *score) { sc.failed, sc.rates = "its process has ended", nil },
	}
	for name, do := range spoil {
		f := scores(3000, 4000, 1000, 1500, 100, time.Millisecond)
		do(f.named("bufeo").score("backlog"))
		rep := &report{field: f}
		if rep.judge(); len(rep.failures) != 1 {
			t.Errorf("bufeo, %s: got %q, want one failure", name, rep.failures)
		}
		f = scores(3000, 4000, 1000, 1500, 100, time.Millisecond)
		do(f.named("one").score("backlog"))
		rep = &report{field: f}
		rep.judge()
		var out bytes.Buffer
		rep.write(&out)
		shown := map[string]string{
			"lost": "| 9,000 | 1,234 | 0 | 0 | 0 |", "doubled": "| 9,000 | 0 | 1,234 | 0 | 0 |", "errors": "one in backlog: 1234 errors, one of them: refused",
			"died": "one has no figures for backlog: its process has ended",
		}[name]
		if len(rep.failures) > 0 || !strings.Contains(out.String(), shown) {
			t.Errorf("a peer, %s: got %q\n%s", name, rep.failures, &out)
		}
	}
	f := scores(3000, 4000, 1000, 1500, 100, time.Millisecond)
	f.missing = []string{"goaws: install: no such version"}
	rep := &report{field: f}
	if rep.judge(); len(rep.failures) != 1 || !strings.Contains(rep.failures[0], "missing: goaws: install: no such version") {
		t.Errorf("a peer that is missing: got %q", rep.failures)
	}
}

func TestCache_is_filled_once_and_whole(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	c, err := newCache("")
	if err != nil {
		t.Fatal(err)
	}
	dir, failed := c.path("thing"), errors.New("no network")
	half := func(dir string) error { return errors.Join(write(filepath.Join(dir, "a"), "half"), failed) }
	if err := c.once(dir, half); !errors.Is(err, failed) {
		t.Fatalf("got %v, want %v", err, failed)
	}
	times := 0
	for range 2 {
		if err := c.once(dir, func(dir string) error { times++; return write(filepath.Join(dir, "a"), "whole") }); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "a"))
	if err != nil || string(got) != "whole" || times != 1 {
		t.Errorf("got %q, %v, filled %d times", got, err, times)
	}
	if rest, err := os.ReadDir(c.dir); err != nil || len(rest) != 1 {
		t.Errorf("got %v, %v, want nothing else in the cache", rest, err)
	}
}

func TestRun_usage(t *testing.T) {
	for _, args := range []string{
		"-rows cycle10,fly", "-peers rabbit", "-also http://x", "-also x=y", "-duration 0s", "-body 3", "-protocol soap", "what", "-what",
	} {
		var out bytes.Buffer
		if code := program.Do(t.Context(), strings.Fields(args), &out, &out); code != command.Usage {
			t.Errorf("%s: got exit code %d, want %d\n%s", args, code, command.Usage, &out)
		}
	}
}
