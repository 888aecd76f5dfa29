package gateway_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/gateway"
)

// peekFixture has a queue with one message.
func peekFixture(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, &gateway.Options{Loopback: true})
	f.form("Action=CreateQueue&QueueName=q")
	f.form("Action=SendMessage&QueueUrl=q&MessageBody=hello")
	return f
}

func TestPeek_takes_every_form_of_request(t *testing.T) {
	f := peekFixture(t)
	queue := url.QueryEscape("http://localhost:9324/000000000000/q")
	const form, json = "application/x-www-form-urlencoded", "application/x-amz-json-1.0"
	inXML := []string{"text/xml", "<ReceiveMessageResult><Message><MessageId>", "<Body>hello</Body>", "<ReceiptHandle>SQS/BACKDOOR/ACCESS</ReceiptHandle>"}
	rendered := []string{"application/json\n", `{"ReceiveMessageResponse":{"ReceiveMessageResult":{"Message":{"MessageId":"`, `"Body":"hello"`,
		`"ReceiptHandle":"SQS/BACKDOOR/ACCESS"`, `"Attribute":[{"Name":"ApproximateFirstReceiveTimestamp","Value":"0"},`, `"ResponseMetadata":{"RequestId":`}
	inJSON := []string{json, `{"Messages":[{"Attributes":{`, `"Body":"hello"`, `"ReceiptHandle":"SQS/BACKDOOR/ACCESS"`}
	for _, c := range []struct {
		name, method, target, body string
		header                     []string
		want                       []string
	}{
		{"get", "GET", "/_aws/sqs/messages?QueueUrl=" + queue, "", nil, inXML},
		{"get_accepting_json", "GET", "/_aws/sqs/messages?QueueUrl=" + queue, "", []string{"Accept", "text/html, application/json;q=0.9"}, rendered},
		{"get_by_path", "GET", "/_aws/sqs/messages/us-east-1/000000000000/q", "", nil, inXML},
		{"get_by_path_accepting_json", "GET", "/_aws/sqs/messages/us-east-1/000000000000/q", "", []string{"Accept", "application/json"}, rendered},
		{"form_accepting_json", "POST", "/_aws/sqs/messages", "QueueUrl=" + queue, []string{"Content-Type", form, "Accept", "application/json"}, rendered},
		{"client_in_json_accepting_json", "POST", "/_aws/sqs/messages", `{"QueueUrl":"q"}`,
			[]string{"Content-Type", json, "X-Amz-Target", "AmazonSQS.ReceiveMessage", "Accept", "application/json"}, inJSON},
		{"form", "POST", "/_aws/sqs/messages", "QueueUrl=" + queue, []string{"Content-Type", form}, inXML},
		{"client_in_query", "POST", "/_aws/sqs/messages", "Action=ReceiveMessage&MaxNumberOfMessages=1&QueueUrl=" + queue, []string{"Content-Type", form}, inXML},
		{"client_in_json", "POST", "/_aws/sqs/messages/", `{"QueueUrl":"http://localhost:9324/000000000000/q","MaxNumberOfMessages":1}`,
			[]string{"Content-Type", json, "X-Amz-Target", "AmazonSQS.ReceiveMessage"}, inJSON},
		{"get_with_content_type", "GET", "/_aws/sqs/messages?QueueUrl=" + queue, "", []string{"Content-Type", json}, inJSON},
		{"flags", "GET", "/_aws/sqs/messages?ShowInvisible=True&ShowDelayed=1&QueueUrl=q", "", []string{"Content-Type", json},
			[]string{`"IsVisible":"true","IsDelayed":"false"`}},
		{"flags_rendered", "GET", "/_aws/sqs/messages?ShowInvisible=True&ShowDelayed=1&QueueUrl=q", "", []string{"Accept", "application/json"},
			[]string{`{"Name":"IsVisible","Value":"true"},{"Name":"IsDelayed","Value":"false"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := f.do(c.method, c.target, c.body, c.header...)
			got := w.Header().Get("Content-Type") + "\n" + w.Body.String()
			for _, want := range c.want {
				if w.Code != 200 || !strings.Contains(got, want) {
					t.Errorf("got %d %s, want %s", w.Code, got, want)
				}
			}
		})
	}
}

func TestPeek_refuses(t *testing.T) {
	f := peekFixture(t)
	for _, c := range []struct {
		name, method, target string
		header               []string
		status               int
		want                 string
	}{
		{"no_queue", "GET", "/_aws/sqs/messages", nil, 400, "AWS.SimpleQueueService.NonExistentQueue"},
		{"missing_queue", "GET", "/_aws/sqs/messages?QueueUrl=nope", nil, 400, "AWS.SimpleQueueService.NonExistentQueue"},
		{"missing_queue_in_json", "GET", "/_aws/sqs/messages?QueueUrl=nope", []string{"Content-Type", "application/x-amz-json-1.0"}, 400, `"com.amazonaws.sqs#QueueDoesNotExist"`},
		{"missing_queue_rendered", "GET", "/_aws/sqs/messages?QueueUrl=nope", []string{"Accept", "application/json"}, 400,
			`{"ErrorResponse":{"Error":{"Type":"Sender","Code":"AWS.SimpleQueueService.NonExistentQueue",`},
		{"other_region", "GET", "/_aws/sqs/messages/eu-west-1/000000000000/q", nil, 400, "NonExistentQueue"},
		{"no_url", "GET", "/_aws/sqs/messages?QueueUrl=http://localhost:9324", nil, 404, "<Code>InvalidAddress</Code>"},
		{"half_a_path", "GET", "/_aws/sqs/messages/us-east-1/q", nil, 404, "<Code>InvalidAddress</Code>"},
		{"other_action", "GET", "/_aws/sqs/messages?Action=DeleteQueue&QueueUrl=q", nil, 400, "<Code>InvalidAction</Code>"},
		{"other_action_in_json", "POST", "/_aws/sqs/messages", []string{"X-Amz-Target", "AmazonSQS.DeleteQueue"}, 400, "UnknownOperationException"},
		{"other_method", "PUT", "/_aws/sqs/messages?QueueUrl=q", nil, 405, "MethodNotAllowed"},
		{"web_page", "GET", "/_aws/sqs/messages?QueueUrl=q", []string{"Origin", "https://evil.example"}, 403, "AccessDenied"},
		{"web_page_of_another_site", "GET", "/_aws/sqs/messages/us-east-1/000000000000/q", []string{"Sec-Fetch-Site", "cross-site"}, 403, "AccessDenied"},
		{"below_another_name", "GET", "/_aws/sqs/messagesX?QueueUrl=q", nil, 404, "UnknownOperationException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := f.do(c.method, c.target, "", c.header...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
	if w := f.form("Action=GetQueueUrl&QueueName=q"); w.Code != 200 {
		t.Errorf("the queue is gone: %s", w.Body)
	}
}

// What is rendered: a list of one is none, an empty element is null, and text stays as it was.
func TestPeek_rendered(t *testing.T) {
	f := newFixture(t, &gateway.Options{Loopback: true})
	f.form("Action=CreateQueue&QueueName=q")
	peek := func() string {
		body := f.do("GET", "/_aws/sqs/messages?QueueUrl=q", "", "Accept", "application/json").Body.String()
		return body[:strings.Index(body, ",\"ResponseMetadata\"")]
	}
	if got, want := peek(), `{"ReceiveMessageResponse":{"ReceiveMessageResult":null`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f.form("Action=SendMessage&QueueUrl=q&MessageBody=" + url.QueryEscape(" <a b=\"c\">\r\n& "))
	if got, want := peek(), `"Body":" \u003ca b=\"c\"\u003e\r\n\u0026 ","Attribute":[`; !strings.Contains(got, want) || !strings.Contains(got, `{"Message":{`) {
		t.Errorf("got %s, want %s of one message", got, want)
	}
	f.form("Action=SendMessage&QueueUrl=q&MessageBody=b")
	if got, want := peek(), `{"ReceiveMessageResponse":{"ReceiveMessageResult":{"Message":[{`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
