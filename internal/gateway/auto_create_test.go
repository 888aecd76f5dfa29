package gateway_test

import (
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/gateway"
)

func TestAutoCreate(t *testing.T) {
	f := newFixture(t, &gateway.Options{AutoCreateQueues: true})
	const prefix = "http://localhost:9324/000000000000/"
	for _, c := range []struct {
		action, queue, body string
		created             bool
	}{
		{"SendMessage", "a", `{"QueueUrl":"` + prefix + `a","MessageBody":"m"}`, true},
		{"SendMessageBatch", "b", `{"QueueUrl":"b","Entries":[{"Id":"1","MessageBody":"m"}]}`, true},
		{"ReceiveMessage", "c", `{"QueueUrl":"` + prefix + `c"}`, true},
		{"GetQueueUrl", "d", `{"QueueName":"d"}`, true},
		{"GetQueueAttributes", "e.fifo", `{"QueueUrl":"` + prefix + `e.fifo","AttributeNames":["FifoQueue"]}`, true},
		{"SendMessage", "f.fifo", `{"QueueUrl":"f.fifo","MessageBody":"m","MessageGroupId":"g","MessageDeduplicationId":"d"}`, true},
		{"DeleteQueue", "g", `{"QueueUrl":"` + prefix + `g"}`, false},
		{"PurgeQueue", "h", `{"QueueUrl":"` + prefix + `h"}`, false},
		{"SetQueueAttributes", "i", `{"QueueUrl":"` + prefix + `i","Attributes":{"DelaySeconds":"1"}}`, false},
		{"SendMessage", "j k", `{"QueueUrl":"j k","MessageBody":"m"}`, false},
		{"SendMessage", "", `{"MessageBody":"m"}`, false},
		{"SendMessage", "l", `{"QueueUrl":"http://localhost:9324/123456789012/l","MessageBody":"m"}`, false},
		{"GetQueueUrl", "m", `{"QueueName":"m","QueueOwnerAWSAccountId":"123456789012"}`, false},
	} {
		t.Run(c.action+"_"+c.queue, func(t *testing.T) {
			w := f.json(c.action, c.body)
			if got := w.Code == 200; got != c.created {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if !c.created && !strings.Contains(w.Body.String(), "#QueueDoesNotExist") {
				t.Errorf("got %s, want QueueDoesNotExist", w.Body)
			}
			list := f.form("Action=ListQueues").Body.String()
			if got := strings.Contains(list, "/"+c.queue+"</QueueUrl>"); got != c.created {
				t.Errorf("got %s, want the queue: %v", list, c.created)
			}
		})
	}
}

func TestAutoCreate_in_query(t *testing.T) {
	f := newFixture(t, &gateway.Options{AutoCreateQueues: true})
	if w := f.do("GET", "/000000000000/by-path?Action=SendMessage&MessageBody=m", ""); w.Code != 200 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := f.do("GET", "/000000000000/by-path?Action=ReceiveMessage", ""); !strings.Contains(w.Body.String(), "<Body>m</Body>") {
		t.Errorf("got %d %s, want the message", w.Code, w.Body)
	}
}

func TestAutoCreate_a_queue_that_was_just_deleted_stays_away(t *testing.T) {
	f := newFixture(t, &gateway.Options{AutoCreateQueues: true})
	f.form("Action=CreateQueue&QueueName=q")
	f.form("Action=DeleteQueue&QueueUrl=q")
	if w := f.json("SendMessage", `{"QueueUrl":"q","MessageBody":"m"}`); !strings.Contains(w.Body.String(), "#QueueDoesNotExist") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestAutoCreate_is_off_by_default(t *testing.T) {
	f := newFixture(t, nil)
	if w := f.json("SendMessage", `{"QueueUrl":"q","MessageBody":"m"}`); !strings.Contains(w.Body.String(), "#QueueDoesNotExist") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
