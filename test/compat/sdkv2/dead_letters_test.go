package sdkv2

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func (q *queue) arn() string { return "arn:aws:sqs:us-east-1:000000000000:" + q.name }

// redrive is a RedrivePolicy to q.
func (q *queue) redrive(maxReceiveCount int) string {
	return `{"deadLetterTargetArn":"` + q.arn() + `","maxReceiveCount":` + strconv.Itoa(maxReceiveCount) + `}`
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	dead := newQueue(t, s)
	q := newQueue(t, s, "RedrivePolicy", dead.redrive(2), "VisibilityTimeout", "0")
	if got := q.attributes("RedrivePolicy")["RedrivePolicy"]; got != dead.redrive(2) {
		t.Errorf("RedrivePolicy = %s, want %s", got, dead.redrive(2))
	}
	sent, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &q.url, MessageBody: aws.String("poison"), MessageAttributes: map[string]types.MessageAttributeValue{"n": text("Number", "1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	first := q.receiveOne()
	q.receiveOne()
	q.wantBodies() // the third receive moves it
	q.wantCounts("0", "0", "0")
	dead.wantCounts("1", "0", "0")
	s.Restart(t)
	got := dead.receiveOne()
	if *got.MessageId != *sent.MessageId || *got.Body != "poison" || *got.MD5OfMessageAttributes != *sent.MD5OfMessageAttributes {
		t.Errorf("dead letter %+v, want what was sent, %v", got, *sent.MessageId)
	}
	wantAttributes(t, got.MessageAttributes, map[string]types.MessageAttributeValue{"n": text("Number", "1")})
	for name, want := range map[string]string{
		"DeadLetterQueueSourceArn": q.arn(), "ApproximateReceiveCount": "3", "SentTimestamp": first.Attributes["SentTimestamp"],
	} {
		if got.Attributes[name] != want {
			t.Errorf("%s = %q, want %q", name, got.Attributes[name], want)
		}
	}
	dead.delete(got)
	dead.wantCounts("0", "0", "0")
}

// A poisoned message of a FIFO queue goes to the dead-letter queue and its group goes on, in order.
func TestFIFODeadLetters(t *testing.T) {
	t.Parallel()
	dead := newFIFO(t, shared)
	q := newFIFO(t, shared, "RedrivePolicy", dead.redrive(1), "VisibilityTimeout", "30")
	for i, body := range []string{"poison", "two", "three"} {
		q.sendTo("g", strconv.Itoa(i), body)
	}
	q.hide(q.receiveOne(func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 }), 0)
	q.wantBodies("two", "three")
	got := dead.wantBodies("poison")[0]
	if got.Attributes["MessageGroupId"] != "g" || got.Attributes["MessageDeduplicationId"] != "0" || got.Attributes["DeadLetterQueueSourceArn"] != q.arn() {
		t.Errorf("attributes of the dead letter: %v", got.Attributes)
	}
}

func TestListDeadLetterSourceQueues(t *testing.T) {
	t.Parallel()
	dead := newQueue(t, shared)
	var want []string
	for range 5 {
		want = append(want, newQueue(t, shared, "RedrivePolicy", dead.redrive(3)).url)
	}
	slices.Sort(want)
	var got []string
	in := &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead.url, MaxResults: aws.Int32(2)}
	for pages := sqs.NewListDeadLetterSourceQueuesPaginator(dead, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.QueueUrls...)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	_, err := dead.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead.unknown()})
	noQueue.check(t, err)
}

func TestRedriveRefused(t *testing.T) {
	t.Parallel()
	q, dead, fifo := newQueue(t, shared), newQueue(t, shared), newFIFO(t, shared)
	try := func(policy string) error {
		_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: map[string]string{"RedrivePolicy": policy}})
		return err
	}
	for _, policy := range []string{
		"no json", `{"deadLetterTargetArn":"` + dead.arn() + `"}`, dead.redrive(0), dead.redrive(1001),
		(&queue{name: "never-made"}).redrive(1), fifo.redrive(1),
	} {
		refusal{nil, codeInvalid, 400, ""}.check(t, try(policy))
	}
	allow, err := json.Marshal(map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{fifo.arn()}})
	if err != nil {
		t.Fatal(err)
	}
	set(t, dead, "RedriveAllowPolicy", string(allow))
	refusal{nil, codeInvalid, 400, ""}.check(t, try(dead.redrive(1)))
	set(t, dead, "RedriveAllowPolicy", `{"redrivePermission":"allowAll"}`)
	if err := try(dead.redrive(1)); err != nil {
		t.Error(err)
	}
	set(t, q, "RedrivePolicy", "")
	if got := q.attributes("All")["RedrivePolicy"]; got != "" {
		t.Errorf("RedrivePolicy = %s after it was removed", got)
	}
}
