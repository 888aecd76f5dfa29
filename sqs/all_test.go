package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

// fill writes n messages whose bodies are 0 to n-1.
func fill(t testing.TB, q *sqs.Queue, n int) {
	t.Helper()
	var messages []*sqs.Message
	for i := range n {
		messages = append(messages, q.NewMessage(fmt.Sprint(i)))
	}
	if _, err := q.WriteBatch(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
}

func wantCount(t testing.TB, q *sqs.Queue, want int) {
	t.Helper()
	if got, err := q.Count(t.Context()); got != want || err != nil {
		t.Errorf("count: got %d, %v; want %d", got, err, want)
	}
}

func TestAll(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		fill(t, q, 23)
		n := 0
		for m, err := range q.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Body != fmt.Sprint(n) {
				t.Errorf("got %q, want %d", m.Body, n)
			}
			n++
			if err := m.Delete(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if n != 23 {
			t.Errorf("got %d messages, want 23", n)
		}
	})
}

// Leaving the loop gives back what was read beyond, even when the reason to leave is that the context ended.
func TestAll_left_early(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		fill(t, q, 5)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, err := range q.All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			break
		}
		wantCount(t, q, 4)
	})
}

func TestAll_ends_with_the_first_error(t *testing.T) {
	f := &fake{answer: refused(api.QueueDoesNotExist.New())}
	n := 0
	for m, err := range fakeQueue(t, f).All(t.Context()) {
		if n++; m != nil || !errors.Is(err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("got %v, %v", m, err)
		}
	}
	if n != 1 {
		t.Errorf("got %d rounds, want 1", n)
	}
}

// A damaged message is an error among messages, not the end of them.
func TestAll_goes_on_after_a_damaged_message(t *testing.T) {
	f := &fake{}
	f.answer = func(r *request) (*http.Response, error) {
		out := &api.ReceiveMessageOutput{}
		if n := len(f.requests()); n < 3 {
			out.Messages = []api.Message{{MessageID: fmt.Sprint(n), Body: "x", MD5OfBody: "9dd4e461268c8034f5c8564e155c67a6"}, {MessageID: "bad", Body: "y"}}
		}
		return r.ok(out)
	}
	var got []string
	for m, err := range sqs.As(fakeQueue(t, f), sqs.RawMessage{}).All(t.Context(), sqs.WithAttemptID("again")) {
		switch _, damaged := errors.AsType[*sqs.ChecksumError](err); {
		case damaged:
			got = append(got, "damaged")
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, m.ID)
		}
	}
	if want := []string{"1", "damaged", "2", "damaged"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, r := range f.requests() {
		var in api.ReceiveMessageInput
		if r.decode(t, &in); in.ReceiveRequestAttemptID != nil {
			t.Error("an attempt id was sent: the second page would be the first")
		}
	}
}

func TestClear(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		fill(t, q, 25)
		held := read(t, q)
		if n, err := q.Clear(t.Context()); n != 24 || err != nil {
			t.Errorf("got %d, %v; want 24", n, err)
		}
		if err := held.ChangeVisibility(t.Context(), 0); err != nil {
			t.Errorf("a message in flight was not left alone: %v", err)
		}
		if n, err := q.Clear(t.Context()); n != 1 || err != nil {
			t.Errorf("again: got %d, %v; want 1", n, err)
		}
		if n, err := q.Clear(t.Context()); n != 0 || err != nil {
			t.Errorf("of an empty queue: got %d, %v; want 0", n, err)
		}
	})
}

func TestCountSlow(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		fill(t, q, 25)
		start := time.Now()
		if n, err := q.CountSlow(t.Context()); n != 25 || err != nil {
			t.Errorf("got %d, %v; want 25", n, err)
		}
		wantCount(t, q, 0)
		read(t, q, sqs.WithWait(20*time.Second)) // the queue's own timeout is 30 s
		if hidden := time.Since(start); hidden != 10*time.Second {
			t.Errorf("messages were hidden for %v, want 10s", hidden)
		}
		// Nothing is hidden at all: reading has no end.
		if n, err := q.CountSlow(t.Context(), sqs.WithVisibility(0)); n > 25 || n < 10 || err != nil {
			t.Errorf("without hiding: got %d, %v", n, err)
		}
	})
}
