// Package sdkv1 runs aws-sdk-go v1 against bufeo. The suite is built twice from the same sources: with go.mod it is
// v1.47.5, the last release that spoke AWS Query to SQS, and with -modfile=go.json.mod the last release of all, which
// speaks AWS JSON. Most programs that still carry v1 have one of these two forms.
package sdkv1

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// shared serves the tests that do not kill their server.
var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, func() (string, string, error) {
		if query {
			return "aws-sdk-go v1 (Query)", aws.SDKVersion, nil
		}
		return "aws-sdk-go v1", aws.SDKVersion, nil
	}))
}

// query reports whether this build of the SDK speaks AWS Query: the protocol decides the text of one error.
var query = !strings.HasPrefix(aws.SDKVersion, "1.55.")

func newClient(t *testing.T, url string) *sqs.SQS {
	t.Helper()
	config := &aws.Config{
		Region: aws.String("us-east-1"), Endpoint: &url, Credentials: credentials.NewStaticCredentials("any", "any", ""),
		Retryer: client.DefaultRetryer{NumMaxRetries: 2, MinRetryDelay: time.Microsecond, MaxRetryDelay: time.Millisecond},
	}
	s, err := session.NewSession(config)
	if err != nil {
		t.Fatal(err)
	}
	c := sqs.New(s)
	c.Handlers.Send.PushFront(func(r *request.Request) {
		json := r.HTTPRequest.Header.Get("X-Amz-Target") != ""
		if json == query {
			t.Errorf("SDK %s: the request is JSON: %v, want %v", aws.SDKVersion, json, !query)
		}
	})
	return c
}

// queue is a queue of one test and a client that talks to it.
type queue struct {
	*sqs.SQS
	t    *testing.T
	name string
	url  string
}

// newQueue makes a queue on s. attributes are name, value, name, value, ….
func newQueue(t *testing.T, s *harness.Server, attributes ...string) *queue {
	t.Helper()
	return newQueueOf(t, newClient(t, s.URL), attributes...)
}

func newQueueOf(t *testing.T, c *sqs.SQS, attributes ...string) *queue {
	t.Helper()
	q := &queue{SQS: c, t: t, name: harness.QueueName(t)}
	out, err := q.CreateQueue(&sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs(attributes...)})
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	return q
}

func pairs(list ...string) map[string]*string {
	m := map[string]*string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = &list[i+1]
	}
	return m
}

func (q *queue) send(body string) *sqs.SendMessageOutput {
	q.t.Helper()
	out, err := q.SendMessage(&sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body})
	if err != nil {
		q.t.Fatalf("send %.40q: %v", body, err)
	}
	return out
}

// receive receives up to 10 messages with all their attributes.
func (q *queue) receive(options ...func(*sqs.ReceiveMessageInput)) []*sqs.Message {
	q.t.Helper()
	in := &sqs.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: aws.Int64(10), AttributeNames: aws.StringSlice([]string{"All"}),
		MessageAttributeNames: aws.StringSlice([]string{"All"}),
	}
	for _, option := range options {
		option(in)
	}
	out, err := q.ReceiveMessage(in)
	if err != nil {
		q.t.Fatalf("receive: %v", err)
	}
	return out.Messages
}

// receiveOne is receive, for a queue where exactly one message must be visible.
func (q *queue) receiveOne(options ...func(*sqs.ReceiveMessageInput)) *sqs.Message {
	q.t.Helper()
	got := q.receive(options...)
	if len(got) != 1 {
		q.t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

func wait(seconds int64) func(*sqs.ReceiveMessageInput) {
	return func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = &seconds }
}

func hidden(seconds int64) func(*sqs.ReceiveMessageInput) {
	return func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = &seconds }
}

func (q *queue) hide(m *sqs.Message, seconds int64) {
	q.t.Helper()
	if _, err := q.ChangeMessageVisibility(&sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: &seconds}); err != nil {
		q.t.Fatal(err)
	}
}

func (q *queue) delete(m *sqs.Message) {
	q.t.Helper()
	if _, err := q.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
		q.t.Fatal(err)
	}
}

func (q *queue) attributes(names ...string) map[string]string {
	q.t.Helper()
	out, err := q.GetQueueAttributes(&sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: aws.StringSlice(names)})
	if err != nil {
		q.t.Fatal(err)
	}
	return aws.StringValueMap(out.Attributes)
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

// refused checks that err is an answer of the server with this code and status, and text somewhere in its message.
func refused(t *testing.T, err error, code string, status int, text string) {
	t.Helper()
	var failure awserr.RequestFailure
	if !errors.As(err, &failure) {
		t.Fatalf("got %T %v, want %s", err, err, code)
	}
	if failure.Code() != code || failure.StatusCode() != status {
		t.Errorf("got %s with status %d, want %s with status %d", failure.Code(), failure.StatusCode(), code, status)
	}
	if !strings.Contains(failure.Message(), text) {
		t.Errorf("message = %q, want it to contain %q", failure.Message(), text)
	}
	if failure.RequestID() == "" {
		t.Error("the error has no request id")
	}
}

const codeInvalid = "InvalidParameterValue"

// noQueue checks for the answer about a queue that is not there; the protocols word it differently.
func noQueue(t *testing.T, err error) {
	t.Helper()
	want := "The specified queue does not exist."
	if query {
		want = "The specified queue does not exist for this wsdl version."
	}
	refused(t, err, sqs.ErrCodeQueueDoesNotExist, 400, want)
}

// unknown is the URL of a queue that never existed.
func (q *queue) unknown() *string { return aws.String(q.url + "-never-made") }
