package gateway_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/gateway"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

// FuzzHandler: no request makes the server fail, whatever it is, and each is answered in a protocol that there is. The queues
// that earlier requests have made are there for those that follow.
func FuzzHandler(f *testing.F) {
	const queue = "/000000000000/q"
	for _, s := range []struct{ method, path, query, target, contentType, authorization, body string }{
		{"POST", "/", "", "AmazonSQS.CreateQueue", "application/x-amz-json-1.0", "", `{"QueueName":"q","Attributes":{"DelaySeconds":"1"},"tags":{"a":"b"}}`},
		{"POST", "/", "", "AmazonSQS.CreateQueue", "application/x-amz-json-1.0", "", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"true"}}`},
		{"POST", "/", "", "AmazonSQS.SendMessage", "application/x-amz-json-1.0", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/sqs/aws4_request, x", `{"QueueUrl":"q","MessageBody":"m","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"}}}`},
		{"POST", queue, "", "", "application/x-www-form-urlencoded", "", "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=m"},
		{"GET", queue, "Action=ReceiveMessage&MaxNumberOfMessages=10&AttributeName.1=All&VisibilityTimeout=0", "", "", "", ""},
		{"POST", "/", "", "AmazonSQS.SetQueueAttributes", "application/x-amz-json-1.0", "", `{"QueueUrl":"q","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:q\",\"maxReceiveCount\":1}"}}`},
		{"POST", queue, "", "", "", "", "Action=AddPermission&Label=l&AWSAccountId.1=123456789012&ActionName.1=SendMessage"},
		{"POST", queue, "", "", "", "", "Action=ChangeMessageVisibility&ReceiptHandle=AQEB&VisibilityTimeout=1"},
		{"POST", queue, "", "", "", "", "Action=DeleteQueue"},
		{"GET", "/_aws/sqs/messages", "QueueUrl=q&ShowInvisible=true", "", "", "", ""},
		{"POST", "/", "", "AmazonSQS.StartMessageMoveTask", "application/x-amz-json-1.0", "", `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q"}`},
	} {
		f.Add(s.method, s.path, s.query, s.target, s.contentType, s.authorization, s.body)
	}
	quiet := slog.New(slog.DiscardHandler)
	st, err := store.Open("", &store.Options{FS: vfs.NewMem(), Log: quiet})
	if err != nil {
		f.Fatal(err)
	}
	e, err := engine.Open(st, &engine.Options{Log: quiet, RelaxedCooldowns: true, MaxQueues: 1000, MaxStorage: 64 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	e.Drain() // nobody waits
	h := gateway.New(service.New(e, nil), &gateway.Options{Log: quiet, AutoCreateQueues: true})
	f.Fuzz(func(t *testing.T, method, path, query, target, contentType, authorization, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost:9324/", strings.NewReader(body))
		if err != nil {
			return // net/http would not have let it in
		}
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
		for name, value := range map[string]string{"X-Amz-Target": target, "Content-Type": contentType, "Authorization": authorization} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && !strings.Contains(w.Body.String(), "--max-storage") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") == "" && w.Body.Len() > 0 {
			t.Errorf("got %d without a type: %s", w.Code, w.Body)
		}
	})
}
