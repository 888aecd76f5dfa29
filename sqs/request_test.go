package sqs_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// calls are the methods whose requests are in testdata/requests.txt, in every way in which an option changes them.
var calls = []struct {
	name string
	call func(ctx context.Context, q *sqs.Queue) error
}{
	{"create a queue", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().CreateQueue(ctx, "orders")
		return err
	}},
	{"create a queue with a timeout of 0, attributes and tags", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().CreateQueue(ctx, "orders", sqs.WithVisibilityTimeout(0),
			sqs.WithQueueAttribute(sqs.AttributeDelaySeconds, "5"), sqs.WithTag("team", "red"), sqs.WithTag("cost", "7"))
		return err
	}},
	{"look up a queue", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().Queue(ctx, "orders")
		return err
	}},
	{"look up a queue of another account", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().Queue(ctx, "orders", sqs.WithOwner("210987654321"))
		return err
	}},
	{"list all queues", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().AllQueues(ctx, "")
		return err
	}},
	{"list queues with a prefix", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().AllQueues(ctx, "or")
		return err
	}},
	{"delete a queue", func(ctx context.Context, q *sqs.Queue) error { return q.Delete(ctx) }},
	{"delete a queue by its connection", func(ctx context.Context, q *sqs.Queue) error {
		return q.Connection().DeleteQueue(ctx, q)
	}},
	{"purge", func(ctx context.Context, q *sqs.Queue) error { return q.Purge(ctx) }},
	{"write", func(ctx context.Context, q *sqs.Queue) error { return q.Write(ctx, q.NewMessage("héllo")) }},
	{"write raw, with all that a message can carry", func(ctx context.Context, q *sqs.Queue) error {
		m := &sqs.Message{
			Body: "a <b> & c",
			MessageAttributes: map[string]sqs.MessageAttribute{
				"size": sqs.NumberAttribute("42"), "name": sqs.StringAttribute("x y"), "blob": sqs.BinaryAttribute([]byte{0, 255}),
			},
			Delay:           new(time.Duration(0)),
			GroupID:         "g",
			DeduplicationID: "d",
			TraceHeader:     "Root=1-5759e988-bd862e3fe1be46a994272793",
		}
		return sqs.As(q, sqs.RawMessage{}).Write(ctx, m)
	}},
	{"write a batch", func(ctx context.Context, q *sqs.Queue) error {
		delayed := q.NewMessage("second")
		delayed.Delay = new(1500 * time.Millisecond)
		_, err := q.WriteBatch(ctx, []*sqs.Message{q.NewMessage("first"), delayed})
		return err
	}},
	{"read", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Read(ctx)
		return err
	}},
	{"read with zeros", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Read(ctx, sqs.WithVisibility(0), sqs.WithWait(0))
		return err
	}},
	{"read ten with all options", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Messages(ctx, 10, sqs.WithVisibility(time.Minute), sqs.WithWait(20*time.Second), sqs.WithAttributes(),
			sqs.WithMessageAttributes("size", "name"), sqs.WithAttemptID("a"))
		return err
	}},
	{"delete a message", func(ctx context.Context, q *sqs.Queue) error { return q.DeleteMessage(ctx, "handle+/=") }},
	{"delete a batch", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.DeleteMessageBatch(ctx, []string{"h1", "h2"})
		return err
	}},
	{"change a visibility to 0", func(ctx context.Context, q *sqs.Queue) error {
		return q.ChangeMessageVisibility(ctx, "h1", 0)
	}},
	{"change visibilities", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.ChangeMessageVisibilityBatch(ctx, []sqs.VisibilityChange{{ReceiptHandle: "h1"}, {ReceiptHandle: "h2", Timeout: time.Hour}})
		return err
	}},
	{"all attributes", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Attributes(ctx)
		return err
	}},
	{"some attributes", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Attributes(ctx, sqs.AttributePolicy, sqs.AttributeQueueARN)
		return err
	}},
	{"count", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Count(ctx)
		return err
	}},
	{"get the timeout", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Timeout(ctx)
		return err
	}},
	{"set the timeout", func(ctx context.Context, q *sqs.Queue) error { return q.SetTimeout(ctx, 45*time.Second) }},
	{"set attributes", func(ctx context.Context, q *sqs.Queue) error {
		return q.SetAttributes(ctx, sqs.Attributes{"VisibilityTimeout": "0", "DelaySeconds": "900"})
	}},
	{"create a queue with a dead-letter queue", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().CreateQueue(ctx, "orders", sqs.WithDeadLetterQueue("arn:aws:sqs:us-east-1:123456789012:dead", 5))
		return err
	}},
	{"dead-letter source queues", func(ctx context.Context, q *sqs.Queue) error {
		for _, err := range q.DeadLetterSourceQueues(ctx) {
			return err
		}
		return nil
	}},
	{"add a permission", func(ctx context.Context, q *sqs.Queue) error {
		return q.AddPermission(ctx, "friends", []string{"111111111111", "222222222222"}, []string{"SendMessage", "ReceiveMessage"})
	}},
	{"remove a permission", func(ctx context.Context, q *sqs.Queue) error { return q.RemovePermission(ctx, "friends") }},
	{"tags", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Tags(ctx)
		return err
	}},
	{"tag", func(ctx context.Context, q *sqs.Queue) error {
		return q.Tag(ctx, map[string]string{"team": "red", "cost": ""})
	}},
	{"untag", func(ctx context.Context, q *sqs.Queue) error { return q.Untag(ctx, "team", "cost") }},
	{"move dead letters back", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.StartMessageMoveTask(ctx)
		return err
	}},
	{"move dead letters elsewhere", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.StartMessageMoveTask(ctx, sqs.WithDestination("arn:aws:sqs:us-east-1:123456789012:other"), sqs.WithRate(0))
		return err
	}},
	{"move tasks", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.MessageMoveTasks(ctx)
		return err
	}},
	{"cancel a move task", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Connection().CancelMessageMoveTask(ctx, "handle+/=")
		return err
	}},
	{"count slowly", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.CountSlow(ctx)
		return err
	}},
	{"clear", func(ctx context.Context, q *sqs.Queue) error {
		_, err := q.Clear(ctx)
		return err
	}},
}

// TestRequests compares the requests of all methods with testdata/requests.txt, byte by byte. go test -rewrite writes it.
func TestRequests(t *testing.T) {
	const golden = "testdata/requests.txt"
	var got strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&got, "=== %s\n", c.name)
		for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
			f := &fake{answer: agree}
			q := fakeQueue(t, f, sqs.WithProtocol(protocol), func(o *sqs.Options) {
				o.Credentials = aws.AnonymousCredentials{}
				o.DisableChecksums = true
			})
			// What comes back is not the subject here.
			_ = c.call(t.Context(), q)
			for _, r := range f.requests() {
				show(&got, r)
			}
		}
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, golden, got.String(), string(want))
}

// agree answers every request with an empty success.
func agree(r *request) (*http.Response, error) { return r.ok(&api.ListQueuesOutput{}) }

func show(to *strings.Builder, r *request) {
	fmt.Fprintf(to, "%s %s\n", r.Method, r.URL)
	for _, name := range []string{"Content-Type", "X-Amz-Target", "X-Amzn-Query-Mode"} {
		if value := r.Header.Get(name); value != "" {
			fmt.Fprintf(to, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(to, "%s\n----\n", r.Body)
}

func compareLines(t *testing.T, name, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d: got %q, want %q", name, i+1, at(g, i), at(w, i))
		}
	}
}

func at(lines []string, i int) string {
	if i >= len(lines) {
		return "the end"
	}
	return lines[i]
}

// TestSignedHeaders sees what a signature adds, and that it is absent without keys.
func TestSignedHeaders(t *testing.T) {
	for _, test := range []struct {
		name    string
		option  func(*sqs.Options)
		wantKey string
		token   string
	}{
		{"keys", sqs.WithCredentials("AKID", "secret", ""), "Credential=AKID/", ""},
		{"temporary keys", sqs.WithCredentials("AKID", "secret", "token"), "Credential=AKID/", "token"},
		{"anonymous", func(o *sqs.Options) { o.Credentials = aws.AnonymousCredentials{} }, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answer: agree}
			q := fakeQueue(t, f, test.option, sqs.WithRegion("eu-west-1"))
			if err := q.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			h := f.requests()[0].Header
			authorization := h.Get("Authorization")
			if test.wantKey == "" && authorization != "" {
				t.Errorf("got Authorization %q, want none", authorization)
			}
			if !strings.Contains(authorization, test.wantKey) || test.wantKey != "" && !strings.Contains(authorization, "/eu-west-1/sqs/aws4_request") {
				t.Errorf("got Authorization %q, want %q and the scope of eu-west-1", authorization, test.wantKey)
			}
			if got := h.Get("X-Amz-Security-Token"); got != test.token {
				t.Errorf("got token %q, want %q", got, test.token)
			}
		})
	}
}
