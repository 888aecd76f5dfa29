package gateway_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/gateway"
	"github.com/bufeomq/bufeo/internal/service"
)

// logBuffer is a log that tests read.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logBuffer) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}))
}

// The marks that must not be in the log: of a body, an attribute value, a group, a queue policy and a signature.
const marks = "(?i)SECRET"

// secretive makes requests that carry marks everywhere, well and badly formed, and returns what they were answered.
func secretive(f *fixture) (answers string) {
	const (
		auth  = "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=SECRETSIGNATURE"
		queue = `"QueueUrl":"http://localhost:9324/000000000000/q"`
		attrs = `,"MessageAttributes":{"n":{"DataType":"String","StringValue":"SECRETVALUE"}},"MessageGroupId":"SECRETGROUP"`
	)
	call := func(action, body string) string {
		w := f.json(action, body, "Authorization", auth)
		answers += w.Body.String()
		return w.Body.String()
	}
	call("CreateQueue", `{"QueueName":"q"}`)
	call("SetQueueAttributes", `{`+queue+`,"Attributes":{"Policy":"{\"x\":\"SECRETPOLICY\"}"}}`)
	call("SetQueueAttributes", `{`+queue+`,"Attributes":{"Policy":"SECRETPOLICY","SECRETNAME":"1"}}`)
	call("SendMessage", `{`+queue+`,"MessageBody":"SECRETBODY"`+attrs+`}`)
	call("SendMessage", `{`+queue+`,"MessageBody":"SECRETBODY\u0000"`+attrs+`}`)
	call("SendMessage", `{`+queue+`,"MessageBody":"SECRETBODY`)
	call("SendMessage", `{`+queue+`,"MessageBody":"b","MessageGroupId":"SECRET GROUP"}`)
	handle := handleForm.FindStringSubmatch(call("ReceiveMessage", `{`+queue+`,"VisibilityTimeout":0}`))[1]
	call("DeleteMessage", `{`+queue+`,"ReceiptHandle":"SECRETHANDLE"}`)
	call("DeleteMessage", `{`+queue+`,"ReceiptHandle":"`+handle+`"}`)
	call("DeleteMessageBatch", `{`+queue+`,"Entries":[{"Id":"a","ReceiptHandle":"SECRETHANDLE"}]}`)
	call("ChangeMessageVisibility", `{`+queue+`,"ReceiptHandle":"`+handle+`","VisibilityTimeout":1}`)
	call("SECRETACTION", `{}`)
	answers += f.form("Action=SendMessage&MessageBody=SECRETBODY%zz", "Authorization", auth).Body.String()
	answers += f.form("Action=SECRETACTION", "Authorization", auth).Body.String()
	if err := f.engine.Close(); err != nil {
		f.Error(err)
	}
	call("SendMessage", `{`+queue+`,"MessageBody":"SECRETBODY"`+attrs+`}`)
	call("DeleteMessage", `{`+queue+`,"ReceiptHandle":"`+handle+`"}`)
	return answers + handle
}

func TestLogHasNoneOfTheClientsData(t *testing.T) {
	for name, level := range map[string]slog.Level{"default": slog.LevelInfo, "debug": slog.LevelDebug} {
		t.Run(name, func(t *testing.T) {
			var log logBuffer
			f := newFixture(t, &gateway.Options{Log: log.logger(level)})
			answers := secretive(f)
			got := log.String()
			if m := regexp.MustCompile(marks).FindString(got); m != "" {
				t.Errorf("the log has what a client sent:\n%s", got)
			}
			for _, h := range handleForm.FindAllStringSubmatch(answers, -1) {
				if strings.Contains(got, h[1]) {
					t.Errorf("the log has a receipt handle:\n%s", got)
				}
			}
			if level == slog.LevelDebug && !strings.Contains(got, "action=SendMessage protocol=json status=200") {
				t.Errorf("got no debug line for a request:\n%s", got)
			}
			if level == slog.LevelInfo && strings.Contains(got, "status=4") {
				t.Errorf("a fault of the client is logged:\n%s", got)
			}
			if !strings.Contains(got, "fault=ServiceUnavailable") {
				t.Errorf("the fault of the server is not logged:\n%s", got)
			}
		})
	}
}

func TestFaultsAreLoggedTenTimesAMinute(t *testing.T) {
	var log logBuffer
	now := time.Unix(1_000_000, 0)
	f := newFixture(t, &gateway.Options{Log: log.logger(slog.LevelInfo), Now: func() time.Time { return now }})
	f.json("CreateQueue", `{"QueueName":"q"}`)
	if err := f.engine.Close(); err != nil {
		t.Fatal(err)
	}
	send := func() *httptest.ResponseRecorder { return f.json("SendMessage", `{"QueueUrl":"q","MessageBody":"b"}`) }
	for range 25 {
		if w := send(); w.Code != 503 || w.Header().Get("X-Amzn-Query-Error") != "ServiceUnavailable;Receiver" {
			t.Fatalf("got %d %v, want 503", w.Code, w.Header())
		}
	}
	if got := strings.Count(log.String(), "request failed"); got != 10 {
		t.Errorf("got %d lines, want 10", got)
	}
	now = now.Add(time.Minute)
	w := send()
	if !strings.Contains(log.String(), "suppressed=15") {
		t.Errorf("got no line that says how many were left out:\n%s", &log.text)
	}
	if !strings.Contains(log.String(), "request_id="+w.Header().Get("X-Amzn-Requestid")) {
		t.Errorf("the id that the client was told is not in the log:\n%s", &log.text)
	}
}

func TestPanicsAreSurvived(t *testing.T) {
	var log logBuffer
	h := gateway.New(service.New(nil, nil), &gateway.Options{Log: log.logger(slog.LevelInfo)}) // no engine: every action panics
	for _, c := range []struct{ target, want string }{
		{"AmazonSQS.ListQueues", `{"__type":"com.amazon.coral.service#InternalFailure","message":"We encountered an internal error. Please try again."}`},
		{"", "<Code>InternalError</Code>"},
	} {
		r := httptest.NewRequest("POST", "/?Action=ListQueues", strings.NewReader("{}"))
		if c.target != "" {
			r.Header.Set("X-Amz-Target", c.target)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 500 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("got %d %s, want 500 %s", w.Code, w.Body, c.want)
		}
	}
	if got := log.String(); strings.Count(got, "request panicked") != 2 || !strings.Contains(got, "ListQueues") {
		t.Errorf("got %s, want a line for each panic", got)
	}
}
