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

func TestConsumer_drain(t *testing.T) {
	stubborn := func(d time.Duration) sqs.Handler[string] {
		return func(context.Context, *sqs.Message) error { time.Sleep(d); return nil }
	}
	finishing := func(ctx context.Context, _ *sqs.Message) error { <-ctx.Done(); return nil }
	giving := func(ctx context.Context, _ *sqs.Message) error { <-ctx.Done(); return context.Cause(ctx) }
	firstStubborn := func(ctx context.Context, m *sqs.Message) error {
		if m.Body == "0" {
			return stubborn(29*time.Second)(ctx, m)
		}
		return giving(ctx, m)
	}
	for _, test := range []struct {
		name       string
		handler    sqs.Handler[string]
		timeout    time.Duration
		rule       *sqstest.Rule // from the end of Run's context on
		took       time.Duration
		handedBack int
		left       []string
	}{
		// Two of four messages are worked on. Run's context ends after 10 s.
		{"handlers_finish", stubborn(25 * time.Second), 20 * time.Second, nil, 15 * time.Second, 2, []string{"2 visible 1", "3 visible 1"}},
		{"handlers_are_cancelled", giving, 20 * time.Second, nil, 20 * time.Second, 4,
			[]string{"0 visible 1", "1 visible 1", "2 visible 1", "3 visible 1"}},
		{"handlers_are_cancelled_and_succeed", finishing, 20 * time.Second, nil, 20 * time.Second, 2, []string{"2 visible 1", "3 visible 1"}},
		{"handlers_take_no_notice", stubborn(time.Hour), 20 * time.Second, nil, 21 * time.Second, 4,
			[]string{"0 visible 1", "1 visible 1", "2 visible 1", "3 visible 1"}},
		{"no_drain", giving, 0, nil, time.Second, 4, []string{"0 visible 1", "1 visible 1", "2 visible 1", "3 visible 1"}},
		{"hand_backs_fail_for_a_while", giving, 20 * time.Second,
			&sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrInternal, Times: 5}, 20 * time.Second, 4,
			[]string{"0 visible 1", "1 visible 1", "2 visible 1", "3 visible 1"}},
		{"hand_backs_fail", giving, 20 * time.Second,
			&sqstest.Rule{Action: "ChangeMessageVisibilityBatch", Error: sqs.ErrInternal}, 25 * time.Second, 0,
			[]string{"0 in flight 1", "1 in flight 1", "2 in flight 1", "3 in flight 1"}},
		{"deletes_fail_for_a_while", firstStubborn, 20 * time.Second,
			&sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrInternal, Times: 3}, 22 * time.Second, 3,
			[]string{"1 visible 1", "2 visible 1", "3 visible 1"}},
		{"server_hangs", stubborn(15 * time.Second), 20 * time.Second, &sqstest.Rule{Latency: time.Hour}, 25 * time.Second, 0,
			[]string{"0 in flight 1", "1 in flight 1", "2 in flight 1", "3 in flight 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				s.send("0", "1", "2", "3")
				stop := s.run(sqs.NewConsumer(s.q, test.handler,
					sqs.WithWorkers(2), sqs.WithPrefetch(5), sqs.WithDrainTimeout(test.timeout)))
				s.sleep(10 * time.Second)
				if test.rule != nil {
					s.srv.Fail(*test.rule)
				}
				n := stop()
				if took := time.Since(s.start) - 10*time.Second; took != test.took {
					t.Errorf("the drain took %v, want %v", took, test.took)
				}
				if n != test.handedBack {
					t.Errorf("%d were handed back, want %d", n, test.handedBack)
				}
				s.wantLeft(test.left...)
				time.Sleep(2 * time.Hour) // handlers that were abandoned end, too
			})
		})
	}
}

// A receive under way when the run ends gets a second to bring what is on its way, which is handed back. AWS would keep it
// invisible for a minute if the request were cut off.
func TestConsumer_last_receive(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed)))
		s.sleep(5 * time.Second)
		go func() {
			time.Sleep(900 * time.Millisecond)
			s.send("a")
		}()
		if n := stop(); n != 1 || time.Since(s.start) != 5900*time.Millisecond {
			t.Errorf("%d handed back after %v, want 1 after 5.9 s", n, time.Since(s.start))
		}
		s.want()
		s.wantLeft("a visible 1")
	})
	onStage(t, "orders", func(s *stage) {
		stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed)))
		s.sleep(5 * time.Second)
		if n := stop(); n != 0 || time.Since(s.start) != 6*time.Second {
			t.Errorf("%d handed back after %v, want none after 6 s", n, time.Since(s.start))
		}
	})
}

// A context that has ended already receives nothing.
func TestConsumer_ended_before_it_began(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		if n, err := sqs.NewConsumer(s.q, s.noting(succeed)).Run(ctx); n != 0 || err != nil {
			t.Errorf("got %d, %v; want 0, nil", n, err)
		}
		s.wantLeft("a visible 0")
	})
}

func TestConsumer_queue_that_does_not_exist(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		ended := make(chan error)
		go func() {
			_, err := sqs.NewConsumer(s.q, s.working(5*time.Second)).Run(s.Context())
			s.note("ended")
			ended <- err
		}()
		s.sleep(3 * time.Second)
		s.check(s.q.Delete(s.Context()))
		if err := <-ended; !errors.Is(err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("got %v, want ErrQueueDoesNotExist", err)
		}
		s.want("0s a (1)", "5s ended")
	})
}

func TestConsumer_outages(t *testing.T) {
	for _, test := range []struct {
		name string
		rule sqstest.Rule
	}{
		{"connections_are_cut", sqstest.Rule{Drop: sqstest.DropRequest}},
		{"answers_are_lost", sqstest.Rule{Drop: sqstest.DropAnswer}},
		{"unavailable", sqstest.Rule{Error: sqs.ErrServiceUnavailable}},
		{"throttled", sqstest.Rule{Error: sqs.ErrRequestThrottled}},
		{"access_denied", sqstest.Rule{Error: sqs.ErrAccessDenied}},
		{"hangs", sqstest.Rule{Latency: 24 * time.Hour}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				var requests atomic.Int32
				conn, err := sqs.NewFromConfig(s.srv.Config(), sqs.WithMessageClass(sqs.RawMessage{})) // with the default retries
				s.check(err)
				stop := s.run(sqs.NewConsumer(conn.QueueFromURL(s.q.URL()), s.noting(succeed), sqs.WithConsumerHooks(sqs.ConsumerHooks{
					Received: func(sqs.ConsumerReceive) { requests.Add(1) },
				})))
				s.sleep(time.Minute)
				fault := s.srv.Fail(test.rule)
				s.sleep(time.Hour)
				fault.Stop()
				if n := requests.Load(); n > 200 {
					t.Errorf("%d receives in an hour, want one in 30 s or fewer", n)
				}
				s.send("a", "b")
				s.sleep(2 * time.Minute) // a request that hangs is given up after 70 s
				s.wantLeft()
				stop()
				if len(s.lines) != 2 {
					t.Errorf("got %q, want both messages", s.lines)
				}
			})
		})
	}
}

// The server is away for a moment only: what is worked on stays leased, and what is done is deleted.
func TestConsumer_short_outage(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		for i := range 20 {
			s.send(fmt.Sprint(i))
		}
		lost := 0
		stop := s.run(sqs.NewConsumer(s.q, s.working(35*time.Second), sqs.WithConsumerHooks(sqs.ConsumerHooks{
			Lost: func(sqs.ConsumerLost) { lost++ },
		})))
		s.sleep(25 * time.Second)
		fault := s.srv.Fail(sqstest.Rule{Drop: sqstest.DropRequest})
		s.sleep(28 * time.Second)
		fault.Stop()
		s.sleep(time.Hour)
		s.wantLeft()
		stop()
		if lost != 0 || len(s.lines) != 20 {
			t.Errorf("%d leases lost, %d messages handled; want 0 and 20", lost, len(s.lines))
		}
	})
}
