//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// What clients send and nobody else may read contains this, or is a receipt handle.
const secret = "s3cret"

// load sends requests and collects the receipt handles that came back.
type load struct {
	p       *process
	client  *http.Client
	mu      sync.Mutex
	handles []string
}

func newLoad(p *process) *load {
	return &load{p: p, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
}

// json sends a request in AWS JSON, signed with a secret, for a region.
func (l *load) json(region, action, body string) (int, string) {
	return l.send(l.p.url+"/", body, map[string]string{
		"X-Amz-Target":  "AmazonSQS." + action,
		"Content-Type":  "application/x-amz-json-1.0",
		"Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/" + region + "/sqs/aws4_request, SignedHeaders=host, Signature=" + secret,
	})
}

func (l *load) form(path, body string) (int, string) {
	return l.send(l.p.url+path, body, map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

func (l *load) send(url, body string, header map[string]string) (int, string) {
	r, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

// cycle is four ordinary requests: send, receive, change visibility, delete.
func (l *load) cycle() error {
	url := fmt.Sprintf(`"QueueUrl":%q`, l.p.url+"/000000000000/q")
	if code, text := l.json("us-east-1", "SendMessage", `{`+url+`,"MessageBody":"`+secret+`-body","MessageAttributes":{"a":{"DataType":"String","StringValue":"`+secret+`-attribute"}}}`); code != 200 {
		return fmt.Errorf("send: %d %s", code, text)
	}
	code, text := l.json("us-east-1", "ReceiveMessage", `{`+url+`,"MessageAttributeNames":["All"]}`)
	if code != 200 {
		return fmt.Errorf("receive: %d %s", code, text)
	}
	var received struct {
		Messages []struct{ ReceiptHandle string }
	}
	if err := json.Unmarshal([]byte(text), &received); err != nil || len(received.Messages) != 1 {
		return fmt.Errorf("receive: %s (%w)", text, err)
	}
	handle := received.Messages[0].ReceiptHandle
	l.mu.Lock()
	l.handles = append(l.handles, handle)
	l.mu.Unlock()
	if code, text := l.json("us-east-1", "ChangeMessageVisibility", `{`+url+`,"ReceiptHandle":"`+handle+`","VisibilityTimeout":60}`); code != 200 {
		return fmt.Errorf("change: %d %s", code, text)
	}
	if code, text := l.json("us-east-1", "DeleteMessage", `{`+url+`,"ReceiptHandle":"`+handle+`"}`); code != 200 {
		return fmt.Errorf("delete: %d %s", code, text)
	}
	return nil
}

// mistakes are what clients get wrong.
var mistakes = []func(l *load) (int, string){
	func(l *load) (int, string) {
		return l.json("us-east-1", "SendMessage", `{"QueueUrl":"`+l.p.url+`/000000000000/none","MessageBody":"`+secret+`"}`)
	},
	func(l *load) (int, string) { // the queue is in another region
		return l.json("eu-west-1", "SendMessage", `{"QueueUrl":"`+l.p.url+`/000000000000/q","MessageBody":"`+secret+`"}`)
	},
	func(l *load) (int, string) { return l.json("us-east-1", "SendMessage", `{"MessageBody":"`+secret) },
	func(l *load) (int, string) { return l.json("us-east-1", "Send"+secret, `{}`) },
	func(l *load) (int, string) {
		return l.json("us-east-1", "SetQueueAttributes", `{"QueueUrl":"`+l.p.url+`/000000000000/q","Attributes":{"Policy":"`+secret+`"}}`)
	},
	func(l *load) (int, string) {
		return l.form("/000000000000/q", "Action=DeleteMessage&ReceiptHandle="+secret)
	},
	func(l *load) (int, string) {
		return l.form("/000000000000/q", "Action=SendMessage&MessageBody="+secret+"%00")
	},
	func(l *load) (int, string) {
		return l.form("/000000000000/q", "Action=SendMessage&DelaySeconds=-99999999999999999999&MessageBody="+secret)
	},
	func(l *load) (int, string) {
		return l.form("/000000000000/"+secret, "Action=ReceiveMessage&WaitTimeSeconds=x")
	},
	func(l *load) (int, string) { return l.form("/"+secret, "") },
}

// breaks are the ways in which connections end before their time.
var breaks = []string{
	"",
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + secret, // TLS
	"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " + secret,
	"POST /000000000000/q HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nAction=SendMessage&MessageBody=" + secret,
	"POST /000000000000/q HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + secret,
	"GET /000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20&ReceiptHandle=" + secret + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	"GET / HTTP/9.9\r\n\r\n" + secret,
	"GET /%zz" + secret + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}

// breakOff sends what it is given and drops the connection without a word, as a crash or a cable would.
func (l *load) breakOff(sent string) error {
	c, err := net.Dial("tcp", l.p.address())
	if err != nil {
		return err
	}
	io.WriteString(c, sent)
	c.(*net.TCPConn).SetLinger(0)
	return c.Close()
}

// times calls f(0) to f(n-1), 16 at a time, until one fails.
func times(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := f(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// run sends ordinary requests, wrong ones and broken connections.
func (l *load) run(t *testing.T, ordinary, wrong, broken int) {
	t.Helper()
	l.p.query(t, "", "CreateQueue", "QueueName", "q")
	times(t, ordinary/4, func(int) error { return l.cycle() })
	times(t, wrong, func(i int) error {
		if code, text := mistakes[i%len(mistakes)](l); code < 400 || code > 499 {
			return fmt.Errorf("mistake %d: got %d %s, want a 4xx", i%len(mistakes), code, text)
		}
		return nil
	})
	times(t, broken, func(i int) error { return l.breakOff(breaks[i%len(breaks)]) })
	l.client.CloseIdleConnections()
}

func (l *load) wantNoSecrets(t *testing.T) {
	t.Helper()
	log := l.p.log(t)
	for line := range strings.Lines(log) {
		if strings.Contains(line, secret) {
			t.Errorf("logged: %s", line)
		}
	}
	for _, h := range l.handles {
		if strings.Contains(log, h) {
			t.Fatalf("logged the receipt handle %s", h)
		}
	}
}

func TestServe_logs_little_and_no_secrets(t *testing.T) {
	l := newLoad(serve(t, nil))
	l.run(t, 10_000, 10_000, 1_000)
	l.p.stop(t)
	l.wantNoSecrets(t)
	log := l.p.log(t)
	if lines := strings.Count(log, "\n"); lines > 20 {
		t.Errorf("%d lines, want at most 20:\n%s", lines, log)
	}
	if !strings.Contains(log, "eu-west-1") {
		t.Errorf("no line says that the queue is in another region:\n%s", log)
	}
	if strings.Contains(log, "panic") {
		t.Errorf("something panicked:\n%s", log)
	}
}

func TestServe_logs_no_secrets_at_debug_level(t *testing.T) {
	l := newLoad(serve(t, nil, "--log-level", "debug"))
	l.run(t, 200, 200, 200)
	l.p.stop(t)
	l.wantNoSecrets(t)
	if lines := strings.Count(l.p.log(t), "\n"); lines < 400 {
		t.Errorf("%d lines, want one for each request", lines)
	}
}
