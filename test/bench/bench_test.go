package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/command"
)

// TestMain lets the test binary be the bare server too: setUp starts its own executable.
func TestMain(m *testing.M) {
	bare.Main()
	os.Exit(m.Run())
}

func TestRun_bare_only(t *testing.T) {
	var stdout, stderr bytes.Buffer
	args := strings.Fields("-bare-only -ops send,cycle,wake -duration 50ms -warmup 0s -rounds 2 -conns 2 -min 1")
	if code := program.Do(t.Context(), args, &stdout, &stderr); code != command.OK {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "bench=1 ok=true protocol=json conns=2 body=200 rounds=2 slice_s=0.05 ") {
		t.Errorf("last line: got %s", last)
	}
	for _, kv := range strings.Fields(last) {
		if !regexp.MustCompile(`^[a-z0-9_]+=[a-z0-9.]+$`).MatchString(kv) {
			t.Errorf("last line holds %q, want key=value only", kv)
		}
	}
	if !strings.Contains(last, " cycle10_bare_ops=") {
		t.Errorf("last line lacks cycle10: %s", last)
	}
}

func TestRun_usage(t *testing.T) {
	for _, args := range []string{
		"-ops sned", "-protocol soap", "-body 3", "-rounds 0", "-bare-only -endpoint http://x", "-pid 1", "-what",
		"-endpoint http://x -data /tmp", "-endpoint http://x -- --log-level debug",
	} {
		var out bytes.Buffer
		if code := program.Do(t.Context(), strings.Fields(args), &out, &out); code != command.Usage {
			t.Errorf("%s: got exit code %d, want %d\n%s", args, code, command.Usage, &out)
		}
	}
}

// newRow is a row as measure leaves it.
func newRow(server string, rates ...float64) *row {
	return &row{op: operations[0], server: server, rates: rates, messages: rates, total: load.Result{Steps: 5000, Requests: 5000}}
}

func TestReport_ratio_is_the_median_of_the_rounds(t *testing.T) {
	bare, bufeo := newRow("bare", 100, 10, 100), newRow("bufeo", 50, 5, 40) // the machine slept in the second round
	rep := report{options: &options{}, rows: []*row{bare, bufeo}}
	if got := rep.ratio(bufeo); got != .5 {
		t.Errorf("got %g, want 0.5", got)
	}
	if got := rep.ratio(bare); got != 0 {
		t.Errorf("bare against itself: got %g, want none", got)
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*row)
		want  string
	}{
		{"nothing_wrong", func(*row) {}, ""},
		{"error", func(r *row) { r.total.Errors, r.total.FirstError = 2, fmt.Errorf("status 500") }, "2 errors, one of them: status 500"},
		{"lost", func(r *row) { r.audit = &load.Audit{Acked: 9, Lost: 1} }, "of 9 acknowledged messages 1 were lost"},
		{"doubled", func(r *row) { r.audit = &load.Audit{Acked: 9, Doubled: 3} }, "3 were doubled"},
		{"too_few", func(r *row) { r.total.Steps = 1999 }, "too few"},
		{"too_few_wakes", func(r *row) { r.op, r.total.Steps = operations[4], 99 }, "too few"},
		{"enough_wakes", func(r *row) { r.op, r.total.Steps = operations[4], 100 }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRow("bufeo", 50)
			tt.spoil(r)
			got := strings.Join(failures(&options{min: 2000}, []*row{r}), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
