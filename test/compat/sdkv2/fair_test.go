package sdkv2

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// A tenant with 30 messages in flight is noisy: a quiet tenant's message passes those that wait, unless
// the operator wants strictly the oldest first.
func TestFairQueues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"by_default", nil, "quiet"},
		{"off", []string{"--fair-queues=off"}, "noisy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQueue(t, harness.Start(t, c.args...))
			for range 5 {
				q.sendGroup("noisy", 10)
			}
			q.sendGroup("quiet", 1)
			for range 3 {
				if got := q.receive(hidden(600)); len(got) != 10 {
					t.Fatalf("received %d, want 10", len(got))
				}
			}
			got := q.receive(hidden(600), func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })
			if len(got) != 1 || got[0].Attributes["MessageGroupId"] != c.want {
				t.Errorf("received %v, want one of the %s tenant", got, c.want)
			}
		})
	}
}

// sendGroup sends a batch of n messages with a MessageGroupId.
func (q *queue) sendGroup(group string, n int) {
	q.t.Helper()
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
	for i := range n {
		id := fmt.Sprint(i)
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &id, MessageGroupId: &group})
	}
	if out, err := q.SendMessageBatch(q.t.Context(), in); err != nil || len(out.Failed) > 0 {
		q.t.Fatalf("send: %v, %v", out, err)
	}
}
