package sdkv2

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// A write that was answered is stored; one that was refused is not; one that got no answer is an error to the caller,
// and may be stored.
func TestWritesThatFailAndWritesThatAreAnswered(t *testing.T) {
	t.Parallel()
	const pass, serverError, unavailable = harness.Pass, harness.ServerError, harness.Unavailable
	tests := map[string]struct {
		next        []harness.Fault // then everything passes
		always      harness.Fault
		wantErr     string // "": the send must succeed
		least, most int    // messages stored afterwards
	}{
		"answered":                        {next: []harness.Fault{pass}, least: 1, most: 1},
		"500_then_answered":               {next: []harness.Fault{serverError}, least: 1, most: 1},
		"503_twice_then_answered":         {next: []harness.Fault{unavailable, unavailable}, least: 1, most: 1},
		"cut_then_answered":               {next: []harness.Fault{harness.CutBefore}, least: 1, most: 1},
		"stored_but_cut_then_answered":    {next: []harness.Fault{harness.CutAfter}, least: 1, most: 2},
		"always_500":                      {always: serverError, wantErr: "StatusCode: 500"},
		"always_cut":                      {always: harness.CutBefore, wantErr: "request send failed"},
		"always_stored_and_cut":           {always: harness.CutAfter, wantErr: "request send failed", least: 1, most: 3},
		"answer_with_another_body_digest": {always: harness.WrongDigest, wantErr: "checksum", least: 1, most: 3},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			proxy := harness.NewProxy(t, shared)
			direct := newQueue(t, shared)
			through := newClient(proxy.URL)
			if test.always != pass {
				proxy.Always(test.always)
			} else {
				proxy.Next(test.next...)
			}
			out, err := through.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &direct.url, MessageBody: aws.String("x")})
			switch {
			case test.wantErr == "" && err != nil:
				t.Fatalf("got %v, want an answer", err)
			case test.wantErr != "" && err == nil:
				t.Fatalf("got an answer, want an error with %q", test.wantErr)
			case err != nil && !strings.Contains(err.Error(), test.wantErr):
				t.Errorf("got %v, want an error with %q", err, test.wantErr)
			}
			stored := direct.receive()
			if len(stored) < test.least || len(stored) > test.most {
				t.Errorf("%d messages are stored, want %d to %d", len(stored), test.least, test.most)
			}
			if err != nil {
				return
			}
			found := false
			for _, m := range stored {
				found = found || *m.MessageId == *out.MessageId
			}
			if !found {
				t.Errorf("the answer named %s, which is not stored", *out.MessageId)
			}
		})
	}
}

func TestRefusedSends(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: q.unknown(), MessageBody: aws.String("x")})
	noQueue.check(t, err)
	_, err = q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("")})
	refusal{nil, "MissingParameter", 400, "The request must contain the parameter MessageBody."}.check(t, err)
	_, err = q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageDeduplicationId: aws.String("d")})
	refusal{nil, codeInvalid, 400, "not valid for this queue type"}.check(t, err)
	q.wantCounts("0", "0", "0")
}

// A server that is gone refuses connections: the send fails, and what was answered before is still there afterwards.
func TestServerGone(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newQueue(t, s)
	q.send("before")
	s.Kill(t)
	if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("lost")}); err == nil {
		t.Error("a send to a dead server was answered")
	}
	s.Restart(t)
	if got := q.receiveOne(); *got.Body != "before" {
		t.Errorf("received %q, want before", *got.Body)
	}
}

// Everything that was answered survives kill -9.
func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newQueue(t, s, "VisibilityTimeout", "45")

	for _, body := range []string{"waiting", "deleted", "in flight", "seen twice"} {
		in := &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body}
		if _, err := q.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	held := map[string]*string{}
	for _, m := range q.receive(hidden(1000)) {
		held[*m.Body] = m.ReceiptHandle
		switch *m.Body {
		case "waiting", "seen twice":
			q.hide(m, 0)
		case "deleted":
			q.delete(m)
		}
	}
	for _, m := range q.receive() {
		if *m.Body == "waiting" || *m.Body == "seen twice" {
			q.hide(m, 0)
		}
	}
	if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("delayed"), DelaySeconds: 900}); err != nil {
		t.Fatal(err)
	}
	q.sendBatch(entry("a", "batch"), entry("b", "batch"))
	gone := newQueue(t, s)
	if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &gone.url}); err != nil {
		t.Fatal(err)
	}

	s.Restart(t)

	q.wantCounts("4", "1", "1")
	if got := q.attributes("VisibilityTimeout")["VisibilityTimeout"]; got != "45" {
		t.Errorf("VisibilityTimeout = %s after the restart, want 45", got)
	}
	_, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &gone.name})
	noQueue.check(t, err)

	counts := map[string]string{}
	for _, m := range q.receive() {
		counts[*m.Body] = m.Attributes["ApproximateReceiveCount"]
		q.delete(m)
	}
	want := map[string]string{"waiting": "3", "seen twice": "3", "batch": "1"}
	for body, count := range want {
		if counts[body] != count {
			t.Errorf("%s: ApproximateReceiveCount = %q, want %s", body, counts[body], count)
		}
	}
	if len(counts) != len(want) {
		t.Errorf("received %v, want %v", counts, want)
	}
	// A handle from before the restart still works.
	if _, err := q.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: held["in flight"]}); err != nil {
		t.Error(err)
	}

	s.Restart(t)
	q.wantCounts("0", "0", "1")
}
