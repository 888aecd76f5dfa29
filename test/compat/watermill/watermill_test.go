// Package watermill runs Watermill's SQS publisher and subscriber (github.com/ThreeDotsLabs/watermill-aws) against bufeo.
package watermill

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wsqs "github.com/ThreeDotsLabs/watermill-aws/sqs"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, func() (string, string, error) {
		version, err := harness.ModuleVersion("go.mod", "github.com/ThreeDotsLabs/watermill-aws")
		return "Watermill (watermill-aws)", version, err
	}))
}

func config() aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(shared.URL), Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}
}

func publisher(t *testing.T, attributes wsqs.QueueConfigAttributes) *wsqs.Publisher {
	t.Helper()
	p, err := wsqs.NewPublisher(wsqs.PublisherConfig{AWSConfig: config(), CreateQueueConfig: attributes}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// subscribe starts a subscriber of a topic and returns its messages and what ends it.
func subscribe(t *testing.T, topic string, attributes wsqs.QueueConfigAttributes) (<-chan *message.Message, func()) {
	t.Helper()
	s, err := wsqs.NewSubscriber(wsqs.SubscriberConfig{AWSConfig: config(), QueueConfigAttributes: attributes}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	messages, err := s.Subscribe(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return messages, func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// wantLeft checks how many messages are in the queue of a topic, visible or in flight.
func wantLeft(t *testing.T, topic string, want int) {
	t.Helper()
	c := sqs.NewFromConfig(config())
	at, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &topic})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: at.QueueUrl, AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"},
	})
	if err != nil {
		t.Fatal(err)
	}
	visible, err1 := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
	hidden, err2 := strconv.Atoi(out.Attributes["ApproximateNumberOfMessagesNotVisible"])
	if err := errors.Join(err1, err2); err != nil || visible+hidden != want {
		t.Errorf("%d + %d messages are left, want %d (%v)", visible, hidden, want, err)
	}
}

// next waits for the next message.
func next(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case m := <-messages:
		return m
	case <-time.After(time.Minute):
		t.Fatal("no message came in a minute")
		return nil
	}
}

// acked acknowledges m and waits until the subscriber has deleted it, which shows in its cancelling m's context.
func acked(t *testing.T, m *message.Message) {
	t.Helper()
	if !m.Ack() {
		t.Errorf("%s: not acknowledged", m.UUID)
	}
	<-m.Context().Done()
}

func TestTwoHundredMessages(t *testing.T) {
	t.Parallel()
	const count = 200
	topic := harness.QueueName(t)
	p := publisher(t, wsqs.QueueConfigAttributes{})
	keys := slices.Sorted(maps.Keys(harness.HostileBodies))
	sent := map[string]*message.Message{}
	for n := range count {
		m := message.NewMessage(watermill.NewUUID(), []byte(strconv.Itoa(n)+harness.HostileBodies[keys[n%len(keys)]]))
		m.Metadata = message.Metadata{"n": strconv.Itoa(n), "text": "café & <xml>"}
		sent[m.UUID] = m
		if err := p.Publish(topic, m); err != nil {
			t.Fatal(err)
		}
	}
	wantLeft(t, topic, count)
	messages, end := subscribe(t, topic, wsqs.QueueConfigAttributes{})
	for len(sent) > 0 {
		got := next(t, messages)
		want, ok := sent[got.UUID]
		if !ok {
			t.Fatalf("%s came twice or was never sent", got.UUID)
		}
		delete(sent, got.UUID)
		if !got.Equals(want) {
			t.Errorf("received %q %v, want %q %v", got.Payload, got.Metadata, want.Payload, want.Metadata)
		}
		acked(t, got)
	}
	end()
	wantLeft(t, topic, 0)
}

// The subscriber makes the queue, which its first long poll then finds empty: the message wakes it.
func TestSubscriberIsFirst(t *testing.T) {
	t.Parallel()
	topic := harness.QueueName(t)
	messages, end := subscribe(t, topic, wsqs.QueueConfigAttributes{VisibilityTimeout: "60"})
	p := publisher(t, wsqs.QueueConfigAttributes{VisibilityTimeout: "60"})
	for _, body := range []string{"one", "two", "three"} {
		if err := p.Publish(topic, message.NewMessage(watermill.NewUUID(), []byte(body))); err != nil {
			t.Fatal(err)
		}
		got := next(t, messages)
		if string(got.Payload) != body {
			t.Errorf("got %q, want %q", got.Payload, body)
		}
		acked(t, got)
	}
	end()
	wantLeft(t, topic, 0)
}

// A message that is not acknowledged comes again when its visibility timeout is over.
func TestNackedMessageComesAgain(t *testing.T) {
	t.Parallel()
	topic := harness.QueueName(t)
	short := wsqs.QueueConfigAttributes{VisibilityTimeout: "1"}
	p := publisher(t, short)
	if err := p.Publish(topic, message.NewMessage(watermill.NewUUID(), []byte("again"))); err != nil {
		t.Fatal(err)
	}
	messages, end := subscribe(t, topic, short)
	first := next(t, messages)
	first.Nack()
	second := next(t, messages)
	if !second.Equals(first) {
		t.Errorf("second delivery: %s %q, want %s %q", second.UUID, second.Payload, first.UUID, first.Payload)
	}
	acked(t, second)
	end()
	wantLeft(t, topic, 0)
}

// A FIFO queue keeps the order of each group and drops duplicates. Watermill has the input of a send made by the caller.
func TestFIFO(t *testing.T) {
	t.Parallel()
	const each = 15
	topic := harness.QueueName(t) + ".fifo"
	attributes := wsqs.QueueConfigAttributes{FifoQueue: true, VisibilityTimeout: "300"}
	p, err := wsqs.NewPublisher(wsqs.PublisherConfig{
		AWSConfig: config(), CreateQueueConfig: attributes,
		GenerateSendMessageInput: func(ctx context.Context, url wsqs.QueueURL, m *types.Message) (*sqs.SendMessageInput, error) {
			in, err := wsqs.GenerateSendMessageInputDefault(ctx, url, m)
			if err == nil {
				in.MessageGroupId, in.MessageDeduplicationId = aws.String((*m.Body)[:1]), m.Body
			}
			return in, err
		},
	}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	groups := []string{"a", "b"}
	for n := range each {
		for _, group := range groups {
			if err := p.Publish(topic, message.NewMessage(watermill.NewUUID(), []byte(group+strconv.Itoa(n)))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.Publish(topic, message.NewMessage(watermill.NewUUID(), []byte("a0"))); err != nil { // a duplicate
		t.Fatal(err)
	}
	wantLeft(t, topic, len(groups)*each)
	messages, end := subscribe(t, topic, attributes)
	done := map[string]int{}
	for range len(groups) * each {
		got := next(t, messages)
		group := string(got.Payload[:1])
		if want := group + strconv.Itoa(done[group]); string(got.Payload) != want {
			t.Fatalf("got %q, want %q", got.Payload, want)
		}
		done[group]++
		acked(t, got)
	}
	end()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	wantLeft(t, topic, 0)
}

// Watermill's router: a handler reads one topic and what it returns goes to another.
func TestRouter(t *testing.T) {
	t.Parallel()
	in, out := harness.QueueName(t), harness.QueueName(t)
	p := publisher(t, wsqs.QueueConfigAttributes{})
	s, err := wsqs.NewSubscriber(wsqs.SubscriberConfig{AWSConfig: config()}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	router.AddHandler("copy", in, s, out, p, func(m *message.Message) ([]*message.Message, error) {
		return message.Messages{message.NewMessage(m.UUID, append([]byte("copy of "), m.Payload...))}, nil
	})
	ended := make(chan error, 1)
	go func() { ended <- router.Run(context.WithoutCancel(t.Context())) }()
	<-router.Running()
	if err := p.Publish(in, message.NewMessage("1", []byte("this"))); err != nil {
		t.Fatal(err)
	}
	messages, end := subscribe(t, out, wsqs.QueueConfigAttributes{})
	got := next(t, messages)
	if got.UUID != "1" || string(got.Payload) != "copy of this" {
		t.Errorf("got %s %q", got.UUID, got.Payload)
	}
	acked(t, got)
	end()
	if err := errors.Join(router.Close(), <-ended); err != nil {
		t.Error(err)
	}
	wantLeft(t, out, 0)
}
