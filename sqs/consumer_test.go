package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// stage is what a test of a consumer plays on: a server and a queue, in a bubble, and a journal of what happened when.
type stage struct {
	*testing.T
	srv   *sqstest.Server
	q     *sqs.Queue
	start time.Time
	mu    sync.Mutex
	lines []string
}

// onStage runs a test in a bubble with a queue of that name. The connection repeats nothing, so that times are exact.
func onStage(t *testing.T, queue string, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, srv: sqstest.New(t), start: time.Now()}
		once := func(o *sqs.Options) { o.Retryer, o.MessageClass = aws.NopRetryer{}, sqs.RawMessage{} }
		conn, err := sqs.NewFromConfig(s.srv.Config(), once)
		if err != nil {
			t.Fatal(err)
		}
		s.q = create(t, conn, queue, func(o *sqs.CreateOptions) {
			if strings.HasSuffix(queue, ".fifo") {
				o.Attributes = sqs.Attributes{"FifoQueue": "true", "ContentBasedDeduplication": "true"}
			}
		})
		test(s)
	})
}

// sleep lets time pass, and what is due then happen.
func (s *stage) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// send writes messages; "a:1" has the body a:1 and, on FIFO queues, the group a.
func (s *stage) send(bodies ...string) {
	s.Helper()
	for _, body := range bodies {
		m := s.q.NewMessage(body)
		if group, _, ok := strings.Cut(body, ":"); ok {
			m.GroupID = group
		}
		if err := s.q.Write(s.Context(), m); err != nil {
			s.Fatal(err)
		}
	}
}

// note writes a line into the journal, with the time since the start.
func (s *stage) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf("%v %s", time.Since(s.start), fmt.Sprintf(format, args...)))
}

// want compares the journal, and what was noted at the same time in any order.
func (s *stage) want(lines ...string) {
	s.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	got := slices.Clone(s.lines)
	slices.SortStableFunc(got, func(a, b string) int {
		at, bt := s.at(a), s.at(b)
		if at != bt {
			return int(at - bt)
		}
		return strings.Compare(a, b)
	})
	if !slices.Equal(got, lines) {
		s.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

func (s *stage) at(line string) time.Duration {
	text, _, _ := strings.Cut(line, " ")
	d, err := time.ParseDuration(text)
	if err != nil {
		s.Fatal(err)
	}
	return d
}

// run starts a consumer. The function it returns ends it and waits for it.
func (s *stage) run(c *sqs.Consumer[string]) (stop func() (handedBack int)) {
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan int)
	go func() {
		n, err := c.Run(ctx)
		if err != nil {
			s.Errorf("Run: %v", err)
		}
		ended <- n
	}()
	return func() int {
		cancel()
		return <-ended
	}
}

// left returns what is in the queue as "body state receives".
func (s *stage) left() []string {
	s.Helper()
	var left []string
	for _, m := range s.srv.Messages(s.q.Name()) {
		left = append(left, fmt.Sprintf("%s %s %d", m.Body, m.State, m.ReceiveCount))
	}
	return left
}

func (s *stage) wantLeft(want ...string) {
	s.Helper()
	synctest.Wait()
	if got := s.left(); !slices.Equal(got, want) {
		s.Errorf("left in the queue: %q, want %q", got, want)
	}
}

// noting notes each message and the number of its receives.
func (s *stage) noting(then sqs.Handler[string]) sqs.Handler[string] {
	return func(ctx context.Context, m *sqs.Message) error {
		s.note("%s (%s)", m.Body, m.Attributes[sqs.SystemAttributeReceiveCount])
		return then(ctx, m)
	}
}

// working notes each message, takes a while over it, and notes why it ended before its time.
func (s *stage) working(d time.Duration) sqs.Handler[string] {
	return s.noting(func(ctx context.Context, m *sqs.Message) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			s.note("%s: %v", m.Body, context.Cause(ctx))
			return ctx.Err()
		}
	})
}

func succeed(context.Context, *sqs.Message) error { return nil }

var errHandler = errors.New("no luck")

func TestConsumer_handles_and_deletes(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		stop := s.run(sqs.NewConsumer(s.q, s.noting(succeed)))
		s.sleep(time.Minute)
		s.send("a", "b")
		s.sleep(time.Hour)
		s.send("c")
		s.sleep(time.Second)
		s.want("1m0s a (1)", "1m0s b (1)", "1h1m0s c (1)")
		s.wantLeft()
		if n := stop(); n != 0 {
			t.Errorf("%d were handed back, want none", n)
		}
	})
}

func TestConsumer_workers(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		for i := range 50 {
			s.send(fmt.Sprint(i))
		}
		var mu sync.Mutex
		running, most := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			running += n
			most = max(most, running)
		}
		stop := s.run(sqs.NewConsumer(s.q, func(context.Context, *sqs.Message) error {
			count(1)
			defer count(-1)
			time.Sleep(time.Second)
			return nil
		}, sqs.WithWorkers(7), sqs.WithPrefetch(3)))
		s.sleep(8*time.Second + 100*time.Millisecond) // 50 messages by 7 are 8 rounds, and deletes linger for 100 ms
		s.wantLeft()
		stop()
		if most != 7 {
			t.Errorf("%d handlers ran at a time, want 7", most)
		}
	})
}

// Few messages are held by a consumer that is not to hold more, so that others can have them.
func TestConsumer_prefetch(t *testing.T) {
	for _, prefetch := range []int{0, 5} {
		t.Run(fmt.Sprint(prefetch), func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				for i := range 20 {
					s.send(fmt.Sprint(i))
				}
				stop := s.run(sqs.NewConsumer(s.q, s.working(time.Hour), sqs.WithWorkers(2), sqs.WithPrefetch(prefetch)))
				s.sleep(time.Minute)
				held := 0
				for _, m := range s.srv.Messages("orders") {
					if m.State == sqstest.InFlight {
						held++
					}
				}
				if held != 2+prefetch {
					t.Errorf("%d messages are in flight, want %d", held, 2+prefetch)
				}
				if got := stop(); got != held {
					t.Errorf("%d were handed back, want %d", got, held)
				}
			})
		})
	}
}

func TestConsumer_what_a_handler_returns(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler sqs.Handler[string]
		outcome sqs.Outcome
		left    []string // a second later
		next    []string
	}{
		{"nil", succeed, sqs.OutcomeDone, nil, []string{"0s a (1)"}},
		{"error", func(context.Context, *sqs.Message) error { return errHandler }, sqs.OutcomeRetried, []string{"a in flight 1"},
			[]string{"0s a (1)", "10s a (2)", "30s a (3)", "1m10s a (4)", "1m50s a (5)"}},
		{"retry_after", func(context.Context, *sqs.Message) error { return sqs.RetryAfter(time.Minute, errHandler) }, sqs.OutcomeRetried,
			[]string{"a in flight 1"}, []string{"0s a (1)", "1m0s a (2)", "2m0s a (3)"}},
		{"drop", func(context.Context, *sqs.Message) error { return fmt.Errorf("%w: %w", sqs.ErrDrop, errHandler) }, sqs.OutcomeDropped,
			nil, []string{"0s a (1)"}},
		{"keep", func(context.Context, *sqs.Message) error { return sqs.ErrKeep }, sqs.OutcomeKept, []string{"a in flight 1"},
			[]string{"0s a (1)", "1m0s a (2)", "2m0s a (3)"}},
		{"panic", func(context.Context, *sqs.Message) error { panic(errHandler) }, sqs.OutcomeRetried, []string{"a in flight 1"},
			[]string{"0s a (1)", "10s a (2)", "30s a (3)", "1m10s a (4)", "1m50s a (5)"}},
		{"goexit", func(context.Context, *sqs.Message) error { exit(); return nil }, sqs.OutcomeRetried, []string{"a in flight 1"},
			[]string{"0s a (1)", "10s a (2)", "30s a (3)", "1m10s a (4)", "1m50s a (5)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, "orders", func(s *stage) {
				s.send("a")
				var outcomes []sqs.Outcome
				stop := s.run(sqs.NewConsumer(s.q, s.noting(test.handler),
					sqs.WithRetryDelay(sqs.Backoff(10*time.Second, 40*time.Second)),
					sqs.WithConsumerHooks(sqs.ConsumerHooks{Handled: func(h sqs.ConsumerHandled) { outcomes = append(outcomes, h.Outcome) }}),
				))
				s.sleep(time.Second)
				s.wantLeft(test.left...)
				s.sleep(2*time.Minute - time.Millisecond)
				stop()
				s.want(test.next...)
				if outcomes[0] != test.outcome {
					t.Errorf("the outcome is %q, want %q", outcomes[0], test.outcome)
				}
			})
		})
	}
}

func TestBackoff(t *testing.T) {
	delay := sqs.Backoff(time.Second, 5*time.Second)
	for receives, want := range []time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 5 * time.Second, 1000: 5 * time.Second} {
		if want != 0 && delay(receives) != want {
			t.Errorf("after receive %d: %v, want %v", receives, delay(receives), want)
		}
	}
	if got := sqs.Backoff(0, time.Minute)(9); got != 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestConsumer_options_out_of_range(t *testing.T) {
	for want, set := range map[string]func(*sqs.ConsumerOptions){
		"Workers is -1":         sqs.WithWorkers(-1),
		"Prefetch is -1":        sqs.WithPrefetch(-1),
		"MaxMessages is 11":     func(o *sqs.ConsumerOptions) { o.MaxMessages = 11 },
		"Receivers is -2":       func(o *sqs.ConsumerOptions) { o.Receivers = -2 },
		"Wait is -1s":           func(o *sqs.ConsumerOptions) { o.Wait = new(-time.Second) },
		"Wait is 21s":           func(o *sqs.ConsumerOptions) { o.Wait, o.Visibility = new(21*time.Second), time.Hour },
		"Visibility is 1s":      sqs.WithLease(time.Second),
		"Visibility is 12h0m1s": sqs.WithLease(12*time.Hour + time.Second),
		"Extend is 1m0s":        func(o *sqs.ConsumerOptions) { o.Extend = time.Minute },
		"DrainTimeout is -1s":   sqs.WithDrainTimeout(-time.Second),
	} {
		q := fakeQueue(t, &fake{answer: agree})
		_, err := sqs.NewConsumer(q, succeed, set).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestConsumer_middleware(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("a")
		layer := func(name string) sqs.Middleware[string] {
			return func(next sqs.Handler[string]) sqs.Handler[string] {
				return func(ctx context.Context, m *sqs.Message) error {
					s.note("1 %s", name)
					err := next(ctx, m)
					_, panicked := errors.AsType[*sqs.PanicError](err)
					s.note("2 %s %t", name, panicked)
					return fmt.Errorf("%w: %w", sqs.ErrDrop, err)
				}
			}
		}
		c := sqs.NewConsumer(s.q, func(context.Context, *sqs.Message) error { panic("no") })
		c.Use(layer("outer"), layer("inner"))
		stop := s.run(c)
		s.sleep(time.Second)
		stop()
		s.wantLeft()
		if want := []string{"0s 1 outer", "0s 1 inner", "0s 2 inner true", "0s 2 outer true"}; !slices.Equal(s.lines, want) {
			t.Errorf("got %q, want %q", s.lines, want)
		}
	})
}

func TestConsumer_bodies_that_do_not_decode(t *testing.T) {
	onStage(t, "orders", func(s *stage) {
		s.send("not base64!", "b2s=")
		q := sqs.As(s.q, sqs.BinaryMessage{})
		stored := func(_ context.Context, m *sqs.MessageOf[[]byte]) error {
			s.note("%s %t", m.Body, m.DecodeError != nil)
			return nil
		}
		c := sqs.NewConsumer(q, stored)
		ctx, cancel := context.WithCancel(s.Context())
		ended := make(chan error)
		run := func() { _, err := c.Run(ctx); ended <- err }
		go run()
		s.sleep(2500 * time.Millisecond) // attempts after 0 and 1 s; the third, after 3 s, is handed back by the last poll
		s.want("0s ok false")
		s.wantLeft("not base64! in flight 2")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}

		c.HandleDecodeErrors(stored)
		ctx, cancel = context.WithCancel(s.Context())
		go run()
		s.sleep(2 * time.Second)
		s.want("0s ok false", "3s not base64! true")
		s.wantLeft()
		cancel()
		<-ended
	})
}

// exit ends the goroutine, as t.FailNow does.
func exit() { runtime.Goexit() }
