package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestSenderFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(time.Hour))
		if err := r.Flush(t.Context()); err != nil {
			t.Errorf("with nothing to send: %v", err)
		}
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, bodies("first", 1)...)
		all = append(all, enqueue(t, r.Sender, bodies("m", 2)...)...)
		time.Sleep(time.Second / 2)
		start := time.Now()
		if err := r.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v: the messages did not leave at once", took)
		}
		if got := len(r.stored()); got != 3 {
			t.Errorf("%d messages are stored, want 3", got)
		}
		wantAll(t, all)
	})
}

func TestSenderFlushWaitsForWhatWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second, Times: 1})
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Hour, Times: 1})
		all := enqueue(t, r.Sender, bodies("m", 1)...)
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := r.Flush(t.Context()); err != nil || time.Since(start) != time.Second {
				t.Errorf("got %v after %v, want nil after a second", err, time.Since(start))
			}
		})
		synctest.Wait()
		all = append(all, enqueue(t, r.Sender, bodies("later", 1)...)...)
		wg.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		wantAll(t, all)
	})
}

// What comes later and is answered sooner does not count.
func TestSenderFlushIsNotEndedByLaterMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(0))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Minute, Times: 1})
		all := enqueue(t, r.Sender, bodies("m", 1)...)
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := r.Flush(t.Context()); err != nil || time.Since(start) != time.Minute {
				t.Errorf("got %v after %v, want nil after a minute", err, time.Since(start))
			}
		})
		synctest.Wait()
		wantAll(t, append(enqueue(t, r.Sender, bodies("later", 1)...), all...))
		wg.Wait()
	})
}

func TestSenderCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(time.Hour), sqs.WithSenderLimits(25, 0), sqs.WithParallelRequests(1))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		var wg sync.WaitGroup
		for _, m := range bodies("m", 30) { // five of them wait for room
			wg.Go(func() {
				if err := r.Send(t.Context(), m); err != nil {
					t.Errorf("%s: %v", m.Body, err)
				}
			})
		}
		synctest.Wait()
		if got := r.Stats().Blocked; got != 5 {
			t.Errorf("%d messages wait for room, want 5", got)
		}
		for range 2 {
			wg.Go(func() {
				if err := r.Close(t.Context()); err != nil {
					t.Errorf("close: %v", err)
				}
				if got := len(r.stored()); got != 30 {
					t.Errorf("after Close %d messages are stored, want 30", got)
				}
			})
		}
		synctest.Wait()
		if err := r.Send(t.Context(), &sqs.Message{Body: "late"}); !errors.Is(err, sqs.ErrSenderClosed) {
			t.Errorf("got %v, want ErrSenderClosed", err)
		}
		if _, err := r.Enqueue(t.Context(), &sqs.Message{Body: "late"}); !errors.Is(err, sqs.ErrSenderClosed) {
			t.Errorf("got %v, want ErrSenderClosed", err)
		}
		wg.Wait()
		if err := r.Close(t.Context()); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}

func TestSenderCloseIsCutShort(t *testing.T) {
	for _, queue := range []string{"orders", "orders.fifo"} {
		t.Run(queue, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, queue, sqs.WithLinger(0), sqs.WithParallelRequests(1), sqs.WithSenderLimits(3, 0))
				r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Hour})
				messages := bodies("m", 5)
				errs := make([]error, 5)
				var wg sync.WaitGroup
				for i, m := range messages { // one under way, two queued, two that wait for room
					m.GroupID = "g"
					wg.Go(func() { errs[i] = r.Send(t.Context(), m) })
					synctest.Wait()
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				start := time.Now()
				if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want DeadlineExceeded", err)
				}
				if took := time.Since(start); took != time.Minute {
					t.Errorf("took %v", took)
				}
				wg.Wait()
				if !errors.Is(errs[0], sqs.ErrMayHaveBeenSent) || !errors.Is(errs[0], context.Canceled) {
					t.Errorf("under way: got %v, want ErrMayHaveBeenSent", errs[0])
				}
				for i, err := range errs[1:] {
					if !errors.Is(err, sqs.ErrSenderClosed) {
						t.Errorf("message %d: got %v, want ErrSenderClosed", i+1, err)
					}
				}
				if got := r.Stats(); got != (sqs.SenderStats{}) {
					t.Errorf("something is left: %+v", got)
				}
			})
		})
	}
}

// Whatever goes wrong, an error tells the truth: nil, the message is stored; an error that says it was not sent, it is
// not. Goroutines that are left would keep the bubble from ending.
func TestSenderTellsTheTruth(t *testing.T) {
	for _, queue := range []string{"orders", "orders.fifo"} {
		for round := range 5 {
			t.Run(fmt.Sprint(queue, round), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { tellTheTruth(t, queue, round) })
			})
		}
	}
}

func tellTheTruth(t *testing.T, queue string, round int) {
	r := newRig(t, queue, sqs.WithSenderLimits(25, 0), sqs.WithParallelRequests(3), func(o *sqs.SenderOptions) { o.FailWhenFull = round%2 == 1 })
	for range 10 {
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: 30 * time.Millisecond, Times: 2})
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: sqstest.DropAnswer, Times: 1 + round})
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Error: sqs.ErrServiceUnavailable, Times: round})
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Drop: sqstest.DropRequest, Times: 2})
	}
	messages := bodies("m", 400)
	errs := make([]error, len(messages))
	var wg sync.WaitGroup
	for i, m := range messages {
		if i%50 == 13 {
			m.Body = "\x00" + m.Body // refused by the server
		}
		m.GroupID = fmt.Sprint("g", i%9)
		wg.Go(func() {
			time.Sleep(time.Duration(i*i%400) * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*100*time.Millisecond)
			defer cancel()
			errs[i] = r.Send(ctx, m)
		})
	}
	time.Sleep(300 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(round)*20*time.Millisecond)
	defer cancel()
	if err := r.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
	stored := r.stored()
	kinds := map[string]int{}
	for i, err := range errs {
		_, there := slices.BinarySearch(stored, messages[i].Body)
		switch {
		case err == nil:
			kinds["stored"]++
			if !there {
				t.Errorf("%q is not stored and its sender was told so", messages[i].Body)
			}
		case errors.Is(err, sqs.ErrMayHaveBeenSent):
			kinds["uncertain"]++
		default:
			kinds["not"]++
			if there {
				t.Errorf("%q is stored, and its sender was told %v", messages[i].Body, err)
			}
		}
	}
	t.Log(kinds)
	if kinds["stored"] == 0 || kinds["not"] == 0 {
		t.Errorf("the test shows nothing: %v", kinds)
	}
	if got := r.Stats(); got != (sqs.SenderStats{}) {
		t.Errorf("something is left: %+v", got)
	}
}
