// Package s3 moves messages between queues and a real S3 server, moto's, with our own client and with boto2: what one has
// saved the other loads.
package s3

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqs/s3store"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

const bucket = "saved"

var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, nil))
}

var listening = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// startS3 starts moto's server, empty, until the test ends.
func startS3(t *testing.T) (endpoint string) {
	t.Helper()
	moto := harness.Python(t, "s3", "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	stderr, err := moto.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := moto.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		moto.Process.Kill()
		moto.Wait()
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() {
				}
			}()
			return found[1]
		}
	}
	t.Fatal("moto's server ended")
	return ""
}

func s3Client(t *testing.T, endpoint string) *s3.Client {
	t.Helper()
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	return client
}

func queue(t *testing.T, name string, optFns ...func(*sqs.CreateOptions)) *sqs.Queue {
	t.Helper()
	conn, err := sqs.New(sqs.WithEndpoint(shared.URL), sqs.WithCredentials("any", "any", ""))
	if err != nil {
		t.Fatal(err)
	}
	q, err := conn.CreateQueue(t.Context(), name, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func boto2(t *testing.T, endpoint string, q *sqs.Queue, what string) string {
	t.Helper()
	run := harness.Python(t, "s3", "boto2_s3.py", shared.URL, endpoint, q.Name(), bucket, "Message", what)
	out, err := run.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("%v\n%s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

var bodies = []string{"a", "b\n", "☃ é", "<x>&amp;</x>", strings.Repeat("long ", 20_000)}

func send(t *testing.T, q *sqs.Queue) {
	t.Helper()
	for i, body := range bodies {
		m := q.NewMessage(body)
		if strings.HasSuffix(q.Name(), ".fifo") {
			m.GroupID, m.DeduplicationID = "g", strconv.Itoa(i)
		}
		if err := q.Write(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func wantBodies(t *testing.T, q *sqs.Queue) {
	t.Helper()
	var got []string
	_, err := q.Drain(t.Context(), func(_ context.Context, ms []*sqs.Message) error {
		for _, m := range ms {
			got = append(got, m.Body)
		}
		return nil
	})
	if err != nil || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(bodies))) {
		t.Errorf("got %.80q, %v", got, err)
	}
}

func TestBotoLoadsWhatWeSaved(t *testing.T) {
	endpoint := startS3(t)
	q := queue(t, "ours")
	send(t, q)
	if r, err := s3store.Save(t.Context(), q, s3Client(t, endpoint), bucket, s3store.Boto); r.Messages != len(bodies) || err != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	if got := boto2(t, endpoint, q, "load"); got != "5" {
		t.Errorf("boto loaded %s", got)
	}
	wantBodies(t, q)
}

func TestWeLoadWhatBotoSaved(t *testing.T) {
	endpoint := startS3(t)
	q := queue(t, "botos")
	send(t, q)
	client := s3Client(t, endpoint)
	if got := boto2(t, endpoint, q, "save"); got != "5" {
		t.Errorf("boto saved %s", got)
	}
	if r, err := s3store.Load(t.Context(), q, client, bucket, s3store.Boto); r.Messages != len(bodies) || err != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	wantBodies(t, q)
}

// What boto loses comes back: group, attributes, and bodies as they were stored.
func TestRoundTripLosesNothing(t *testing.T) {
	endpoint := startS3(t)
	client := s3Client(t, endpoint)
	q := queue(t, "lossless.fifo", sqs.WithQueueAttribute("FifoQueue", "true"))
	send(t, q)
	if r, err := s3store.Save(t.Context(), q, client, bucket); r.Messages != len(bodies) || err != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String("000000000000/lossless.fifo/")})
	if err != nil || len(list.Contents) != len(bodies) {
		t.Fatalf("got %d objects, %v", len(list.Contents), err)
	}
	for range 2 { // the second time the server knows all of them
		if r, err := s3store.Load(t.Context(), q, client, bucket); r.Messages != len(bodies) || err != nil {
			t.Fatalf("got %+v, %v", r, err)
		}
	}
	wantBodies(t, q)
}

// A message that cannot be put into the bucket stays in the queue, and the error names the object.
func TestFailures(t *testing.T) {
	client := s3Client(t, startS3(t))
	q := queue(t, "failures")
	send(t, q)
	hidden := func(o *s3store.Options) { o.Drain.Visibility = 1_000_000_000 }
	if _, err := s3store.Save(t.Context(), q, client, "no-such-bucket", hidden); err == nil || !strings.Contains(err.Error(), "no-such-bucket/000000000000/failures/") {
		t.Errorf("got %v", err)
	}
	if _, err := s3store.Load(t.Context(), q, client, "no-such-bucket"); err == nil || !strings.Contains(err.Error(), "no-such-bucket") {
		t.Errorf("got %v", err)
	}
	bare := func(o *s3store.Options) { o.Drain.Wait = aws.Duration(3_000_000_000) }
	if r, err := s3store.Save(t.Context(), q, client, bucket, s3store.Boto, bare); r.Messages != len(bodies) || err != nil {
		t.Fatalf("the messages are gone: got %+v, %v", r, err)
	}
	if _, err := s3store.Load(t.Context(), q, client, bucket); err == nil || !strings.Contains(err.Error(), bucket+"/000000000000/failures/") {
		t.Errorf("bare bodies loaded as records: got %v", err)
	}
}
