package sdkv2

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	t.Run("empty_queue", func(t *testing.T) {
		if got := newQueue(t, shared).receive(); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("one_unless_told_otherwise", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("a")
		q.send("b")
		out, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.url})
		if err != nil || len(out.Messages) != 1 {
			t.Fatalf("got %v, %v", out, err)
		}
		m := out.Messages[0]
		if m.Attributes != nil || m.MessageAttributes != nil || m.MD5OfMessageAttributes != nil {
			t.Errorf("nothing was asked for, got %+v", m)
		}
	})
	t.Run("up_to_ten_each_once", func(t *testing.T) {
		q := newQueue(t, shared)
		for i := range 25 {
			q.send(strconv.Itoa(i))
		}
		seen := map[string]bool{}
		for range 3 {
			for _, m := range q.receive() {
				if seen[*m.Body] {
					t.Errorf("%s came twice", *m.Body)
				}
				seen[*m.Body] = true
			}
		}
		if len(seen) != 25 {
			t.Errorf("received %d of 25", len(seen))
		}
		q.wantCounts("0", "25", "0")
	})
	q := newQueue(t, shared)
	for _, n := range []int32{-1, 11} {
		_, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: n})
		refusal{nil, codeInvalid, 400, "Value " + strconv.Itoa(int(n)) + " for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."}.check(t, err)
	}
	for _, n := range []int32{-1, 21} {
		_, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: n})
		refusal{nil, codeInvalid, 400, "Value " + strconv.Itoa(int(n)) + " for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."}.check(t, err)
	}
	for _, n := range []int32{-1, 43201} {
		_, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.url, VisibilityTimeout: n})
		refusal{nil, codeInvalid, 400, "VisibilityTimeout"}.check(t, err)
	}
	_, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: q.unknown()})
	noQueue.check(t, err)
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	t.Run("hidden_while_in_flight", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		q.receiveOne()
		if got := q.receive(); len(got) != 0 {
			t.Errorf("received %v a second time", got)
		}
		q.wantCounts("0", "1", "0")
	})
	t.Run("back_after_the_timeout_of_the_receive", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		q.receiveOne(hidden(1))
		if got := q.receiveOne(wait(20)); got.Attributes["ApproximateReceiveCount"] != "2" {
			t.Errorf("ApproximateReceiveCount = %s, want 2", got.Attributes["ApproximateReceiveCount"])
		}
	})
	t.Run("back_after_the_timeout_of_the_queue", func(t *testing.T) {
		q := newQueue(t, shared, "VisibilityTimeout", "1")
		q.send("x")
		q.receiveOne()
		q.receiveOne(wait(20))
	})
	t.Run("queue_with_timeout_0_hands_out_again_at_once", func(t *testing.T) {
		q := newQueue(t, shared, "VisibilityTimeout", "0")
		q.send("x")
		q.receiveOne()
		if got := q.receiveOne(); got.Attributes["ApproximateReceiveCount"] != "2" {
			t.Errorf("ApproximateReceiveCount = %s, want 2", got.Attributes["ApproximateReceiveCount"])
		}
	})
	t.Run("changed_to_0_is_back_at_once", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		q.hide(q.receiveOne(), 0)
		q.wantCounts("1", "0", "0")
		q.receiveOne()
	})
	t.Run("shortened", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		q.hide(q.receiveOne(), 1)
		q.receiveOne(wait(20))
	})
	t.Run("prolonged", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		q.hide(q.receiveOne(hidden(1)), 100)
		if got := q.receive(wait(2)); len(got) != 0 {
			t.Errorf("received %v although its timeout was prolonged", got)
		}
	})
	t.Run("hides_again_a_message_that_is_visible", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		m := q.receiveOne()
		q.hide(m, 0)
		q.hide(m, 100)
		q.wantCounts("0", "1", "0")
	})
	t.Run("oldest_first_after_it_came_back", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("old")
		m := q.receiveOne()
		q.send("young")
		q.hide(m, 0)
		if got := q.receive(); len(got) != 2 || *got[0].Body != "old" {
			t.Errorf("received %d messages, the first is not the oldest", len(got))
		}
	})
}

func TestChangeMessageVisibilityRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("x")
	m := q.receiveOne()
	change := func(url, handle string, seconds int32) error {
		_, err := q.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: &handle, VisibilityTimeout: seconds})
		return err
	}
	for _, seconds := range []int32{-1, 43201} {
		refusal{nil, codeInvalid, 400, "VisibilityTimeout"}.check(t, change(q.url, *m.ReceiptHandle, seconds))
	}
	invalidHandle("AQEBgarbage").check(t, change(q.url, "AQEBgarbage", 1))
	noQueue.check(t, change(*q.unknown(), *m.ReceiptHandle, 1))
	other := newQueue(t, shared)
	refusal{is[*types.ReceiptHandleIsInvalid], "ReceiptHandleIsInvalid", 404, "is not valid for this queue."}.check(t, change(other.url, *m.ReceiptHandle, 1))
	q.delete(m)
	refusal{nil, codeInvalid, 400, "Message does not exist or is not available for visibility timeout change."}.check(t, change(q.url, *m.ReceiptHandle, 1))
}

func invalidHandle(handle string) refusal {
	return refusal{is[*types.ReceiptHandleIsInvalid], "ReceiptHandleIsInvalid", 404, `The input receipt handle "` + handle + `" is not a valid receipt handle.`}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	t.Run("for_good_and_repeatable", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		m := q.receiveOne()
		q.delete(m)
		q.delete(m)
		q.wantCounts("0", "0", "0")
	})
	t.Run("after_the_visibility_timeout", func(t *testing.T) {
		q := newQueue(t, shared)
		q.send("x")
		m := q.receiveOne()
		q.hide(m, 0)
		q.delete(m)
		q.wantCounts("0", "0", "0")
	})
	q := newQueue(t, shared)
	q.send("x")
	m := q.receiveOne()
	remove := func(url, handle string) error {
		_, err := q.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: &handle})
		return err
	}
	invalidHandle("garbage").check(t, remove(q.url, "garbage"))
	invalidHandle("not+base64/=\"<&").check(t, remove(q.url, "not+base64/=\"<&"))
	refusal{nil, "MissingParameter", 400, "The request must contain the parameter ReceiptHandle."}.check(t, remove(q.url, ""))
	noQueue.check(t, remove(*q.unknown(), "garbage"))
	refusal{is[*types.ReceiptHandleIsInvalid], "ReceiptHandleIsInvalid", 404, "is not valid for this queue."}.check(t, remove(newQueue(t, shared).url, *m.ReceiptHandle))
	q.wantCounts("0", "1", "0")
}

func TestDelay(t *testing.T) {
	t.Parallel()
	send := func(q *queue, seconds int32) {
		q.t.Helper()
		if _, err := q.SendMessage(q.t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), DelaySeconds: seconds}); err != nil {
			q.t.Fatal(err)
		}
	}
	t.Run("of_the_message", func(t *testing.T) {
		q := newQueue(t, shared)
		send(q, 2)
		if got := q.receive(); len(got) != 0 {
			t.Errorf("received %v before its delay was over", got)
		}
		q.wantCounts("0", "0", "1")
		q.receiveOne(wait(20))
	})
	t.Run("of_the_queue", func(t *testing.T) {
		q := newQueue(t, shared, "DelaySeconds", "1")
		q.send("x")
		q.wantCounts("0", "0", "1")
		q.receiveOne(wait(20))
	})
	t.Run("of_the_queue_as_it_was_when_sent", func(t *testing.T) {
		q := newQueue(t, shared, "DelaySeconds", "900")
		q.send("x")
		set(t, q, "DelaySeconds", "0")
		q.wantCounts("0", "0", "1")
	})
	q := newQueue(t, shared)
	for _, seconds := range []int32{-1, 901} {
		_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), DelaySeconds: seconds})
		refusal{nil, codeInvalid, 400, "DelaySeconds must be >= 0 and <= 900."}.check(t, err)
	}
}

// polling returns a context that tells when the request was written: from then on the server knows of the poll.
func polling(t *testing.T) (context.Context, <-chan struct{}) {
	written := make(chan struct{}, 10)
	return httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { written <- struct{}{} },
	}), written
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	wakes := map[string]func(q *queue, m types.Message){
		"send":                     func(q *queue, _ types.Message) { q.send("wake") },
		"visibility_changed_to_0":  func(q *queue, m types.Message) { q.hide(m, 0) },
		"batch":                    func(q *queue, _ types.Message) { q.sendBatch(entry("a", "wake")) },
		"visibility_changed_to_1s": func(q *queue, m types.Message) { q.hide(m, 1) },
	}
	for label, wake := range wakes {
		t.Run("woken_by_"+label, func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, shared)
			q.send("wake")
			m := q.receiveOne()
			ctx, written := polling(t)
			type result struct {
				out *sqs.ReceiveMessageOutput
				err error
			}
			answer := make(chan result, 1)
			go func() {
				out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: 20})
				answer <- result{out, err}
			}()
			<-written
			wake(q, m)
			got := <-answer
			if got.err != nil || len(got.out.Messages) != 1 || *got.out.Messages[0].Body != "wake" {
				t.Errorf("long poll answered %v, %v", got.out, got.err)
			}
		})
	}
	t.Run("ends_empty", func(t *testing.T) {
		t.Parallel()
		if got := newQueue(t, shared).receive(wait(1)); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("by_the_queue's_attribute", func(t *testing.T) {
		t.Parallel()
		q := newQueue(t, shared, "ReceiveMessageWaitTimeSeconds", "20", "DelaySeconds", "1")
		q.send("x")
		q.receiveOne()
	})
	t.Run("does_not_wait_to_fill_up", func(t *testing.T) {
		t.Parallel()
		q := newQueue(t, shared)
		q.send("x")
		q.receiveOne(wait(20))
	})
	t.Run("one_of_two_gets_the_message", func(t *testing.T) {
		t.Parallel()
		q := newQueue(t, shared)
		got := make(chan int, 2)
		ctx, written := polling(t)
		for range 2 {
			go func() {
				out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: 3})
				if err != nil {
					t.Error(err)
					got <- 0
					return
				}
				got <- len(out.Messages)
			}()
		}
		<-written
		<-written
		q.send("x")
		if n := <-got + <-got; n != 1 {
			t.Errorf("two polls received %d messages, want 1", n)
		}
	})
}

// A client that gives up its poll must not take a message with it.
func TestAbandonedLongPollTakesNothing(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	ctx, written := polling(t)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: 20})
	}()
	<-written
	cancel()
	<-done
	q.send("x")
	q.receiveOne(wait(20))
}

// The last request of a connection that is kept alive must not leak into the next.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	transport := &http.Transport{MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	one := func(o *sqs.Options) { o.HTTPClient = &http.Client{Transport: transport} }
	q := newQueue(t, shared)
	for i := range 20 {
		body := strings.Repeat(strconv.Itoa(i), 1000)
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body}, one); err != nil {
			t.Fatal(err)
		}
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: q.unknown(), MessageBody: &body}, one); err == nil {
			t.Fatal("a send to an unknown queue was answered")
		}
	}
	q.wantCounts("20", "0", "0")
}
