// Package sdkv2 runs aws-sdk-go-v2 against bufeo: AWS JSON 1.0, every action, every modelled error.
package sdkv2

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// shared serves the tests that neither kill their server nor need its rules of 60 seconds.
var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, func() (string, string, error) {
		version, err := harness.ModuleVersion("go.mod", "github.com/aws/aws-sdk-go-v2/service/sqs")
		return "aws-sdk-go-v2", version, err
	}))
}

// newClient is a client as an application has it, but for the pauses between its retries.
func newClient(url string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("any", "any", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = time.Millisecond
			o.RateLimiter = ratelimit.None
		}),
	})
}

// queue is a queue of one test and a client that talks to it.
type queue struct {
	*sqs.Client
	t    *testing.T
	name string
	url  string
}

// newQueue makes a queue on s. attributes are name, value, name, value, ….
func newQueue(t *testing.T, s *harness.Server, attributes ...string) *queue {
	t.Helper()
	return newQueueOf(t, newClient(s.URL), attributes...)
}

func newQueueOf(t *testing.T, c *sqs.Client, attributes ...string) *queue {
	t.Helper()
	q := &queue{Client: c, t: t, name: harness.QueueName(t)}
	in := &sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs(attributes)}
	out, err := q.CreateQueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	return q
}

func pairs(list []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

// send sends body and fails the test if that fails.
func (q *queue) send(body string) *sqs.SendMessageOutput {
	q.t.Helper()
	out, err := q.SendMessage(q.t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body})
	if err != nil {
		q.t.Fatalf("send %.40q: %v", body, err)
	}
	return out
}

// receive receives up to 10 messages with all their attributes. Options change the request.
func (q *queue) receive(options ...func(*sqs.ReceiveMessageInput)) []types.Message {
	q.t.Helper()
	in := &sqs.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	}
	for _, option := range options {
		option(in)
	}
	out, err := q.ReceiveMessage(q.t.Context(), in)
	if err != nil {
		q.t.Fatalf("receive: %v", err)
	}
	return out.Messages
}

// receiveOne is receive, for a queue where exactly one message must be visible.
func (q *queue) receiveOne(options ...func(*sqs.ReceiveMessageInput)) types.Message {
	q.t.Helper()
	got := q.receive(options...)
	if len(got) != 1 {
		q.t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// wait makes a receive a long poll.
func wait(seconds int32) func(*sqs.ReceiveMessageInput) {
	return func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = seconds }
}

// hidden sets the visibility timeout of a receive, in seconds. The SDK leaves 0 out, which means the queue's own.
func hidden(seconds int32) func(*sqs.ReceiveMessageInput) {
	return func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = seconds }
}

// attributes reads the queue's attributes.
func (q *queue) attributes(names ...types.QueueAttributeName) map[string]string {
	q.t.Helper()
	out, err := q.GetQueueAttributes(q.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: names})
	if err != nil {
		q.t.Fatalf("attributes: %v", err)
	}
	return out.Attributes
}

// wantCounts checks the three counts of messages: visible, in flight, delayed.
func (q *queue) wantCounts(visible, inFlight, delayed string) {
	q.t.Helper()
	all := q.attributes("All")
	got := [3]string{
		all["ApproximateNumberOfMessages"], all["ApproximateNumberOfMessagesNotVisible"], all["ApproximateNumberOfMessagesDelayed"],
	}
	if want := [3]string{visible, inFlight, delayed}; got != want {
		q.t.Errorf("visible, in flight, delayed = %v, want %v", got, want)
	}
}

// refusal is what a call must fail with.
type refusal struct {
	as     func(error) bool // the SDK's own type, nil where the API models none
	code   string           // as smithy.APIError has it
	status int
	text   string // somewhere in the message
}

// check checks err against r.
func (r refusal) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %s", r.code)
	}
	var fault smithy.APIError
	if !errors.As(err, &fault) {
		t.Fatalf("got %T %v, want an API error %s", err, err, r.code)
	}
	if fault.ErrorCode() != r.code {
		t.Errorf("code = %s, want %s (%v)", fault.ErrorCode(), r.code, err)
	}
	if !strings.Contains(fault.ErrorMessage(), r.text) {
		t.Errorf("message = %q, want it to contain %q", fault.ErrorMessage(), r.text)
	}
	if r.as != nil && !r.as(err) {
		t.Errorf("%T is not the modelled type of %s", fault, r.code)
	}
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) {
		t.Fatalf("%v has no HTTP answer", err)
	}
	if got := answer.HTTPStatusCode(); got != r.status {
		t.Errorf("status = %d, want %d", got, r.status)
	}
}

// is is errors.As as a value.
func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

const (
	codeNoQueue = "AWS.SimpleQueueService.NonExistentQueue"
	codeInvalid = "InvalidParameterValue"
)

var (
	noQueue = refusal{is[*types.QueueDoesNotExist], codeNoQueue, 400, "The specified queue does not exist"}
)

// unknown is the URL of a queue that never existed.
func (q *queue) unknown() *string { return aws.String(q.url + "-never-made") }
