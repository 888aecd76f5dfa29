package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

var protocols = map[string]Protocol{"json": JSON{}, "query": Query{}}

// everyTenth picks messages to misbehave on.
func everyTenth(n int) bool { return n%10 == 0 }

// newJob returns a job on a new queue of f's.
func newJob(t *testing.T, f *fakeSQS, p Protocol, kind Kind, batch int) *Job {
	t.Helper()
	target := f.target(t, p)
	queueURL, err := target.CreateQueue(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	return &Job{Kind: kind, Target: target, QueueURL: queueURL, Ledger: NewLedger(), Batch: batch, BodySize: 50}
}

func run(t *testing.T, j *Job) *Result {
	t.Helper()
	res, err := j.Run(t.Context(), 4, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func audit(t *testing.T, j *Job) Audit {
	t.Helper()
	check := j.Target.AuditSent
	if j.Kind == Cycle {
		check = j.Target.AuditEmptied
	}
	a, err := check(t.Context(), j.QueueURL, j.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestJob_honest_server(t *testing.T) {
	for name, p := range protocols {
		for _, kind := range []Kind{Send, Cycle} {
			for _, batch := range []int{1, 10} {
				t.Run(fmt.Sprint(name, "/", []string{"send", "cycle"}[kind], batch), func(t *testing.T) {
					f := &fakeSQS{closeEvery: 7}
					j := newJob(t, f, p, kind, batch)
					res := run(t, j)
					if res.Errors > 0 {
						t.Fatalf("%d errors, one of them: %v", res.Errors, res.FirstError)
					}
					if res.Steps == 0 || res.Latency.Count() != res.Steps || res.Requests < res.Steps {
						t.Errorf("got %d steps, %d latencies, %d requests", res.Steps, res.Latency.Count(), res.Requests)
					}
					if kind == Send && res.Messages != f.sends {
						t.Errorf("got %d messages, want the server's %d", res.Messages, f.sends)
					}
					if a := audit(t, j); !a.OK() || a.Acked != f.sends {
						t.Errorf("got %+v, want %d acknowledged and nothing wrong", a, f.sends)
					}
					if len(f.contentTypes) != 1 {
						t.Errorf("got content types %v, want one", f.contentTypes)
					}
				})
			}
		}
	}
}

func TestJob_planted_faults_are_found(t *testing.T) {
	tests := []struct {
		name  string
		fake  *fakeSQS
		kind  Kind
		found func(Audit) bool
	}{
		{"send_answered_and_forgotten", &fakeSQS{drop: everyTenth}, Send, func(a Audit) bool { return a.Lost > 0 }},
		{"send_stored_twice", &fakeSQS{double: everyTenth}, Send, func(a Audit) bool { return a.Surplus > 0 }},
		{"cycle_message_forgotten", &fakeSQS{drop: everyTenth}, Cycle, func(a Audit) bool { return a.Lost > 0 }},
		{"cycle_message_doubled", &fakeSQS{double: everyTenth}, Cycle, func(a Audit) bool { return a.Doubled > 0 }},
		{"delete_answered_and_not_done", &fakeSQS{keep: true}, Cycle, func(a Audit) bool { return a.Surplus > 0 }},
	}
	for _, tt := range tests {
		for name, p := range protocols {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				fake := &fakeSQS{drop: tt.fake.drop, double: tt.fake.double, keep: tt.fake.keep}
				j := newJob(t, fake, p, tt.kind, 10)
				run(t, j)
				if a := audit(t, j); a.OK() || !tt.found(a) {
					t.Errorf("got %+v, want the fault in it", a)
				}
			})
		}
	}
}

func TestJob_errors_are_counted(t *testing.T) {
	for name, p := range protocols {
		t.Run("status/"+name, func(t *testing.T) {
			j := newJob(t, &fakeSQS{failEvery: 5}, p, Send, 1)
			res := run(t, j)
			var status *statusError
			if res.Errors == 0 || !errors.As(res.FirstError, &status) || status.status != 500 {
				t.Errorf("got %d errors, one of them %v, want the planted 500", res.Errors, res.FirstError)
			}
		})
		t.Run("refused_entry/"+name, func(t *testing.T) {
			j := newJob(t, &fakeSQS{refuse: true}, p, Send, 10)
			res := run(t, j)
			if res.Steps > 0 || res.Errors == 0 || !strings.Contains(res.FirstError.Error(), "9 of 10 entries") {
				t.Errorf("got %d steps, %d errors, one of them %v", res.Steps, res.Errors, res.FirstError)
			}
		})
	}
}

func TestJob_stops_with_its_context(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // a server that never answers
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.ReadFull(c, make([]byte, 10))
		cancel()
	}()
	j := &Job{Target: &Target{Addr: l.Addr().String(), Protocol: JSON{}}, Ledger: NewLedger(), Batch: 1, BodySize: MinBody}
	res, err := j.Run(ctx, 1, time.Hour)
	if !errors.Is(err, context.Canceled) || res.Errors != 0 {
		t.Errorf("got %d errors, %v, want a cancelled run without errors", res.Errors, err)
	}
}

func TestRunWake(t *testing.T) {
	for name, p := range protocols {
		t.Run("woken/"+name, func(t *testing.T) {
			j := newJob(t, &fakeSQS{}, p, Cycle, 1)
			res, err := RunWake(t.Context(), []*Job{j}, 100*time.Millisecond)
			if err != nil || res.FirstError != nil {
				t.Fatal(err, res.FirstError)
			}
			if res.Steps == 0 || res.Latency.Count() != res.Steps || res.After.Count() != res.Steps {
				t.Errorf("got %d steps, %d and %d latencies", res.Steps, res.Latency.Count(), res.After.Count())
			}
			if a := audit(t, j); !a.OK() || a.Acked != res.Steps {
				t.Errorf("got %+v, want %d acknowledged and nothing wrong", a, res.Steps)
			}
		})
	}
	t.Run("late_wake-up_is_an_error", func(t *testing.T) {
		defer func(d time.Duration) { lateWake = d }(lateWake)
		lateWake = 10 * time.Millisecond // the fake takes 50, of which 20 at most are before the send
		j := newJob(t, &fakeSQS{drowsy: true}, JSON{}, Cycle, 1)
		res, err := RunWake(t.Context(), []*Job{j}, 20*time.Millisecond)
		if err != nil || !errors.Is(res.FirstError, errNoWake) || !audit(t, j).OK() {
			t.Errorf("got %v, %v, want %v and nothing lost", err, res.FirstError, errNoWake)
		}
	})
	t.Run("lost_wake-up_is_an_error", func(t *testing.T) {
		j := newJob(t, &fakeSQS{deaf: true}, JSON{}, Cycle, 1)
		res, err := RunWake(t.Context(), []*Job{j}, 20*time.Millisecond)
		if err != nil || !errors.Is(res.FirstError, errNoWake) {
			t.Errorf("got %v, %v, want %v", err, res.FirstError, errNoWake)
		}
	})
}
