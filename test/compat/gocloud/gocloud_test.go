// Package gocloud runs the topics and subscriptions of the Go CDK (gocloud.dev/pubsub/awssnssqs, its SQS part) against
// bufeo: they batch sends, acknowledgements and receives by themselves.
package gocloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"gocloud.dev/gcerrors"
	"gocloud.dev/pubsub"
	"gocloud.dev/pubsub/awssnssqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, func() (string, string, error) {
		version, err := harness.ModuleVersion("go.mod", "gocloud.dev")
		return "Go CDK pubsub (gocloud.dev)", version, err
	}))
}

// rig is a queue, with a topic and a subscription on it.
type rig struct {
	*sqs.Client
	t     *testing.T
	url   string
	topic *pubsub.Topic
	sub   *pubsub.Subscription
}

func newRig(t *testing.T, topic *awssnssqs.TopicOptions) *rig {
	t.Helper()
	return newRigOf(t, harness.QueueName(t), map[string]string{"VisibilityTimeout": "300"}, topic)
}

func newRigOf(t *testing.T, name string, attributes map[string]string, topic *awssnssqs.TopicOptions) *rig {
	t.Helper()
	r := &rig{t: t, Client: sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(shared.URL), Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})}
	out, err := r.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	r.url = *out.QueueUrl
	r.topic = awssnssqs.OpenSQSTopic(t.Context(), r.Client, r.url, topic)
	r.sub = awssnssqs.OpenSubscription(t.Context(), r.Client, r.url, &awssnssqs.SubscriptionOptions{WaitTime: time.Second})
	return r
}

// close closes both ends, which sends what was not sent yet, acknowledgements included.
func (r *rig) close() {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	if err := errors.Join(r.topic.Shutdown(ctx), r.sub.Shutdown(ctx)); err != nil {
		r.t.Error(err)
	}
}

// wantLeft checks how many messages are in the queue, visible or in flight.
func (r *rig) wantLeft(want int) {
	r.t.Helper()
	out, err := r.GetQueueAttributes(r.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &r.url, AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	got := 0
	for name, text := range out.Attributes {
		n, err := strconv.Atoi(text)
		if err != nil {
			r.t.Errorf("%s: %v", name, err)
		}
		got += n
	}
	if got != want {
		r.t.Errorf("%d messages are left, want %d: %v", got, want, out.Attributes)
	}
}

// receive waits for the next message, not for ever.
func (r *rig) receive() *pubsub.Message {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	m, err := r.sub.Receive(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// payload is the body and metadata of message n.
func payload(n int) (body string, metadata map[string]string) {
	keys := slices.Sorted(maps.Keys(harness.HostileBodies))
	body = strconv.Itoa(n) + " " + harness.HostileBodies[keys[n%len(keys)]]
	return body, map[string]string{"n": strconv.Itoa(n), "odd key ☃": "café & <xml> \u00a0", "..": "a\r\nb"}
}

func TestTwoHundredMessages(t *testing.T) {
	t.Parallel()
	const count = 200
	r := newRig(t, nil)
	var sending sync.WaitGroup
	for n := range count {
		sending.Go(func() {
			body, metadata := payload(n)
			if err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte(body), Metadata: metadata}); err != nil {
				t.Errorf("send %d: %v", n, err)
			}
		})
	}
	sending.Wait()
	r.wantLeft(count)
	seen := map[string]bool{}
	for range count {
		m := r.receive()
		n, err := strconv.Atoi(m.Metadata["n"])
		if err != nil || seen[m.Metadata["n"]] {
			t.Fatalf("received number %q, which is a repetition or %v", m.Metadata["n"], err)
		}
		seen[m.Metadata["n"]] = true
		body, metadata := payload(n)
		if string(m.Body) != body || !maps.Equal(m.Metadata, metadata) {
			t.Errorf("received %q %v, want %q %v", m.Body, m.Metadata, body, metadata)
		}
		m.Ack()
	}
	r.close()
	r.wantLeft(0)
}

// A FIFO queue: three groups, each in its order, duplicates left out. The Go CDK takes group and id from the metadata.
func TestFIFO(t *testing.T) {
	t.Parallel()
	const each = 20
	r := newRigOf(t, harness.QueueName(t)+".fifo", map[string]string{"VisibilityTimeout": "300", "FifoQueue": "true"}, nil)
	groups := []string{"a", "b", "c"}
	send := func(group string, n int) {
		t.Helper()
		body := group + "-" + strconv.Itoa(n)
		err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte(body), Metadata: map[string]string{
			awssnssqs.MetadataKeyMessageGroupID: group, awssnssqs.MetadataKeyDeduplicationID: body,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range each {
		for _, group := range groups {
			send(group, n)
		}
	}
	send("a", 0) // a duplicate
	r.wantLeft(len(groups) * each)
	next := map[string]int{}
	for range len(groups) * each {
		m := r.receive()
		group := string(m.Body[:1])
		if want := group + "-" + strconv.Itoa(next[group]); string(m.Body) != want {
			t.Fatalf("received %q, want %q", m.Body, want)
		}
		next[group]++
		m.Ack()
	}
	r.close()
	r.wantLeft(0)
}

func TestBodiesThatAreNotText(t *testing.T) {
	t.Parallel()
	bodies := []string{"\x00\x01\xff", "plain", "\xf0\x28"}
	for name, encoding := range map[string]awssnssqs.BodyBase64Encoding{"where_needed": awssnssqs.NonUTF8Only, "always": awssnssqs.Always} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, &awssnssqs.TopicOptions{BodyBase64Encoding: encoding})
			// A NUL alone is UTF-8, so the Go CDK leaves it as it is, and SQS refuses it.
			for _, body := range bodies {
				if err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte(body)}); err != nil {
					t.Fatalf("send %q: %v", body, err)
				}
			}
			var got []string
			for range bodies {
				m := r.receive()
				got = append(got, string(m.Body))
				m.Ack()
			}
			want := slices.Sorted(slices.Values(bodies))
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			r.close()
			r.wantLeft(0)
		})
	}
}

func TestNackedMessageComesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte("again")}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m := r.receive()
		if string(m.Body) != "again" || !m.Nackable() {
			t.Fatalf("got %q, nackable %v", m.Body, m.Nackable())
		}
		m.Nack()
	}
	m := r.receive()
	m.Ack()
	r.close()
	r.wantLeft(0)
}

func TestForbiddenBodyFailsAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	results := make(chan error, 3)
	for _, body := range []string{"one", "two \x00", "three"} {
		go func() {
			err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte(body)})
			if err != nil && body != "two \x00" {
				err = fmt.Errorf("send %q: %w", body, err)
				t.Error(err)
			}
			results <- err
		}()
	}
	failed := 0
	for range 3 {
		if err := <-results; err != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d sends failed, want the one of the forbidden body", failed)
	}
	r.wantLeft(2)
	r.close()
}

func TestQueueThatIsNotThere(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if _, err := r.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &r.url}); err != nil {
		t.Fatal(err)
	}
	err := r.topic.Send(t.Context(), &pubsub.Message{Body: []byte("x")})
	var gone *types.QueueDoesNotExist
	if !r.topic.ErrorAs(err, &gone) {
		t.Errorf("send: %v (%v), want QueueDoesNotExist", err, gcerrors.Code(err))
	}
	if _, err := r.sub.Receive(t.Context()); !r.sub.ErrorAs(err, &gone) {
		t.Errorf("receive: %v, want QueueDoesNotExist", err)
	}
}
