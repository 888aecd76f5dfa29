package sdkv2

import (
	"context"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// ledger is what the clients of TestKilledUnderLoad were told.
type ledger struct {
	mu struct {
		sync.Mutex
		sent    map[string]bool // message ids of answered sends
		deleted map[string]bool // message ids of deletes: true if it was answered, false if nobody knows what it did
		more    chan struct{}   // closed at the next answered send
	}
}

func newLedger() *ledger {
	l := &ledger{}
	l.mu.sent, l.mu.deleted, l.mu.more = map[string]bool{}, map[string]bool{}, make(chan struct{})
	return l
}

func (l *ledger) sent(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.sent[id] = true
	close(l.mu.more)
	l.mu.more = make(chan struct{})
}

func (l *ledger) deleted(id string, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.deleted[id] = l.mu.deleted[id] || answered
}

// waitFor returns when n more sends have been answered.
func (l *ledger) waitFor(ctx context.Context, n int) {
	l.mu.Lock()
	goal := len(l.mu.sent) + n
	l.mu.Unlock()
	for {
		l.mu.Lock()
		have, more := len(l.mu.sent), l.mu.more
		l.mu.Unlock()
		if have >= goal {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// Clients send, receive and delete while the server is killed again and again. In the end every send that was answered
// has been received, and nothing whose delete was answered has come back.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := newQueue(t, s, "VisibilityTimeout", "2")
	once := func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }
	book := newLedger()
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				out, err := q.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x")}, once)
				if err == nil {
					book.sent(*out.MessageId)
				}
			}
		})
	}
	for range 2 {
		clients.Go(func() {
			for ctx.Err() == nil {
				out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 3, WaitTimeSeconds: 1}, once)
				if err != nil {
					continue
				}
				for _, m := range out.Messages {
					_, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle}, once)
					book.deleted(*m.MessageId, err == nil)
				}
			}
		})
	}
	for range 5 {
		book.waitFor(ctx, 100)
		s.Restart(t)
	}
	book.waitFor(ctx, 50)
	stop()
	clients.Wait()
	s.Restart(t)

	left := map[string]bool{}
	for {
		all := q.attributes("All")
		if all["ApproximateNumberOfMessages"] == "0" && all["ApproximateNumberOfMessagesNotVisible"] == "0" {
			break
		}
		for _, m := range q.receive(wait(20), hidden(100)) {
			if book.mu.deleted[*m.MessageId] {
				t.Errorf("%s came back although its delete was answered", *m.MessageId)
			}
			left[*m.MessageId] = true
			q.delete(m)
		}
	}
	lost := 0
	for id := range book.mu.sent {
		if _, deleted := book.mu.deleted[id]; !deleted && !left[id] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of the messages whose sends were answered are lost", lost)
	}
	t.Logf("%d sends were answered, %d messages deleted, %d left at the end", len(book.mu.sent), len(book.mu.deleted), len(left))
}
