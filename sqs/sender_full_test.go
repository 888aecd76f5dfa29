package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestSenderFullQueueBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := 0
		r := newRig(t, "orders", sqs.WithSenderLimits(3, 0), sqs.WithParallelRequests(1), func(o *sqs.SenderOptions) { o.OnFull = func() { full++ } })
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, bodies("first", 1)...)
		all = append(all, enqueue(t, r.Sender, bodies("second", 2)...)...)
		start := time.Now()
		ticket, err := r.Enqueue(t.Context(), &sqs.Message{Body: "third"})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != time.Second || full != 1 {
			t.Errorf("the fourth message was let in after %v, OnFull called %d times; want a second, and 1", took, full)
		}
		wantAll(t, append(all, ticket))
		if got := fmt.Sprint(r.sizes()); got != "[1 3]" {
			t.Errorf("got batches %s", got)
		}
	})
}

func TestSenderFullQueueFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithSenderLimits(2, 0), sqs.WithFailWhenFull())
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, bodies("m", 2)...)
		if err := r.Send(t.Context(), &sqs.Message{Body: "no"}); !errors.Is(err, sqs.ErrFull) {
			t.Errorf("got %v, want ErrFull", err)
		}
		wantAll(t, all)
		if err := r.Send(t.Context(), &sqs.Message{Body: "yes"}); err != nil {
			t.Errorf("with room again: %v", err)
		}
		r.wantStored("m0", "m1", "yes")
	})
}

func TestSenderContextEndsWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithSenderLimits(1, 0))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Minute, Times: 1})
		all := enqueue(t, r.Sender, bodies("m", 1)...)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := r.Send(ctx, &sqs.Message{Body: "gone"}); !errors.Is(err, sqs.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("send: got %v, want ErrNotSent and DeadlineExceeded", err)
			}
		})
		if _, err := r.Enqueue(ctx, &sqs.Message{Body: "gone"}); !errors.Is(err, sqs.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("enqueue: got %v, want ErrNotSent and DeadlineExceeded", err)
		}
		wg.Wait()
		if got := r.Stats().Blocked; got != 0 {
			t.Errorf("%d messages wait for room, want none", got)
		}
		wantAll(t, all)
		r.wantStored("m0")
	})
}

// The bytes that a sender holds are bounded, whatever comes: here by two messages of a thousand, with what each costs.
func TestSenderBytesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 2 * (1000 + 256)
		r := newRig(t, "orders", sqs.WithSenderLimits(0, limit))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Millisecond})
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if err := r.Send(t.Context(), &sqs.Message{Body: fmt.Sprintf("%01000d", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		most := 0
		for range 100 {
			synctest.Wait()
			most = max(most, r.Stats().Bytes)
			time.Sleep(time.Millisecond / 2)
		}
		wg.Wait()
		if most != limit {
			t.Errorf("at most %d bytes were held, want %d", most, limit)
		}
		if got := len(r.stored()); got != 50 {
			t.Errorf("%d messages are stored, want 50", got)
		}
	})
}

// A large message that waits for room is not overtaken by small ones for ever.
func TestSenderBlockedMessagesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithSenderLimits(0, 3000))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, &sqs.Message{Body: strings.Repeat("a", 1000)})
		var order []string
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, m := range []*sqs.Message{{Body: strings.Repeat("l", 2500)}, {Body: "small"}} {
			wg.Go(func() {
				if err := r.Send(t.Context(), m); err != nil {
					t.Error(err)
				}
				mu.Lock() // they are a second apart: the small one has no room beside the large one either
				order = append(order, m.Body[:1])
				mu.Unlock()
			})
			synctest.Wait()
		}
		wg.Wait()
		wantAll(t, all)
		if got := strings.Join(order, " "); got != "l s" {
			t.Errorf("answered in the order %s", got)
		}
	})
}

func TestSenderMessageThatNeverFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithSenderLimits(0, 1000))
		err := r.Send(t.Context(), &sqs.Message{Body: strings.Repeat("x", 1000)})
		if !errors.Is(err, sqs.ErrFull) || !strings.Contains(err.Error(), "MaxBytes is 1000") {
			t.Errorf("got %v, want ErrFull with the limit", err)
		}
	})
}
