package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// What a receive asks for.
func TestConsumer_request(t *testing.T) {
	for _, test := range []struct {
		queue  string
		set    func(*sqs.ConsumerOptions)
		max    int
		wait   int
		lease  int
		system []string
	}{
		{"orders", func(*sqs.ConsumerOptions) {}, 10, 20, 60, []string{"ApproximateReceiveCount"}},
		{"orders", sqs.WithLease(10 * time.Second), 10, 3, 10, []string{"ApproximateReceiveCount"}},
		{"orders", func(o *sqs.ConsumerOptions) { o.Wait, o.MaxMessages = new(time.Duration(0)), 3 }, 3, 0, 60, []string{"ApproximateReceiveCount"}},
		{"orders", func(o *sqs.ConsumerOptions) { o.Workers, o.Attributes = 2, []string{"SentTimestamp"} }, 4, 20, 60,
			[]string{"ApproximateReceiveCount", "SentTimestamp"}},
		{"orders", func(o *sqs.ConsumerOptions) { o.Attributes = []string{"SentTimestamp", "All"} }, 10, 20, 60, []string{"All"}},
		{"orders.fifo", func(*sqs.ConsumerOptions) {}, 10, 20, 60,
			[]string{"ApproximateReceiveCount", "MessageDeduplicationId", "MessageGroupId", "SequenceNumber"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fake{answer: func(r *request) (*http.Response, error) { cancel(); return r.ok(&api.ReceiveMessageOutput{}) }}
		conn := connect(t, "http://sqs.test:9324", sqs.WithHTTPClient(f))
		c := sqs.NewConsumer(conn.QueueFromURL("http://sqs.test/000000000000/"+test.queue), succeed, test.set)
		if _, err := c.Run(ctx); err != nil {
			t.Error(err)
		}
		var in api.ReceiveMessageInput
		f.requests()[0].decode(t, &in)
		if *in.MaxNumberOfMessages != test.max || *in.WaitTimeSeconds != test.wait || *in.VisibilityTimeout != test.lease ||
			!slices.Equal(in.AttributeNames, test.system) || (in.ReceiveRequestAttemptID != nil) != (test.queue == "orders.fifo") {
			t.Errorf("%s: the request is %s", test.queue, f.requests()[0].Body)
		}
	}
}

// On FIFO queues, the connection's retry of a receive gets the messages of the answer that was lost.
func TestConsumer_FIFO_retry_of_a_receive(t *testing.T) {
	onStage(t, "orders.fifo", func(s *stage) {
		s.send("a:1")
		s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Drop: sqstest.DropAnswer, Times: 1})
		second := retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
		conn, err := sqs.NewFromConfig(s.srv.Config(), func(o *sqs.Options) {
			o.MessageClass = sqs.RawMessage{}
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = second })
		})
		s.check(err)
		stop := s.run(sqs.NewConsumer(conn.QueueFromURL(s.q.URL()), s.noting(succeed)))
		s.sleep(time.Minute)
		s.want("1s a:1 (1)")
		stop()
	})
}

// There is more than one receive at a time only while answers are full: an idle queue costs one long poll.
func TestConsumer_receivers(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		for i := range 200 {
			s.send(fmt.Sprint(i))
		}
		// Each request takes half a second: one receive after the other would bring 20 messages a second.
		s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Latency: 500 * time.Millisecond})
		var receives atomic.Int32
		stop := s.run(sqs.NewConsumer(s.q, succeed, sqs.WithWorkers(25), sqs.WithConsumerHooks(sqs.ConsumerHooks{
			Received: func(sqs.ConsumerReceive) { receives.Add(1) },
		})))
		s.sleep(3 * time.Second)
		s.wantLeft()
		n := receives.Load()
		s.sleep(10 * time.Minute)
		if idle := receives.Load() - n; idle < 29 || idle > 34 { // five receives under way at the end of the backlog
			t.Errorf("%d receives in 10 minutes of an idle queue, want one in 20.5 s", idle)
		}
		stop()
	})
}

// Receives that fail are repeated after 1, 2, 4 … seconds, and never later than after 30.
func TestConsumer_receives_back_off(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Error: sqs.ErrRequestThrottled, Times: 8})
		stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed), sqs.WithConsumerHooks(sqs.ConsumerHooks{
			Received: func(r sqs.ConsumerReceive) {
				if errors.Is(r.Err, sqs.ErrRequestThrottled) {
					s.note("throttled")
				}
			},
		})))
		s.sleep(130 * time.Second)
		s.send("a")
		s.sleep(time.Second)
		s.want("0s throttled", "1s throttled", "3s throttled", "7s throttled", "15s throttled", "31s throttled",
			"1m1s throttled", "1m31s throttled", "2m10s a (1)")
		stop()
	})
}

// Without a wait, an empty queue is asked once a second.
func TestConsumer_short_polls(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		var receives atomic.Int32
		stop := s.run(sqs.NewConsumer(s.q, succeed, func(o *sqs.ConsumerOptions) {
			o.Wait = new(time.Duration(0))
			o.Hooks.Received = func(sqs.ConsumerReceive) { receives.Add(1) }
		}))
		s.sleep(time.Minute - time.Millisecond)
		if n := receives.Load(); n != 60 {
			t.Errorf("%d receives in a minute, want 60", n)
		}
		stop()
	})
}

func TestConsumer_hooks(t *testing.T) {
	onStage(t, "orders.fifo", func(s *stage) {
		s.send("a:1", "a:2")
		stop := s.run(sqs.NewConsumer(s.q, s.working(40*time.Second), sqs.WithConsumerHooks(sqs.ConsumerHooks{
			Received: func(r sqs.ConsumerReceive) {
				if r.Messages > 0 {
					s.note("received %d in %v, error %v", r.Messages, r.Took, r.Err)
				}
			},
			Handled: func(h sqs.ConsumerHandled) {
				s.note("handled %s (%d) after %v in %v: %s, %v", h.GroupID, h.Receives, h.Waited, h.Took, h.Outcome, h.Err)
			},
			Extended: func(b sqs.ConsumerBatch) { s.note("extended %d, %d failed, error %v", b.Done, b.Failed, b.Err) },
			Settled:  func(b sqs.ConsumerBatch) { s.note("%s: %d, %d failed, error %v", b.Action, b.Done, b.Failed, b.Err) },
		})))
		s.sleep(2 * time.Minute)
		stop()
		s.want(
			"0s a:1 (1)", "0s received 2 in 0s, error <nil>",
			"30s extended 2, 0 failed, error <nil>",
			"40s DeleteMessageBatch: 1, 0 failed, error <nil>", "40s a:2 (1)", "40s handled a (1) after 0s in 40s: done, <nil>",
			"1m0s extended 1, 0 failed, error <nil>",
			"1m20s DeleteMessageBatch: 1, 0 failed, error <nil>", "1m20s handled a (1) after 40s in 40s: done, <nil>",
		)
	})
}
