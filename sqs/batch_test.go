package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
	"github.com/bufeomq/bufeo/sqs"
)

func bodies(prefix string, n int) []*sqs.Message {
	messages := make([]*sqs.Message, n)
	for i := range messages {
		messages[i] = &sqs.Message{Body: fmt.Sprint(prefix, i)}
	}
	return messages
}

func TestBatches(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := create(t, conn, "orders")
		sent := bodies("m", 25)
		sent[3].MessageAttributes = map[string]sqs.MessageAttribute{"n": sqs.NumberAttribute("3")}
		results, err := q.WriteBatch(ctx, sent)
		if err != nil || len(results.Results) != 25 || len(results.Errors) != 0 {
			t.Fatalf("got %+v, %v; want 25 results", results, err)
		}
		for i, r := range results.Results {
			if r.Index != i || r.MessageID != sent[i].ID || r.MD5 != sent[i].MD5 || r.MessageID == "" {
				t.Errorf("result %d is %+v, want that of %+v", i, r, sent[i])
			}
		}
		if results.Results[3].MD5OfMessageAttributes == "" {
			t.Error("no digest of the attributes of message 3")
		}

		var got []*sqs.Message
		for len(got) < 25 {
			page, err := q.Messages(ctx, 10)
			if err != nil || len(page) == 0 {
				t.Fatalf("after %d messages: got %d, %v", len(got), len(page), err)
			}
			got = append(got, page...)
		}
		changes := make([]sqs.VisibilityChange, len(got))
		for i, m := range got {
			if m.Body != sent[i].Body { // encoded and decoded: boto did the latter only
				t.Errorf("message %d is %q, want %q", i, m.Body, sent[i].Body)
			}
			changes[i].ReceiptHandle = m.ReceiptHandle
		}
		if results, err := q.ChangeMessageVisibilityBatch(ctx, changes); err != nil || len(results.Results) != 25 {
			t.Errorf("got %+v, %v; want 25 changes", results, err)
		}
		if n, err := q.Count(ctx); n != 25 || err != nil {
			t.Errorf("got count %d, %v; want all 25 back", n, err)
		}
		if results, err := q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(got)); err != nil || len(results.Results) != 25 {
			t.Errorf("got %+v, %v; want 25 deletes", results, err)
		}
		wantEmpty(t, q)
	})
}

func TestBatchErrors(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := sqs.As(create(t, conn, "orders"), sqs.RawMessage{})
		messages := bodies("m", 12)
		messages[1].Body = "\x00"
		messages[2].Body = "\xff" // refused here
		messages[11].Delay = new(time.Hour)
		results, err := q.WriteBatch(ctx, messages)
		if len(results.Results) != 9 || len(results.Errors) != 3 {
			t.Fatalf("got %+v, want 9 results and 3 errors", results)
		}
		for i, want := range []struct {
			index int
			code  sqs.ErrorCode
		}{{1, sqs.ErrInvalidMessageContents}, {2, sqs.ErrInvalidMessageContents}, {11, sqs.ErrInvalidParameterValue}} {
			if e := results.Errors[i]; e.Index != want.index || !errors.Is(e.Err, want.code) {
				t.Errorf("error %d is %+v, want entry %d with %s", i, e, want.index, want.code)
			}
		}
		detail, ok := errors.AsType[*sqs.Error](results.Errors[2].Err)
		if !ok || detail.Fault != sqs.FaultSender || !strings.Contains(detail.Message, "3600") {
			t.Errorf("got %+v, want the sender's fault with the server's text", detail)
		}
		if !errors.Is(err, sqs.ErrInvalidMessageContents) || !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("got %v, want the errors of the entries", err)
		}
		if want := "sqs: SendMessageBatch: 3 of 12 entries failed; entry 1: "; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %q, want %q at the start", err, want)
		}

		deleted, err := q.DeleteMessageBatch(ctx, []string{"nonsense"})
		if len(deleted.Errors) != 1 || !errors.Is(err, sqs.ErrReceiptHandleIsInvalid) {
			t.Errorf("got %+v, %v; want ErrReceiptHandleIsInvalid", deleted, err)
		}
	})
}

func TestEmptyBatch(t *testing.T) {
	q := fakeQueue(t, &fake{answer: func(r *request) (*http.Response, error) {
		t.Error("a request was sent")
		return r.ok(&api.None{})
	}})
	results, err := q.WriteBatch(t.Context(), nil)
	if err != nil || len(results.Results)+len(results.Errors) != 0 {
		t.Errorf("got %+v, %v", results, err)
	}
}

// storing answers SendMessageBatch; refuse says which bodies fail, and by whose fault.
func storing(t *testing.T, refuse func(body string) *api.Error) func(r *request) (*http.Response, error) {
	return func(r *request) (*http.Response, error) {
		var in api.SendMessageBatchInput
		r.decode(t, &in)
		var out api.SendMessageBatchOutput
		for _, e := range in.Entries {
			if fault := refuse(e.MessageBody); fault != nil {
				out.Failed = append(out.Failed, api.BatchResultError{
					ID: e.ID, Code: fault.Kind.QueryCode, Message: fault.Message(api.JSON), SenderFault: fault.Kind.Sender(),
				})
				continue
			}
			out.Successful = append(out.Successful, api.SendMessageSuccess{
				ID: e.ID, MessageID: "id-" + e.MessageBody, MD5OfMessageBody: fmt.Sprintf("%x", wire.BodyMD5(e.MessageBody)),
			})
		}
		return r.ok(&out)
	}
}

// sentBodies returns the bodies of each request.
func sentBodies(t *testing.T, f *fake) (requests [][]string) {
	t.Helper()
	for _, r := range f.requests() {
		var in api.SendMessageBatchInput
		r.decode(t, &in)
		var bodies []string
		for _, e := range in.Entries {
			bodies = append(bodies, e.MessageBody)
		}
		requests = append(requests, bodies)
	}
	return requests
}

func never(string) *api.Error { return nil }

func TestBatchSplitsBySize(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		name  string
		sizes []int
		want  []int // entries of each request
	}{
		{"ten_at_most", slices.Repeat([]int{1}, 21), []int{10, 10, 1}},
		{"exactly_1_MiB", []int{mib / 2, mib / 2, 1}, []int{2, 1}},
		{"one_byte_too_many", []int{mib / 2, mib/2 + 1, 1}, []int{1, 2}},
		{"too_long_by_itself", []int{1, mib + 1, 1, 1}, []int{1, 1, 2}},
		{"attributes_count", []int{-mib, 1}, []int{1, 1}}, // negative: so much in an attribute
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answer: storing(t, never)}
			q := fakeQueue(t, f, sqs.WithMessageClass(sqs.RawMessage{}), func(o *sqs.Options) { o.DisableChecksums = true })
			var messages []*sqs.Message
			for _, size := range test.sizes {
				m := &sqs.Message{Body: strings.Repeat("x", max(size, 0))}
				if size < 0 {
					m.MessageAttributes = map[string]sqs.MessageAttribute{"n": sqs.StringAttribute(strings.Repeat("x", -size-len("nString")))}
				}
				messages = append(messages, m)
			}
			if _, err := q.WriteBatch(t.Context(), messages); err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, bodies := range sentBodies(t, f) {
				got = append(got, len(bodies))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got requests of %v entries, want %v", got, test.want)
			}
		})
	}
}

func TestBatchRepeatsTheServersFaults(t *testing.T) {
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
		q := fakeQueue(t, f, sqs.WithMessageClass(sqs.RawMessage{}))
		start := time.Now()
		results, err := q.WriteBatch(t.Context(), bodies("m", 11))
		if got, want := fmt.Sprint(sentBodies(t, f)), "[[m0 m1 m2 m3 m4 m5 m6 m7 m8 m9] [m1 m2] [m1 m2] [m10]]"; got != want {
			t.Errorf("got requests %s, want %s", got, want)
		}
		if time.Since(start) == 0 {
			t.Error("repeated without a backoff")
		}
		if len(results.Results) != 9 || len(results.Errors) != 2 {
			t.Errorf("got %+v, want that entries 2 and 3 failed", results)
		}
		if !errors.Is(err, sqs.ErrServiceUnavailable) || !errors.Is(err, sqs.ErrInvalidMessageContents) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBatchStopsWhenARequestFails(t *testing.T) {
	f := &fake{}
	f.answer = func(r *request) (*http.Response, error) {
		if len(f.requests()) == 2 {
			return r.fail(api.QueueDoesNotExist.New())
		}
		return storing(t, never)(r)
	}
	results, err := fakeQueue(t, f).WriteBatch(t.Context(), bodies("m", 35))
	if len(f.requests()) != 2 || len(results.Results) != 10 || len(results.Errors) != 25 {
		t.Fatalf("got %d requests, %d results and %d errors; want 2, 10 and 25", len(f.requests()), len(results.Results), len(results.Errors))
	}
	for _, e := range results.Errors {
		if got, want := errors.Is(e.Err, sqs.ErrNotSent), e.Index >= 20; got != want || !errors.Is(e.Err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("entry %d: got %v, want ErrNotSent: %t", e.Index, e.Err, want)
		}
	}
	if !errors.Is(err, sqs.ErrQueueDoesNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestBatchGoesOnAfterAMessageThatIsTooLong(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := sqs.As(create(t, conn, "orders"), sqs.RawMessage{})
		messages := bodies("m", 3)
		messages[1].Body = strings.Repeat("x", 1<<20+1)
		results, err := q.WriteBatch(t.Context(), messages)
		if len(results.Results) != 2 || len(results.Errors) != 1 || results.Errors[0].Index != 1 {
			t.Errorf("got %+v, want that entry 1 failed", results)
		}
		if !errors.Is(err, sqs.ErrBatchRequestTooLong) {
			t.Errorf("got %v, want ErrBatchRequestTooLong", err)
		}
	})
}

func TestBatchContextEndsInBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: storing(t, func(string) *api.Error { return api.InternalError.New() })}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Nanosecond, cancel)
		results, err := fakeQueue(t, f).WriteBatch(ctx, bodies("m", 11))
		if !errors.Is(err, context.Canceled) || len(results.Errors) != 11 {
			t.Fatalf("got %+v, %v; want 11 errors by Canceled", results, err)
		}
		if e := results.Errors[0].Err; !errors.Is(e, sqs.ErrInternal) || !errors.Is(e, context.Canceled) {
			t.Errorf("got %v, want what the server said and Canceled", e)
		}
		if e := results.Errors[10].Err; !errors.Is(e, sqs.ErrNotSent) {
			t.Errorf("got %v, want ErrNotSent", e)
		}
	})
}

func TestBatchEntryThatTheAnswerForgets(t *testing.T) {
	f := &fake{answer: func(r *request) (*http.Response, error) {
		return r.ok(&api.DeleteMessageBatchOutput{Successful: []api.DeleteMessageSuccess{{ID: "0"}, {ID: "77"}, {ID: "x"}}})
	}}
	results, err := fakeQueue(t, f).DeleteMessageBatch(t.Context(), []string{"h0", "h1"})
	if len(results.Results) != 1 || len(results.Errors) != 1 || results.Errors[0].Index != 1 || err == nil {
		t.Errorf("got %+v, %v; want an error for entry 1", results, err)
	}
}
