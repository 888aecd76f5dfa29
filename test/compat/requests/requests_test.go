// Package requests compares the requests of package sqs, byte by byte, with those that other clients make of the same
// call: aws-sdk-go-v2 in JSON, botocore of early 2023, the last that spoke it, in Query. Nothing is sent.
package requests

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

// recorder is an HTTP client that keeps the requests.
type recorder struct{ seen []*request }

type request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	header      http.Header
}

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.seen = append(r.seen, &request{req.Method, req.URL.String(), req.Header.Get("Content-Type"), string(body), req.Header})
	answer := "{}"
	if req.Header.Get("X-Amz-Target") == "" {
		answer = "<Answer><Result/></Answer>"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// one returns the only request, whatever the call thought of the answer.
func (r *recorder) one(t *testing.T, err error) *request {
	t.Helper()
	if len(r.seen) != 1 {
		t.Fatalf("got %d requests (%v), want 1", len(r.seen), err)
	}
	return r.seen[0]
}

func (c *call) ourRequest(t *testing.T, protocol sqs.Protocol) *request {
	t.Helper()
	var r recorder
	conn, err := sqs.New(sqs.WithEndpoint(host), sqs.WithCredentials("AKID", "secret", ""), sqs.WithHTTPClient(&r),
		sqs.WithProtocol(protocol), sqs.WithMessageClass(sqs.RawMessage{}))
	if err != nil {
		t.Fatal(err)
	}
	return r.one(t, c.ours(t.Context(), conn.QueueFromURL(queueURL)))
}

// own are headers that each client has its own way with: who it is, when it signed, how often it tried, what encodings
// it takes.
var own = []string{
	"User-Agent", "Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Accept-Encoding", "Content-Length",
}

func TestJSON(t *testing.T) {
	for _, c := range slices.Concat(messageCalls, queueCalls) {
		t.Run(c.name, func(t *testing.T) {
			var r recorder
			client := awssqs.New(awssqs.Options{
				Region: "us-east-1", BaseEndpoint: aws.String(host), HTTPClient: &r, Retryer: aws.NopRetryer{},
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
			})
			want := r.one(t, c.sdk(t.Context(), client))
			got := c.ourRequest(t, sqs.ProtocolJSON)
			if got.Method != want.Method || got.URL != want.URL || got.Body != want.Body {
				t.Errorf("got  %s %s %s\nwant %s %s %s", got.Method, got.URL, got.Body, want.Method, want.URL, want.Body)
			}
			for _, name := range own {
				got.header.Del(name)
				want.header.Del(name)
			}
			g, w := headerText(got.header), headerText(want.header)
			if g != w {
				t.Errorf("got headers\n%swant\n%s", g, w)
			}
		})
	}
}

func headerText(h http.Header) string {
	var text bytes.Buffer
	if err := h.Write(&text); err != nil { // sorted
		panic(err)
	}
	return text.String()
}

// TestQuery wants the same parameters, in any order: botocore does not sort them. Both encode as RFC 3986 wants it, but
// for the space. What is for a queue goes to the queue's URL, as boto and the SDKs before 2023 did it, while botocore
// of that time sent it to an explicit endpoint as it is; SQS looks at the parameter.
func TestQuery(t *testing.T) {
	var calls []*call
	var asked bytes.Buffer
	hostileJSON, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("@queue", queueURL, "@arn", arn, `"@hostile"`, string(hostileJSON))
	all := slices.Concat(messageCalls, queueCalls)
	for i := range all {
		method, kwargs, ok := strings.Cut(all[i].boto, " ")
		if !ok {
			continue
		}
		asked.WriteString(map[bool]string{true: "[", false: ","}[len(calls) == 0])
		asked.WriteString(`{"method": "` + method + `", "kwargs": ` + names.Replace(kwargs) + "}")
		calls = append(calls, &all[i])
	}
	asked.WriteString("]")

	python := harness.Python(t, "boto3-query", "botocore_requests.py")
	var stderr bytes.Buffer
	python.Stdin, python.Stderr = &asked, &stderr
	out, err := python.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var want []*request
	if err := json.Unmarshal(out, &want); err != nil || len(want) != len(calls) {
		t.Fatalf("got %d requests (%v), want %d", len(want), err, len(calls))
	}
	for i, c := range calls {
		t.Run(c.name, func(t *testing.T) { compare(t, c.ourRequest(t, sqs.ProtocolQuery), want[i]) })
	}
}

func compare(t *testing.T, got, want *request) {
	t.Helper()
	if strings.Contains(want.Body, "QueueUrl=") && want.URL == host+"/" {
		want.URL = queueURL
	}
	if got.Method != want.Method || got.URL != want.URL || got.ContentType != want.ContentType {
		t.Errorf("got  %s %s, %s\nwant %s %s, %s", got.Method, got.URL, got.ContentType, want.Method, want.URL, want.ContentType)
	}
	g, w := strings.Split(got.Body, "&"), strings.Split(strings.ReplaceAll(want.Body, "+", "%20"), "&")
	slices.Sort(g)
	slices.Sort(w)
	if !slices.Equal(g, w) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
	if _, err := url.ParseQuery(got.Body); err != nil {
		t.Error(err)
	}
}
