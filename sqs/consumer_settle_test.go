package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// Deletes wait for others: five messages that are done at different times within the linger are one request.
func TestConsumer_deletes_are_batched(t *testing.T) {
	for _, test := range []struct {
		linger time.Duration
		want   []string
	}{
		{0, []string{"110ms 5 deleted"}}, // 100 ms after the first
		{time.Second, []string{"1.01s 5 deleted"}},
		{-1, []string{"10ms 1 deleted", "20ms 1 deleted", "30ms 1 deleted", "40ms 1 deleted", "50ms 1 deleted"}},
	} {
		t.Run(test.linger.String(), func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				s.send("1", "2", "3", "4", "5")
				stop := s.run(sqs.NewConsumer(s.q, func(_ context.Context, m *sqs.Message) error {
					time.Sleep(time.Duration(m.Body[0]-'0') * 10 * time.Millisecond)
					return nil
				}, func(o *sqs.ConsumerOptions) {
					o.DeleteLinger = test.linger
					o.Hooks.Settled = func(b sqs.ConsumerBatch) { s.note("%d deleted", b.Done) }
				}))
				s.sleep(5 * time.Second)
				s.want(test.want...)
				s.wantLeft()
				stop()
			})
		})
	}
}

// Ten deletes leave at once, and what lingers leaves when the run ends.
func TestConsumer_full_batches_do_not_linger(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		for i := range 12 {
			s.send(fmt.Sprint(i))
		}
		stop := s.run(sqs.NewConsumer(s.q, succeed, func(o *sqs.ConsumerOptions) {
			o.DeleteLinger = time.Hour
			o.Hooks.Settled = func(b sqs.ConsumerBatch) { s.note("%d deleted", b.Done) }
		}))
		s.sleep(10 * time.Second)
		stop()
		s.want("0s 10 deleted", "10s 2 deleted")
		s.wantLeft()
	})
}

func TestConsumer_deletes_are_repeated(t *testing.T) {
	for _, test := range []struct {
		name string
		rule sqstest.Rule
		lost bool
		want []string
	}{
		{"refused_for_a_while", sqstest.Rule{Error: sqs.ErrServiceUnavailable, Times: 40}, false, []string{"0s a (1)"}},
		{"throttled", sqstest.Rule{Error: sqs.ErrRequestThrottled, Times: 40}, false, []string{"0s a (1)"}},
		{"answer_lost", sqstest.Rule{Drop: sqstest.DropAnswer, Times: 40}, false, []string{"0s a (1)"}},
		{"no_answer", sqstest.Rule{Latency: time.Hour, Times: 4}, false, []string{"0s a (1)"}},
		{"for_the_whole_lease", sqstest.Rule{Error: sqs.ErrServiceUnavailable, Times: 60}, true, []string{"0s a (1)", "1m0s a (2)"}},
		{"handle_refused", sqstest.Rule{Error: sqs.ErrReceiptHandleIsInvalid, Times: 1}, true, []string{"0s a (1)", "1m0s a (2)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				s.send("a")
				test.rule.Action = "DeleteMessageBatch"
				s.srv.Fail(test.rule)
				var lost []sqs.ConsumerLost
				stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed), sqs.WithConsumerHooks(sqs.ConsumerHooks{
					Lost: func(l sqs.ConsumerLost) { lost = append(lost, l) },
				})))
				s.sleep(2 * time.Minute)
				s.want(test.want...)
				s.wantLeft()
				stop()
				if test.lost != (len(lost) == 1) || test.lost && (!lost[0].Handled || !errors.Is(lost[0].Err, test.rule.Error)) {
					t.Errorf("got %+v, want lost: %t", lost, test.lost)
				}
			})
		})
	}
}

// A retry delay counts from the failure, however often it takes to tell the server.
func TestConsumer_retry_delay_survives_faults(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		s.srv.Fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrInternal, Times: 10})
		failing := failingOnce("a") // after a second
		stop := s.run(sqs.NewConsumer(s.q, s.noting(failing), sqs.WithRetryDelay(sqs.Backoff(20*time.Second, time.Minute))))
		s.sleep(2 * time.Minute)
		s.want("0s a (1)", "21s a (2)")
		stop()
	})
}

// Standard queues deliver twice. One delivery is handled; the other is known for the same message.
func TestConsumer_delivered_twice(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Duplicate: true, Times: 1})
		var outcomes []sqs.Outcome
		stop := s.run(sqs.NewConsumer(s.q, s.working(time.Second), sqs.WithConsumerHooks(sqs.ConsumerHooks{
			Handled: func(h sqs.ConsumerHandled) { outcomes = append(outcomes, h.Outcome) },
		})))
		s.sleep(time.Minute)
		s.want("0s a (1)", "0s a (2)", "0s a: sqs: the lease of the message is lost")
		s.wantLeft()
		stop()
		if want := []sqs.Outcome{sqs.OutcomeLost, sqs.OutcomeDone}; !slices.Equal(outcomes, want) {
			t.Errorf("the outcomes are %q, want %q", outcomes, want)
		}
	})
}

// A message that comes again while its delete is not confirmed is deleted, not handled again.
func TestConsumer_delivered_again_while_deleting(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		s.srv.Fail(sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrInternal, Times: 20})
		stop := s.run(sqs.NewConsumer(s.q, s.noting(func(ctx context.Context, m *sqs.Message) error {
			return s.q.ChangeMessageVisibility(ctx, m.ReceiptHandle, 5*time.Second)
		})))
		s.sleep(2 * time.Minute)
		s.want("0s a (1)")
		s.wantLeft()
		stop()
	})
}

// A delete that lingered for longer than the lease is not sent: the message may be somebody's who works on it now.
func TestConsumer_linger_longer_than_the_lease(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		work := s.working(10 * time.Minute)
		stop := s.run(sqs.NewConsumer(s.q, func(ctx context.Context, m *sqs.Message) error {
			if n, _ := m.Attributes.Int(sqs.SystemAttributeReceiveCount); n > 1 {
				return work(ctx, m)
			}
			return nil
		}, func(o *sqs.ConsumerOptions) { o.DeleteLinger = 70 * time.Second }))
		s.sleep(5 * time.Minute)
		s.want("1m0s a (2)") // and no lost lease
		s.wantLeft("a in flight 2")
		stop()
	})
}
