package sqstest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// fakeT is a test in a test: its end comes when it is told, and it keeps what would fail it.
type fakeT struct {
	testing.TB
	cleanup []func()
	failure string
}

func (t *fakeT) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }

func (t *fakeT) Errorf(format string, args ...any) { t.failure = fmt.Sprintf(format, args...) }

func (t *fakeT) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	runtime.Goexit()
}

func (t *fakeT) end() {
	for _, f := range slices.Backward(t.cleanup) {
		f()
	}
}

// fatal returns how f fails its test.
func fatal(t testing.TB, f func(t testing.TB)) string {
	fake := &fakeT{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(fake)
	}()
	<-done
	fake.end()
	return fake.failure
}

// eachProtocol runs a test over both protocols, each in a bubble and with a server of its own.
func eachProtocol(t *testing.T, test func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection)) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		t.Run(protocol.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := sqstest.New(t)
				test(t, srv, connect(t, srv, sqs.WithProtocol(protocol)))
			})
		})
	}
}

// connect makes a connection that repeats nothing and stores bodies as they are.
func connect(t testing.TB, srv *sqstest.Server, optFns ...func(*sqs.Options)) *sqs.Connection {
	t.Helper()
	plain := func(o *sqs.Options) { o.Retryer, o.MessageClass = aws.NopRetryer{}, sqs.RawMessage{} }
	conn, err := sqs.NewFromConfig(srv.Config(), append([]func(*sqs.Options){plain}, optFns...)...)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func create(t testing.TB, conn *sqs.Connection, name string) *sqs.Queue {
	t.Helper()
	q, err := conn.CreateQueue(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func write(t testing.TB, q *sqs.Queue, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := q.Write(context.Background(), q.NewMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t testing.TB, q *sqs.Queue, optFns ...func(*sqs.ReadOptions)) *sqs.Message {
	t.Helper()
	m, err := q.Read(context.Background(), append(optFns, sqs.WithAttributes())...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantEmpty fails unless a read finds nothing.
func wantEmpty(t testing.TB, q *sqs.Queue) {
	t.Helper()
	if m, err := q.Read(context.Background()); err != sqs.ErrNoMessage {
		t.Errorf("read: got %v, %v; want ErrNoMessage", m, err)
	}
}

// wantMessages compares a queue with messages written "body, state, receives".
func wantMessages(t testing.TB, srv *sqstest.Server, queue string, want ...string) {
	t.Helper()
	var got []string
	for _, m := range srv.Messages(queue) {
		got = append(got, fmt.Sprintf("%s, %s, %d", m.Body, m.State, m.ReceiveCount))
	}
	if !slices.Equal(got, want) {
		t.Errorf("messages of %s: got %q, want %q", queue, got, want)
	}
}

// post sends a request as text, in JSON where it names an action, else in Query, and returns the answer with its body.
func post(t testing.TB, srv *sqstest.Server, action, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("POST", "http://localhost/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if action != "" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	}
	answer, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}
