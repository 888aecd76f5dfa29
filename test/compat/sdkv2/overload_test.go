package sdkv2

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// watched is an HTTP client that notes the answers, and has something done when one is 503, before the SDK hears of it.
type watched struct {
	http.Client
	refused  func()
	statuses []int
	text     string // of the last 503
}

func (w *watched) use(o *sqs.Options) { o.HTTPClient = w }

// Do is what the SDK wants of an HTTP client.
func (w *watched) Do(r *http.Request) (*http.Response, error) {
	answer, err := w.Client.Do(r)
	if err != nil {
		return nil, err
	}
	w.statuses = append(w.statuses, answer.StatusCode)
	if answer.StatusCode == http.StatusServiceUnavailable {
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
		answer.Body.Close()
		answer.Body, w.text = io.NopCloser(bytes.NewReader(text)), string(text)
		w.refused()
	}
	return answer, nil
}

// want checks the answers, of which those of 503 are to be for overload.
func (w *watched) want(t *testing.T, statuses ...int) {
	t.Helper()
	if !slices.Equal(w.statuses, statuses) {
		t.Errorf("got the answers %v, want %v", w.statuses, statuses)
	}
	if slices.Contains(statuses, 503) && !strings.Contains(w.text, "ServiceUnavailable") {
		t.Errorf("503 came as %s, want ServiceUnavailable", w.text)
	}
}

// A server without room for a large message says 503, which the SDK takes for what it is: it tries again, without the
// application, and has its message stored, or received, once.
func TestOverload(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.LeastMemory...)
	q := newQueue(t, s)
	body := strings.Repeat("x", 1<<20)

	release := s.Fill(t)
	through := &watched{refused: release}
	out, err := sqs.New(q.Options(), through.use).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body})
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	through.want(t, 503, 200)

	release = s.Fill(t)
	through = &watched{refused: release}
	in := &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}}
	received, err := sqs.New(q.Options(), through.use).ReceiveMessage(t.Context(), in)
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	through.want(t, 503, 200)
	if n := len(received.Messages); n != 1 {
		t.Fatalf("received %d messages, want 1", n)
	}
	m := received.Messages[0]
	if *m.MessageId != *out.MessageId || *m.Body != body || m.Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("received %s of %d bytes for the %s time, want %s for the first", *m.MessageId, len(*m.Body),
			m.Attributes["ApproximateReceiveCount"], *out.MessageId)
	}

	release = s.Fill(t)
	through = &watched{}
	_, err = sqs.New(q.Options(), through.use).DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle})
	if err != nil {
		t.Fatalf("delete: %v", err)
	}
	through.want(t, 200) // what ends something has room
	release()
	q.wantCounts("0", "0", "0")
}
