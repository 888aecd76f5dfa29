package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// Long handlers keep their messages, and those that wait for them here, too. There is one request for ten messages.
func TestConsumer_extends_leases(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		for _, body := range []string{"a", "b", "c", "d"} {
			s.send(body)
		}
		var extended atomic.Int32
		stop := s.run(sqs.NewConsumer(s.q, s.working(10*time.Minute), sqs.WithWorkers(1), sqs.WithPrefetch(3),
			sqs.WithConsumerHooks(sqs.ConsumerHooks{Extended: func(b sqs.ConsumerBatch) { extended.Add(1) }})))
		s.sleep(9*time.Minute + 59*time.Second)
		if n := extended.Load(); n != 19 { // every 30 s
			t.Errorf("%d requests extended leases, want 19", n)
		}
		s.sleep(31 * time.Minute)
		s.want("0s a (1)", "10m0s b (1)", "20m0s c (1)", "30m0s d (1)")
		s.wantLeft()
		stop()
	})
}

func TestConsumer_lost_leases(t *testing.T) {
	type deed = func(s *stage, m *sqs.Message)
	fail := func(r sqstest.Rule) deed { return func(s *stage, _ *sqs.Message) { s.srv.Fail(r) } }
	for _, test := range []struct {
		name string
		deed deed // one second after the handler began
		want []string
		left []string // after 61 s
	}{
		{"deleted_by_others", func(s *stage, m *sqs.Message) { s.check(m.Delete(s.Context())) },
			[]string{"0s a (1)", "30s a: sqs: the lease of the message is lost"}, nil},
		{"purged", func(s *stage, m *sqs.Message) { s.check(s.q.Purge(s.Context())) },
			[]string{"0s a (1)", "30s a: sqs: the lease of the message is lost"}, nil},
		{"given_back_by_others", func(s *stage, m *sqs.Message) {
			s.check(s.q.ChangeMessageVisibility(s.Context(), m.ReceiptHandle, 20*time.Second))
		}, []string{"0s a (1)", "21s a (2)", "21s a: sqs: the lease of the message is lost"}, []string{"a in flight 2"}},
		{"extensions_fail", fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrInternal, Times: 30}),
			[]string{"0s a (1)", "1m0s a (2)", "1m0s a: sqs: the lease of the message is lost"}, []string{"a in flight 2"}},
		{"extensions_are_not_answered", fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Latency: time.Hour, Times: 3}),
			[]string{"0s a (1)", "1m0s a (2)", "1m0s a: sqs: the lease of the message is lost"}, []string{"a in flight 2"}},
		{"throttled_for_29_s", fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrRequestThrottled, Times: 29}),
			[]string{"0s a (1)"}, []string{"a in flight 1"}},
		{"answers_lost_for_29_s", fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Drop: sqstest.DropAnswer, Times: 29}),
			[]string{"0s a (1)"}, []string{"a in flight 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				s.send("a")
				began := make(chan *sqs.Message, 10)
				work := s.working(24 * time.Hour)
				stop := s.run(sqs.NewConsumer(s.q, func(ctx context.Context, m *sqs.Message) error {
					began <- m
					_ = work(ctx, m)
					return nil // a handler that takes no notice
				}, sqs.WithDrainTimeout(0)))
				m := <-began
				s.sleep(time.Second)
				test.deed(s, m)
				s.sleep(time.Minute)
				s.want(test.want...)
				s.wantLeft(test.left...)
				stop()
			})
		})
	}
}

func (s *stage) check(err error) {
	s.Helper()
	if err != nil {
		s.Error(err)
	}
}

// SQS ends what was received after 12 hours, whatever was asked for. The margin is that of slow requests.
func TestConsumer_twelve_hours(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		var lost []sqs.ConsumerLost
		stop := s.run(sqs.NewConsumer(s.q, s.working(13*time.Hour), sqs.WithDrainTimeout(0),
			sqs.WithConsumerHooks(sqs.ConsumerHooks{Lost: func(l sqs.ConsumerLost) { lost = append(lost, l) }})))
		s.sleep(12 * time.Hour)
		s.want("0s a (1)", "11h59m50s a (2)", "11h59m50s a: sqs: the lease of the message is lost")
		stop()
		if len(lost) != 1 || lost[0].Err != nil || lost[0].Handled {
			t.Errorf("got %+v, want one lease that nothing was wrong with", lost)
		}
	})
}

// A lease counts from the request. After an answer that took almost as long, or longer, only an extension can tell whether
// there is still one.
func TestConsumer_slow_answers(t *testing.T) {
	t.Run("extended_at_once", func(t *testing.T) {
		onStage(t, "orders", func(s *stage) {
			s.send("a")
			s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Latency: 35 * time.Second, Times: 1})
			stop := s.run(sqs.NewConsumer(s.q, s.working(40*time.Second), sqs.WithConsumerHooks(sqs.ConsumerHooks{
				Extended: func(sqs.ConsumerBatch) { s.note("extended") },
			})))
			s.sleep(2 * time.Minute)
			s.want("35s a (1)", "35s extended", "1m5s extended")
			stop()
			s.wantLeft()
		})
	})
	t.Run("handled_when_extended", func(t *testing.T) {
		onStage(t, "a.fifo", func(s *stage) {
			s.send("a:1", "a:2")
			s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Latency: 50 * time.Second, Times: 1})
			s.srv.Fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Latency: 3 * time.Second, Times: 1})
			stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed)))
			s.sleep(2 * time.Minute)
			s.want("53s a:1 (1)", "53s a:2 (1)")
			stop()
			s.wantLeft()
		})
	})
	t.Run("not_handled_otherwise", func(t *testing.T) {
		onStage(t, "orders", func(s *stage) {
			s.send("a")
			var lost []sqs.ConsumerLost
			s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Latency: 55 * time.Second, Times: 1})
			s.srv.Fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrServiceUnavailable})
			stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed), sqs.WithConsumerHooks(sqs.ConsumerHooks{
				Lost: func(l sqs.ConsumerLost) { lost = append(lost, l) },
			})))
			s.sleep(2 * time.Minute)
			s.want("1m55s a (2)") // a minute after the first receive
			stop()
			if len(lost) != 1 || !errors.Is(lost[0].Err, sqs.ErrServiceUnavailable) {
				t.Errorf("got %+v, want one lease lost for want of an extension", lost)
			}
		})
	})
}

// A retry delay is not undone by an extension that was under way when the handler failed.
func TestConsumer_delay_has_the_last_word(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		s.srv.Fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Latency: 5 * time.Second, Times: 1})
		first := true
		stop := s.run(sqs.NewConsumer(s.q, s.noting(func(context.Context, *sqs.Message) error {
			if !first {
				return nil
			}
			first = false
			time.Sleep(31 * time.Second) // the extension was sent after 30 s and is carried out after 35
			return sqs.RetryAfter(10*time.Second, errHandler)
		})))
		s.sleep(2 * time.Minute)
		s.want("0s a (1)", "41s a (2)")
		stop()
	})
}

// The extension of many leases shares requests, though they were received at different times.
func TestConsumer_extensions_are_batched(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		requests, extended := 0, 0
		stop := s.run(sqs.NewConsumer(s.q, s.working(2*time.Hour), sqs.WithWorkers(40), sqs.WithDrainTimeout(0),
			sqs.WithConsumerHooks(sqs.ConsumerHooks{Extended: func(b sqs.ConsumerBatch) { requests, extended = requests+1, extended+b.Done }})))
		for i := range 40 {
			s.send(fmt.Sprint(i))
			s.sleep(500 * time.Millisecond)
		}
		s.sleep(time.Hour - 20*time.Second)
		stop()
		if perRequest := extended / requests; extended < 118*40 || perRequest < 8 {
			t.Errorf("%d extensions in %d requests, want about 4,800 in 600 at most", extended, requests)
		}
	})
}
