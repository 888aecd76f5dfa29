package load

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func trial(target *Target, operation string) *Trial {
	t := &Trial{
		Target: target, Operation: operation, Connections: 4, Batch: 10, BodySize: 50, Duration: 100 * time.Millisecond,
		WarmUp: 10 * time.Millisecond, Backlog: 300, Groups: 8, Least: 1, CheckFor: time.Minute,
	}
	if operation == "wake" {
		t.Batch, t.Connections = 1, 1 // the fake has one queue, whatever they are called
	}
	return t
}

// brief is an outcome without its histograms.
func brief(o *Outcome) string {
	if o == nil {
		return "no outcome"
	}
	return fmt.Sprintf("%d steps, %d errors (%v), %+v, %q", o.Steps, o.Errors, o.FirstError, o.Audit, o.Failure)
}

var trialName = regexp.MustCompile(`^bufeo-bench-[0-9a-f]{16}(\.fifo)?$`)

func TestTrial_honest_server(t *testing.T) {
	for name, p := range protocols {
		for _, operation := range Operations {
			for _, odd := range []bool{false, true} {
				t.Run(fmt.Sprint(name, "/", operation, "/", odd), func(t *testing.T) {
					t.Parallel()
					f := &fakeSQS{odd: odd}
					tr := trial(f.target(t, p), operation)
					if operation == "fifo" {
						tr.Connections = 1 // the fake knows nothing of groups
					}
					out, err := tr.Run(t.Context())
					if err != nil || len(out.Failure) > 0 {
						t.Fatal(err, brief(out))
					}
					want := Audit{Acked: f.sends}
					if out.Audit != want || out.Messages == 0 || out.Latency.Count() != out.Steps {
						t.Errorf("got %+v, %d messages, want %+v", out.Audit, out.Messages, want)
					}
					if operation == "backlog" && f.sends < tr.Backlog+out.Messages {
						t.Errorf("got %d sends, want %d and the backlog of %d", f.sends, out.Messages, tr.Backlog)
					}
					if (operation == "wake") != (out.After.Count() > 0) {
						t.Errorf("got %d latencies after the answer", out.After.Count())
					}
					if !slices.Equal(f.queues, f.deleted) || !trialName.MatchString(f.queues[0]) ||
						strings.HasSuffix(f.queues[0], fifoSuffix) != (operation == "fifo") {
						t.Errorf("got queues %v, and %v deleted", f.queues, f.deleted)
					}
				})
			}
		}
	}
}

// TestTrial_planted_faults: whatever an endpoint does wrong, in whichever operation, the outcome says it.
func TestTrial_planted_faults(t *testing.T) {
	forget := func(f *fakeSQS) { f.drop = everyTenth }
	double := func(f *fakeSQS) { f.double = everyTenth }
	keep := func(f *fakeSQS) { f.keep = true }
	fail := func(f *fakeSQS) { f.failEvery = 4 }
	for _, c := range []struct {
		fault      string
		plant      func(*fakeSQS)
		operations []string
		found      func(*Outcome) bool
		says       string
	}{
		{"forgets", forget, []string{"send", "cycle", "backlog", "fifo"}, func(o *Outcome) bool { return o.Audit.Lost > 0 }, "were lost"},
		{"doubles", double, []string{"send", "cycle", "backlog", "fifo"}, func(o *Outcome) bool { return o.Audit.Doubled > 0 }, "came twice"},
		{"does not delete", keep, Operations, func(o *Outcome) bool { return o.Audit.Surplus > 0 }, "should not be there"},
		{"fails", fail, []string{"send", "cycle", "fifo", "wake"}, func(o *Outcome) bool { return o.Errors > 0 }, "operations failed, one of them: "},
		{"does not wake", func(f *fakeSQS) { f.deaf = true }, []string{"wake"}, func(o *Outcome) bool { return errors.Is(o.FirstError, errNoWake) }, "lost wake-up"},
		{"forgets the order", func(f *fakeSQS) { f.swap = everyTenth }, []string{"fifo"}, func(o *Outcome) bool { return o.Audit.Disorder > 0 }, "came after a later one"},
	} {
		for _, operation := range c.operations {
			for name, p := range protocols {
				t.Run(c.fault+"/"+operation+"/"+name, func(t *testing.T) {
					t.Parallel()
					f := &fakeSQS{}
					c.plant(f)
					tr := trial(f.target(t, p), operation)
					if operation == "fifo" {
						tr.Connections, tr.Groups = 1, 1
					}
					out, err := tr.Run(t.Context())
					if err != nil && c.fault == "fails" {
						return // it failed a call without which nothing can be said
					}
					if err != nil || !c.found(out) || !strings.Contains(strings.Join(out.Failure, "\n"), c.says) {
						t.Errorf("got %v, %s, want the fault in it", err, brief(out))
					}
				})
			}
		}
	}
}

// TestTrial_check_that_is_cut: what there is no time to receive is counted.
func TestTrial_check_that_is_cut(t *testing.T) {
	for _, c := range []struct {
		name string
		fake *fakeSQS
		want func(a Audit, sends int) bool
	}{
		{"honest", &fakeSQS{}, func(a Audit, sends int) bool { return a == Audit{Acked: sends} }},
		{"forgets", &fakeSQS{drop: everyTenth}, func(a Audit, sends int) bool { return a.Lost == sends/10 && a.Surplus == 0 }},
		{"doubles", &fakeSQS{double: everyTenth}, func(a Audit, sends int) bool { return a.Lost == 0 && a.Surplus == sends/10 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := trial(c.fake.target(t, JSON{}), "send")
			tr.CheckFor = 0
			out, err := tr.Run(t.Context())
			if err != nil || !c.want(out.Audit, c.fake.sends) {
				t.Errorf("got %v, %+v of %d sends", err, out.Audit, c.fake.sends)
			}
		})
	}
}

// TestTrial_stuck: a message that is never deleted locks its group, and those behind it are left over, not lost.
func TestTrial_stuck(t *testing.T) {
	f := &fakeSQS{keep: true, locks: true}
	tr := trial(f.target(t, JSON{}), "fifo")
	tr.Connections, tr.Batch, tr.Groups = 1, 1, 1
	out, err := tr.Run(t.Context())
	if err != nil || out.Audit.Lost != 0 || out.Audit.Surplus != f.sends || out.Audit.Acked != f.sends {
		t.Errorf("got %v, %s, want %d left over", err, brief(out), f.sends)
	}
}

func TestTrial_interrupted_deletes_its_queue(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &fakeSQS{}
	tr := trial(f.target(t, JSON{}), "cycle")
	tr.Duration = time.Hour
	tr.Tell = func(text string) {
		if strings.HasPrefix(text, "measuring") {
			cancel()
		}
	}
	if _, err := tr.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it cancelled", err)
	}
	if len(f.queues) != 1 || !slices.Equal(f.queues, f.deleted) {
		t.Errorf("got queues %v, and %v deleted", f.queues, f.deleted)
	}
}

func TestTrial_by_schedule(t *testing.T) {
	f := &fakeSQS{}
	tr := trial(f.target(t, JSON{}), "cycle")
	tr.Rate, tr.WarmUp, tr.Duration = 1000, 0, 200*time.Millisecond
	out, err := tr.Run(t.Context())
	if err != nil || out.Steps+out.Unsent != 20 || f.sends != out.Steps*10 {
		t.Errorf("got %v, %s, %d sends, want 20 batches of ten", err, brief(out), f.sends)
	}
}

func TestTrial_too_little(t *testing.T) {
	tr := trial((&fakeSQS{}).target(t, JSON{}), "send")
	tr.Least = 1 << 40
	out, err := tr.Run(t.Context())
	if err != nil || len(out.Failure) != 1 || !strings.Contains(out.Failure[0], "are too few to mean anything") {
		t.Errorf("got %v, %s", err, brief(out))
	}
}

func TestTrial_validate(t *testing.T) {
	for want, change := range map[string]func(*Trial){
		"batch is 11":        func(t *Trial) { t.Batch = 11 },
		"connections is 0":   func(t *Trial) { t.Connections = 0 },
		"size is 15":         func(t *Trial) { t.BodySize = 15 },
		"more than the 1048": func(t *Trial) { t.BodySize = 1 << 20 },
		"backlog is 0":       func(t *Trial) { t.Backlog = 0 },
		"groups is 0":        func(t *Trial) { t.Groups = 0 },
		"duration is 0":      func(t *Trial) { t.Duration = 0 },
		"rate is less":       func(t *Trial) { t.Rate = -1 },
		"wake sends one":     func(t *Trial) { t.Operation = "wake" },
	} {
		tr := trial(nil, "cycle")
		if err := tr.Validate(); err != nil {
			t.Fatal(err)
		}
		change(tr)
		if err := tr.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
