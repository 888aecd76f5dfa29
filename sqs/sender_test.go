package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

const sendBatch = "SendMessageBatch"

// rig is a sender to a queue of a server with faults, in a bubble, and what its OnBatch was told.
type rig struct {
	*sqs.Sender[string]
	t   *testing.T
	srv *sqstest.Server
	q   *sqs.Queue

	mu      sync.Mutex
	batches []sqs.SenderBatch
}

func newRig(t *testing.T, queue string, optFns ...func(*sqs.SenderOptions)) *rig {
	t.Helper()
	return newRigWith(t, queue, nil, optFns...)
}

func newRigWith(t *testing.T, queue string, options func(*sqs.Options), optFns ...func(*sqs.SenderOptions)) *rig {
	t.Helper()
	r := &rig{t: t, srv: sqstest.New(t)}
	raw := func(o *sqs.Options) { o.MessageClass = sqs.RawMessage{} }
	if options == nil {
		options = raw
	}
	conn, err := sqs.NewFromConfig(r.srv.Config(), raw, options)
	if err != nil {
		t.Fatal(err)
	}
	var create []func(*sqs.CreateOptions)
	if strings.HasSuffix(queue, ".fifo") {
		create = append(create, sqs.WithQueueAttribute("FifoQueue", "true"), sqs.WithQueueAttribute("ContentBasedDeduplication", "true"))
	}
	if r.q, err = conn.CreateQueue(t.Context(), queue, create...); err != nil {
		t.Fatal(err)
	}
	record := func(o *sqs.SenderOptions) {
		o.OnBatch = func(b sqs.SenderBatch) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.batches = append(r.batches, b)
		}
	}
	r.Sender = sqs.NewSender(r.q, append([]func(*sqs.SenderOptions){record}, optFns...)...)
	t.Cleanup(func() { closeSender(t, r.Sender) })
	return r
}

// closeSender closes within a time that is enough for everything that tests leave behind.
func closeSender[T any](t *testing.T, s *sqs.Sender[T]) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// enqueue takes messages in, and returns when everything waits for something.
func enqueue(t *testing.T, s *sqs.Sender[string], messages ...*sqs.Message) (tickets []*sqs.Ticket[string]) {
	t.Helper()
	for _, m := range messages {
		ticket, err := s.Enqueue(t.Context(), m)
		if err != nil {
			t.Fatalf("enqueue %.20q: %v", m.Body, err)
		}
		tickets = append(tickets, ticket)
	}
	synctest.Wait()
	return tickets
}

// outcomes waits for the tickets.
func outcomes(t *testing.T, tickets []*sqs.Ticket[string]) (errs []error) {
	for _, ticket := range tickets {
		errs = append(errs, ticket.Wait(t.Context()))
	}
	return errs
}

func wantAll(t *testing.T, tickets []*sqs.Ticket[string]) {
	t.Helper()
	for i, err := range outcomes(t, tickets) {
		if err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
}

// sizes returns how many messages each batch had.
func (r *rig) sizes() (n []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.batches {
		n = append(n, b.Messages)
	}
	return n
}

// stored returns the bodies in the queue, sorted.
func (r *rig) stored() (bodies []string) {
	for _, m := range r.srv.Messages(r.q.Name()) {
		bodies = append(bodies, m.Body)
	}
	slices.Sort(bodies)
	return bodies
}

func (r *rig) wantStored(want ...string) {
	r.t.Helper()
	slices.Sort(want)
	if got := r.stored(); !slices.Equal(got, want) {
		r.t.Errorf("the queue has %q, want %q", got, want)
	}
}

func bodiesOf(messages []*sqs.Message) (bodies []string) {
	for _, m := range messages {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

func protocols(t *testing.T, test func(t *testing.T, options func(*sqs.Options))) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		t.Run(protocol.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, func(o *sqs.Options) { o.Protocol = protocol }) })
		})
	}
}

func TestSenderSends(t *testing.T) {
	protocols(t, func(t *testing.T, options func(*sqs.Options)) {
		r := newRigWith(t, "orders", options)
		messages := bodies("m", 100)
		messages[7].MessageAttributes = map[string]sqs.MessageAttribute{"n": sqs.NumberAttribute("7")}
		var wg sync.WaitGroup
		for _, m := range messages {
			wg.Go(func() {
				if err := r.Send(t.Context(), m); err != nil {
					t.Errorf("%s: %v", m.Body, err)
				}
			})
		}
		wg.Wait()
		r.wantStored(bodiesOf(messages)...)
		ids := map[string]string{}
		for _, m := range r.srv.Messages("orders") {
			ids[m.ID] = m.Body
		}
		for _, m := range messages {
			if ids[m.ID] != m.Body || m.MD5 != digest(m.Body) {
				t.Errorf("message %s has id %q and MD5 %q; the server has %q under that id", m.Body, m.ID, m.MD5, ids[m.ID])
			}
			if (m.MD5OfMessageAttributes != "") != (m == messages[7]) {
				t.Errorf("message %s: digest of attributes %q", m.Body, m.MD5OfMessageAttributes)
			}
		}
		if got := len(r.sizes()); got > 20 {
			t.Errorf("100 messages took %d requests", got)
		}
	})
}

func TestSenderLonelyMessageLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(time.Hour))
		start := time.Now()
		for _, m := range bodies("m", 3) {
			if err := r.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("three lonely messages took %v", took)
		}
	})
}

func TestSenderLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(20*time.Millisecond))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, bodies("alone", 1)...)            // at 0 ms: nothing is under way
		all = append(all, enqueue(t, r.Sender, bodies("a", 2)...)...) // waits for company
		time.Sleep(15 * time.Millisecond)
		all = append(all, enqueue(t, r.Sender, bodies("b", 2)...)...) // joins them; they leave at 20 ms
		time.Sleep(10 * time.Millisecond)
		all = append(all, enqueue(t, r.Sender, bodies("c", 9)...)...) // 25 ms: one is missing
		time.Sleep(19 * time.Millisecond)
		all = append(all, enqueue(t, r.Sender, bodies("d", 1)...)...) // 44 ms: full, a moment before their time
		wantAll(t, all)
		var got []string
		for _, b := range r.batches {
			got = append(got, fmt.Sprintf("%d after %v", b.Messages, b.Waited))
		}
		if want := "[1 after 0s 4 after 20ms 10 after 19ms]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

func TestSenderDoesNotLingerWhenTheLastRequestIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(time.Hour))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second, Times: 1})
		start := time.Now()
		wantAll(t, enqueue(t, r.Sender, bodies("m", 3)...))
		if got, took := r.sizes(), time.Since(start); len(got) > 2 || took != time.Second {
			t.Errorf("got batches %v after %v, want all with the answer to the first, 1s", got, took)
		}
	})
}

func TestSenderNoLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(0), sqs.WithParallelRequests(3))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		var all []*sqs.Ticket[string]
		for i := range 5 { // three at once, two wait for a request to end and then share one
			all = append(all, enqueue(t, r.Sender, bodies(fmt.Sprint(i), 1)...)...)
		}
		if got := r.Stats().Requests; got != 3 {
			t.Errorf("%d requests are under way, want 3", got)
		}
		wantAll(t, all)
		if got := fmt.Sprint(r.sizes()); got != "[1 1 1 2]" {
			t.Errorf("got batches %s, want [1 1 1 2]", got)
		}
	})
}

func TestSenderFillsRequests(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		name  string
		sizes []int
		want  string // entries of each request
	}{
		{"ten_entries", slices.Repeat([]int{1}, 21), "[10 10 1]"},
		{"exactly_1_MiB", []int{mib / 2, mib / 2, 1}, "[2 1]"},
		{"exactly_1_MiB_of_ten", append(slices.Repeat([]int{100_000}, 9), mib-900_000, 1), "[10 1]"},
		{"one_byte_too_many", []int{mib / 2, mib/2 + 1, 1}, "[1 2]"},
		{"too_long_by_itself", []int{1, mib + 1, 1, 1}, "[1 1 2]"},
		{"attributes_count", []int{-mib, 1}, "[1 1]"}, // negative: so much in an attribute
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: func(r *request) (*http.Response, error) {
					time.Sleep(time.Second)
					return storing(t, never)(r)
				}}
				q := fakeQueue(t, f, sqs.WithMessageClass(sqs.RawMessage{}), func(o *sqs.Options) { o.DisableChecksums = true })
				s := sqs.NewSender(q, sqs.WithParallelRequests(1))
				defer closeSender(t, s)
				first := enqueue(t, s, bodies("first", 1)...)
				var messages []*sqs.Message
				for _, size := range test.sizes {
					m := &sqs.Message{Body: strings.Repeat("x", max(size, 0))}
					if size < 0 {
						m.MessageAttributes = map[string]sqs.MessageAttribute{"n": sqs.StringAttribute(strings.Repeat("x", -size-len("nString")))}
					}
					messages = append(messages, m)
				}
				wantAll(t, append(first, enqueue(t, s, messages...)...))
				var got []int
				for _, bodies := range sentBodies(t, f)[1:] {
					got = append(got, len(bodies))
				}
				if fmt.Sprint(got) != test.want {
					t.Errorf("got requests of %v entries, want %s", got, test.want)
				}
			})
		})
	}
}

// A full request does not wait for the time of linger, and what is beyond it does.
func TestSenderFullBySizeLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(time.Minute))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second, Times: 1})
		first := enqueue(t, r.Sender, bodies("first", 1)...)
		full := enqueue(t, r.Sender,
			&sqs.Message{Body: strings.Repeat("a", 1<<19)}, &sqs.Message{Body: strings.Repeat("b", 1<<19)})
		start := time.Now()
		wantAll(t, full)
		if took := time.Since(start); took != 0 {
			t.Errorf("1 MiB waited for %v", took)
		}
		wantAll(t, first)
	})
}

func TestSenderHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(0), sqs.WithParallelRequests(1))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second, Times: 1})
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Error: sqs.ErrServiceUnavailable, Times: 1})
		all := enqueue(t, r.Sender, &sqs.Message{Body: "12345"})
		all = append(all, enqueue(t, r.Sender, &sqs.Message{Body: "123"}, &sqs.Message{Body: "\x00"})...)
		if got, want := r.Stats(), (sqs.SenderStats{Messages: 3, Bytes: 3*256 + 9, Requests: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		outcomes(t, all)
		first, second := r.batches[0], r.batches[1]
		if want := (sqs.SenderBatch{Messages: 1, Bytes: 5, Attempts: 1, Took: time.Second}); first != want {
			t.Errorf("got %+v, want %+v", first, want)
		}
		if second.Messages != 2 || second.Bytes != 4 || second.Failed != 1 || second.Attempts < 2 || second.Waited != time.Second ||
			second.Took == 0 || !errors.Is(second.Err, sqs.ErrInvalidMessageContents) {
			t.Errorf("got %+v", second)
		}
		if got := r.Stats(); got != (sqs.SenderStats{}) {
			t.Errorf("at rest: got %+v", got)
		}
	})
}

func TestSenderRefusesWhatItCannotEncode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigWith(t, "orders", func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} })
		if err := r.Send(t.Context(), &sqs.Message{Body: "\xff"}); !errors.Is(err, sqs.ErrInvalidMessageContents) {
			t.Errorf("got %v, want ErrInvalidMessageContents", err)
		}
		r.wantStored()
	})
}
