package sqs_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// failingOnce fails what is in bodies, once each, after a second.
func failingOnce(bodies ...string) sqs.Handler[string] {
	var mu sync.Mutex
	return func(_ context.Context, m *sqs.Message) error {
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if i := slices.Index(bodies, m.Body); i >= 0 {
			bodies = slices.Delete(bodies, i, i+1)
			return errHandler
		}
		return nil
	}
}

func TestConsumer_FIFO(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler sqs.Handler[string]
		rule    *sqstest.Rule
		optFns  []func(*sqs.ConsumerOptions)
		want    []string
	}{
		{
			name:    "groups_are_serial_and_side_by_side",
			handler: failingOnce(),
			want:    []string{"0s a:1 (1)", "0s b:1 (1)", "1s a:2 (1)", "1s b:2 (1)", "2s a:3 (1)", "2s b:3 (1)"},
		}, {
			name:    "a_failure_holds_back_its_group",
			handler: failingOnce("a:1"),
			optFns:  []func(*sqs.ConsumerOptions){sqs.WithRetryDelay(sqs.Backoff(5*time.Second, time.Minute))},
			want: []string{"0s a:1 (1)", "0s b:1 (1)", "1s b:2 (1)", "2s b:3 (1)",
				"6s a:1 (2)", "7s a:2 (2)", "8s a:3 (2)"},
		}, {
			name:    "a_failure_without_delay",
			handler: failingOnce("a:1", "a:2"),
			optFns:  []func(*sqs.ConsumerOptions){sqs.WithRetryDelay(sqs.Backoff(0, 0))},
			want: []string{"0s a:1 (1)", "0s b:1 (1)", "1s a:1 (2)", "1s b:2 (1)", "2s a:2 (2)", "2s b:3 (1)",
				"3s a:2 (3)", "4s a:3 (3)"},
		}, {
			// a:1 is not deleted for its whole lease: it comes again, and nothing of its group has overtaken it.
			name:    "a_delete_that_is_lost_holds_back_its_group",
			handler: failingOnce(),
			rule:    &sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrInternal},
			want:    []string{"0s a:1 (1)", "0s b:1 (1)", "1m0s a:1 (2)", "1m0s b:1 (2)"},
		}, {
			// The answer to the first receive is lost. Without an attempt id its messages would come after a minute.
			name:    "a_receive_whose_answer_was_lost",
			handler: failingOnce(),
			rule:    &sqstest.Rule{Action: "ReceiveMessage", Drop: sqstest.DropAnswer, Times: 1},
			want:    []string{"1m0s a:1 (2)", "1m0s b:1 (2)", "1m1s a:2 (2)", "1m1s b:2 (2)", "1m2s a:3 (2)", "1m2s b:3 (2)"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders.fifo", func(s *stage) {
				s.send("a:1", "a:2", "a:3", "b:1", "b:2", "b:3")
				var fault *sqstest.Fault
				if test.rule != nil {
					fault = s.srv.Fail(*test.rule)
				}
				stop := s.run(sqs.NewConsumer(s.q, s.noting(test.handler), test.optFns...))
				s.sleep(65 * time.Second)
				s.want(test.want...)
				if fault != nil {
					fault.Stop()
				}
				stop()
			})
		})
	}
}

// A lease that is lost in the middle of a group: what waits behind the message is not handled before it.
func TestConsumer_FIFO_lost_lease(t *testing.T) {
	onStage(t, "orders.fifo", func(s *stage) {
		s.send("a:1", "a:2")
		s.srv.Fail(sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrInternal, Times: 30})
		first := true
		stop := s.run(sqs.NewConsumer(s.q, s.noting(func(ctx context.Context, m *sqs.Message) error {
			if !first {
				return nil
			}
			first = false
			<-ctx.Done()
			time.Sleep(10 * time.Second) // slow to stop: nothing of the group runs meanwhile
			s.note("%s stops", m.Body)
			return nil
		})))
		s.sleep(2 * time.Minute)
		s.want("0s a:1 (1)", "1m10s a:1 (2)", "1m10s a:1 stops", "1m10s a:2 (2)")
		s.wantLeft()
		stop()
	})
}

// On a standard queue, groups (of fair queues) are no order.
func TestConsumer_groups_on_standard_queues(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a:1", "a:2")
		stop := s.run(sqs.NewConsumer(s.q, s.working(time.Second)))
		s.sleep(5 * time.Second)
		s.want("0s a:1 (1)", "0s a:2 (1)")
		stop()
	})
}
