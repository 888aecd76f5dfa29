package server

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
)

func limited(t *testing.T, o *Options) *Server {
	t.Helper()
	o.InMemory = true
	s := newServer(t, o)
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	return s
}

func postJSON(s *Server, action, body string) (code int, answer, queryError string) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Host = "127.0.0.1"
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("x-amzn-query-error")
}

// Both limits of storage refuse whole requests, batches included, with what clients try again, and say which it was. What
// is there can be received and deleted, and then there is room at once.
func TestLimits_of_storage(t *testing.T) {
	const one = 96 + 1 + 9 // a message, its body, "anonymous"
	for name, o := range map[string]*Options{
		"--max-queue-storage": {MaxQueueStorage: 300}, "--max-storage": {MaxStorage: 300},
	} {
		t.Run(name[2:], func(t *testing.T) {
			s := limited(t, o)
			ask(t, s, 200, "Action=SendMessage&MessageBody=x")
			const two = "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x" +
				"&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=x"
			if got := ask(t, s, 503, two); !strings.Contains(got, "<Code>ServiceUnavailable</Code>") || !strings.Contains(got, name) {
				t.Errorf("got %s", got)
			}
			code, got, _ := postJSON(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"`+strings.Repeat("x", 200)+`"}`)
			if code != 503 || !strings.Contains(got, "#ServiceUnavailableException") || !strings.Contains(got, name) {
				t.Errorf("got %d %s", code, got)
			}
			h := health(t, s)
			if o.MaxStorage > 0 {
				if want := (Usage{one, Limit{300, 2}}); h.Storage != want || h.QueueStorage.Refused != 0 {
					t.Errorf("health: got %+v, want %+v", h, want)
				}
			} else if want := (Limit{300, 2}); h.QueueStorage != want || h.Storage != (Usage{one, Limit{}}) {
				t.Errorf("health: got %+v, want %+v", h, want)
			}
			wantProbe(t, s, "/readyz", 200, "ready")
			if got := receiveAll(t, s); len(got) != 1 {
				t.Errorf("received %q", got)
			}
			ask(t, s, 200, "Action=PurgeQueue")
			ask(t, s, 200, two)
		})
	}
}

func TestLimits_of_queues(t *testing.T) {
	s := limited(t, &Options{MaxQueues: 1, AutoCreateQueues: true})
	w := get(s, "/?Action=CreateQueue&QueueName=other")
	if got := w.Body.String(); w.Code != 403 || !strings.Contains(got, "<Code>OverLimit</Code>") || !strings.Contains(got, "--max-queues") {
		t.Errorf("got %d %s", w.Code, got)
	}
	for action, body := range map[string]string{
		"CreateQueue": `{"QueueName":"other"}`,
		"SendMessage": `{"QueueUrl":"other","MessageBody":"m"}`, // which would create it
	} {
		code, got, queryError := postJSON(s, action, body)
		if code != 403 || !strings.Contains(got, "com.amazonaws.sqs#OverLimit") || queryError != "OverLimit;Sender" || !strings.Contains(got, "--max-queues") {
			t.Errorf("%s: got %d %s %s", action, code, got, queryError)
		}
	}
	if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
		t.Errorf("one that is there: %s", w.Body)
	}
	if got, want := health(t, s).Queues, (Usage{1, Limit{1, 3}}); got != want {
		t.Errorf("health: got %+v, want %+v", got, want)
	}
}
