package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestSenderContextEndsBeforeDeparture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithParallelRequests(1))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Minute, Times: 1})
		all := enqueue(t, r.Sender, bodies("m", 1)...)
		cause := errors.New("changed my mind")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		start := time.Now()
		err := r.Send(ctx, &sqs.Message{Body: "gone"})
		if !errors.Is(err, sqs.ErrNotSent) || !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || errors.Is(err, sqs.ErrMayHaveBeenSent) {
			t.Errorf("got %v, want ErrNotSent, Canceled and its cause", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("returned after %v", took)
		}
		if err := r.Send(ctx, &sqs.Message{Body: "never"}); !errors.Is(err, sqs.ErrNotSent) || !errors.Is(err, cause) {
			t.Errorf("with a context that has ended: got %v", err)
		}
		wantAll(t, all)
		r.wantStored("m0")
	})
}

func TestSenderContextEndsAfterDeparture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Minute, Times: 1})
		m := &sqs.Message{Body: "under way"}
		ticket := enqueue(t, r.Sender, m)[0]
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := ticket.Wait(ctx); !errors.Is(err, sqs.ErrMayHaveBeenSent) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sqs.ErrNotSent) {
			t.Errorf("got %v, want ErrMayHaveBeenSent and DeadlineExceeded", err)
		}
		if m.ID != "" {
			t.Error("the message was touched")
		}
		if err := ticket.Wait(t.Context()); err != nil || m.ID == "" {
			t.Errorf("asked again: got %v and id %q, want the server's answer", err, m.ID)
		}
		r.wantStored("under way")
	})
}

// Who gave up may do with the message what it likes: what is on its way shares nothing with it.
func TestSenderKeepsNothingOfTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries int
		f := &fake{answer: storing(t, func(string) *api.Error {
			if tries++; tries == 1 {
				time.Sleep(time.Minute)
				return api.InternalError.New()
			}
			return nil
		})}
		s := sqs.NewSender(fakeQueue(t, f, func(o *sqs.Options) { o.DisableChecksums = true }))
		m := &sqs.Message{Body: "b", GroupID: "group", DeduplicationID: "id",
			MessageAttributes: map[string]sqs.MessageAttribute{"a": sqs.BinaryAttribute([]byte("binary"))}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Send(ctx, m); !errors.Is(err, sqs.ErrMayHaveBeenSent) {
			t.Errorf("got %v", err)
		}
		copy(m.MessageAttributes["a"].Binary, "xxxxxx")
		m.GroupID, m.DeduplicationID = "other", "other"
		closeSender(t, s)
		requests := f.requests()
		if len(requests) != 2 || requests[0].Body != requests[1].Body {
			t.Errorf("the repetition differs:\n%s\n%s", requests[0].Body, requests[1].Body)
		}
	})
}

func TestSenderLostAnswer(t *testing.T) {
	for _, drop := range []sqstest.Drop{sqstest.DropRequest, sqstest.DropAnswer} {
		t.Run(fmt.Sprint(drop), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "orders")
				r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: drop, Times: 1})
				if err := r.Send(t.Context(), &sqs.Message{Body: "repeated"}); err != nil {
					t.Errorf("one answer lost: got %v", err)
				}
				r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: drop})
				if err := r.Send(t.Context(), &sqs.Message{Body: "lost"}); !errors.Is(err, sqs.ErrMayHaveBeenSent) {
					t.Errorf("all answers lost: got %v, want ErrMayHaveBeenSent", err)
				}
			})
		})
	}
}

// A FIFO queue drops the repetition.
func TestSenderLostAnswerOfAFIFOQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders.fifo")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: sqstest.DropAnswer, Times: 2})
		if err := r.Send(t.Context(), &sqs.Message{Body: "once", GroupID: "g"}); err != nil {
			t.Error(err)
		}
		r.wantStored("once")
	})
}

func TestSenderSaysWhatIsCertain(t *testing.T) {
	lost := broken(syscall.ECONNRESET)
	noServer := broken(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})
	unreadable := func(*request) (*http.Response, error) { return respond(200, "<html>", nil) }
	proxy := func(*request) (*http.Response, error) { return respond(504, "upstream timed out", nil) }
	forgetful := func(r *request) (*http.Response, error) { return r.ok(&api.SendMessageBatchOutput{}) }
	throttled := refused(api.ServiceUnavailable.New("too many"))
	for _, test := range []struct {
		name      string
		attempts  []func(r *request) (*http.Response, error)
		uncertain bool
	}{
		{"refused", []func(r *request) (*http.Response, error){refused(api.QueueDoesNotExist.New())}, false},
		{"throttled", slices.Repeat([]func(r *request) (*http.Response, error){throttled}, 3), false},
		{"no_server", slices.Repeat([]func(r *request) (*http.Response, error){noServer}, 3), false},
		{"lost", slices.Repeat([]func(r *request) (*http.Response, error){lost}, 3), true},
		{"lost_then_throttled", []func(r *request) (*http.Response, error){lost, throttled, throttled}, true},
		{"throttled_then_lost", []func(r *request) (*http.Response, error){throttled, throttled, lost}, true},
		{"unreadable", []func(r *request) (*http.Response, error){unreadable}, true},
		{"proxy", slices.Repeat([]func(r *request) (*http.Response, error){proxy}, 3), true},
		{"not_mentioned", []func(r *request) (*http.Response, error){forgetful}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := failing(test.attempts...)
				s := sqs.NewSender(fakeQueue(t, f))
				defer closeSender(t, s)
				err := s.Send(t.Context(), &sqs.Message{Body: "m"})
				if err == nil || errors.Is(err, sqs.ErrMayHaveBeenSent) != test.uncertain {
					t.Errorf("got %v, want an error; uncertain: %t", err, test.uncertain)
				}
				if got := len(f.requests()); got != len(test.attempts) {
					t.Errorf("%d attempts, want %d", got, len(test.attempts))
				}
			})
		})
	}
}

func TestSenderThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Error: "RequestThrottled", Times: 2})
		start := time.Now()
		wantAll(t, enqueue(t, r.Sender, bodies("m", 12)...))
		if time.Since(start) == 0 {
			t.Error("repeated without a backoff")
		}
		r.wantStored(bodiesOf(bodies("m", 12))...)
	})
}

// sendTogether returns the outcomes of messages that leave in one request, since another one is under way until all of them
// are there. Without it, who else runs decides how many make it into the first request.
func sendTogether(t *testing.T, f *fake, messages ...*sqs.Message) []error {
	answer := f.answer
	f.answer = func(r *request) (*http.Response, error) {
		time.Sleep(time.Second)
		return answer(r)
	}
	s := sqs.NewSender(fakeQueue(t, f, sqs.WithMessageClass(sqs.RawMessage{})), sqs.WithParallelRequests(1))
	defer closeSender(t, s)
	first := enqueue(t, s, &sqs.Message{Body: "first"})
	errs := outcomes(t, enqueue(t, s, messages...))
	wantAll(t, first)
	return errs
}

func TestSenderPartialFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := map[string]int{}
		f := &fake{answer: storing(t, func(body string) *api.Error {
			tries[body]++
			switch {
			case body == "m1" && tries[body] < 3:
				return api.InternalError.New()
			case body == "m2":
				return api.ServiceUnavailable.New("for ever")
			case body == "m3":
				return api.InvalidMessageContents.New()
			}
			return nil
		})}
		for i, err := range sendTogether(t, f, bodies("m", 5)...) {
			want := map[int]error{2: sqs.ErrServiceUnavailable, 3: sqs.ErrInvalidMessageContents}[i]
			if (err == nil) != (want == nil) || !errors.Is(err, want) {
				t.Errorf("message %d: got %v, want %v", i, err, want)
			}
		}
		if got, want := fmt.Sprint(sentBodies(t, f)), "[[first] [m0 m1 m2 m3 m4] [m1 m2] [m1 m2]]"; got != want {
			t.Errorf("got requests %s, want %s", got, want)
		}
	})
}

// A request that is refused for one message's sake is sent again message by message.
func TestSenderStrangersDoNotFailForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(r *request) (*http.Response, error) {
			bodies := sentBodies(t, f)
			if slices.Contains(bodies[len(bodies)-1], "m1") {
				return r.fail(api.InvalidAttributeType.New("x"))
			}
			return storing(t, never)(r)
		}
		for i, err := range sendTogether(t, f, bodies("m", 3)...) {
			if (err != nil) != (i == 1) || i == 1 && !errors.Is(err, sqs.ErrInvalidParameterValue) {
				t.Errorf("message %d: got %v", i, err)
			}
		}
		if got, want := fmt.Sprint(sentBodies(t, f)), "[[first] [m0 m1 m2] [m0] [m1] [m2]]"; got != want {
			t.Errorf("got requests %s, want %s", got, want)
		}
	})
}

// The server is down for ten minutes, which is how long the connection's retryer has patience; the queue fills, senders
// wait, and in the end everything is stored.
func TestSenderServerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		patient := retry.AddWithMaxAttempts(retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff, o.RateLimiter = 10*time.Second, ratelimit.None
		}), 0)
		r := newRigWith(t, "orders.fifo", func(o *sqs.Options) { o.Retryer = patient }, sqs.WithSenderLimits(20, 0))
		down := r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: sqstest.DropRequest})
		time.AfterFunc(10*time.Minute, down.Stop)
		start := time.Now()
		var wg sync.WaitGroup
		for i, m := range bodies("m", 100) {
			m.GroupID = fmt.Sprint(i % 7)
			wg.Go(func() {
				if err := r.Send(t.Context(), m); err != nil {
					t.Errorf("%s: %v", m.Body, err)
				}
			})
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := r.Stats(); got.Messages != 20 || got.Blocked != 80 {
			t.Errorf("while the server is down: %+v, want 20 held and 80 blocked", got)
		}
		wg.Wait()
		if took := time.Since(start); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("all were sent after %v", took)
		}
		r.wantStored(bodiesOf(bodies("m", 100))...)
	})
}

// Without patience everybody gets an error soon, and the sender works again when the server does.
func TestSenderServerDownWithoutRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigWith(t, "orders", func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} })
		down := r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: sqstest.DropRequest})
		for i, err := range outcomes(t, enqueue(t, r.Sender, bodies("lost", 30)...)) {
			if !errors.Is(err, sqs.ErrMayHaveBeenSent) {
				t.Errorf("message %d: got %v, want ErrMayHaveBeenSent", i, err)
			}
		}
		down.Stop()
		wantAll(t, enqueue(t, r.Sender, bodies("m", 30)...))
		r.wantStored(bodiesOf(bodies("m", 30))...)
	})
}
