package sdkv1

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// A write that was answered is stored; one that was refused is not; one that got no answer is an error to the caller,
// and may be stored. This SDK posts Query calls to the host in the queue's URL, so the queue is made through the proxy.
func TestWritesThatFailAndWritesThatAreAnswered(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		next        []harness.Fault
		always      harness.Fault
		wantErr     string
		least, most int
	}{
		"answered":                        {next: []harness.Fault{harness.Pass}, least: 1, most: 1},
		"500_then_answered":               {next: []harness.Fault{harness.ServerError}, least: 1, most: 1},
		"cut_then_answered":               {next: []harness.Fault{harness.CutBefore}, least: 1, most: 1},
		"stored_but_cut_then_answered":    {next: []harness.Fault{harness.CutAfter}, least: 1, most: 2},
		"always_500":                      {always: harness.ServerError, wantErr: "500"},
		"always_cut":                      {always: harness.CutBefore, wantErr: "EOF"},
		"answer_with_another_body_digest": {always: harness.WrongDigest, wantErr: "InvalidChecksum", least: 1, most: 3},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			proxy := harness.NewProxy(t, shared)
			through := newQueueOf(t, newClient(t, proxy.URL))
			if !strings.HasPrefix(through.url, proxy.URL+"/") {
				t.Fatalf("QueueUrl = %s, want it to name the host that the client used, %s", through.url, proxy.URL)
			}
			if test.always != harness.Pass {
				proxy.Always(test.always)
			} else {
				proxy.Next(test.next...)
			}
			out, err := through.SendMessage(&sqs.SendMessageInput{QueueUrl: &through.url, MessageBody: aws.String("x")})
			switch {
			case test.wantErr == "" && err != nil:
				t.Fatalf("got %v, want an answer", err)
			case test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)):
				t.Fatalf("got %v, %v, want an error with %q", out, err, test.wantErr)
			}
			proxy.Next()
			stored := through.receive()
			if len(stored) < test.least || len(stored) > test.most {
				t.Errorf("%d messages are stored, want %d to %d", len(stored), test.least, test.most)
			}
			found := err != nil
			for _, m := range stored {
				found = found || *m.MessageId == *out.MessageId
			}
			if !found {
				t.Errorf("the answer named %s, which is not stored", *out.MessageId)
			}
		})
	}
}

func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newQueue(t, s)
	q.send("kept")
	q.hide(q.receiveOne(), 0)
	q.send("deleted")
	for _, m := range q.receive() {
		if *m.Body == "deleted" {
			q.delete(m)
			continue
		}
		q.hide(m, 0)
	}
	s.Kill(t)
	if _, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("lost")}); err == nil {
		t.Error("a send to a dead server was answered")
	}
	s.Restart(t)
	got := q.receiveOne()
	if *got.Body != "kept" || *got.Attributes["ApproximateReceiveCount"] != "3" {
		t.Errorf("received %q with count %s, want kept with 3", *got.Body, *got.Attributes["ApproximateReceiveCount"])
	}
}
