package load

import (
	"fmt"
	"testing"
	"time"
)

func TestJob_fifo_and_delays(t *testing.T) {
	for name, p := range protocols {
		for _, batch := range []int{1, 10} {
			t.Run(fmt.Sprint(name, batch), func(t *testing.T) {
				f := &fakeSQS{}
				j := newJob(t, f, p, Send, batch)
				delay := 0
				j.Groups, j.Delay = 7, func() int { delay++; return delay / 4 }
				res, err := j.RunUntil(t.Context(), 1, 200, time.Minute)
				if err != nil || res.Errors > 0 || res.Messages != 200 {
					t.Fatalf("got %d messages, %v, %v, want 200", res.Messages, res.FirstError, err)
				}
				if len(f.groups) != 7 || f.groups["0000000000000006"] != 200/7 {
					t.Errorf("got groups %v, want seven alike", f.groups)
				}
				if len(f.dedups) != 200 || f.dedups["00000000000000c7"] != 1 {
					t.Errorf("got %d deduplication ids, want 200, c7 among them", len(f.dedups))
				}
				if f.delays["3"] != 4*batch {
					t.Errorf("got delays %v, want %d with 3", f.delays, 4*batch)
				}
			})
		}
	}
}

func TestJob_take_ends_at_its_number(t *testing.T) {
	for name, p := range protocols {
		t.Run(name, func(t *testing.T) {
			f := &fakeSQS{}
			j := newJob(t, f, p, Send, 10)
			if _, err := j.RunUntil(t.Context(), 1, 300, time.Minute); err != nil {
				t.Fatal(err)
			}
			j.Kind = Take
			res, err := j.RunUntil(t.Context(), 1, 100, time.Minute)
			if err != nil || res.Errors > 0 || res.Messages != 100 {
				t.Fatalf("got %d messages, %v, %v, want 100", res.Messages, res.FirstError, err)
			}
			if c, err := j.Target.Counts(t.Context(), j.QueueURL); err != nil || c != (Counts{Visible: 200}) {
				t.Errorf("got %+v, %v, want 200 left", c, err)
			}
		})
	}
}
