package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestServe_kill_while_dead_letters_move kills the server again and again while consumers have messages move to the
// dead-letter queue. In the end each of them is there, once.
func TestServe_kill_while_dead_letters_move(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("q"+suffix, func(t *testing.T) {
			dir := t.TempDir()
			p := serve(t, nil, "--data", dir)
			create := func(name string, attributes ...string) {
				parameters := []string{"QueueName", name + suffix}
				if suffix != "" {
					attributes = append(attributes, "FifoQueue", "true")
				}
				for i := 0; i < len(attributes); i += 2 {
					n := fmt.Sprint("Attribute.", i/2+1)
					parameters = append(parameters, n+".Name", attributes[i], n+".Value", attributes[i+1])
				}
				p.query(t, "", "CreateQueue", parameters...)
			}
			create("dead")
			create("q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead`+suffix+`","maxReceiveCount":2}`)
			var sent []string
			for i := range 300 {
				sent = append(sent, fmt.Sprint("message ", i))
				message := []string{"MessageBody", sent[i]}
				if suffix != "" {
					message = append(message, "MessageGroupId", fmt.Sprint(i%7), "MessageDeduplicationId", fmt.Sprint(i))
				}
				p.query(t, "q"+suffix, "SendMessage", message...)
			}
			for range 4 {
				p.consume("q"+suffix, 30, func() {
					p.signal(t, syscall.SIGKILL)
					p.wait(t)
				})
				p = serve(t, nil, "--data", dir)
			}
			for p.attribute(t, "q"+suffix, "ApproximateNumberOfMessages") != "0" {
				p.query(t, "q"+suffix, "ReceiveMessage", "MaxNumberOfMessages", "10", "VisibilityTimeout", "0")
			}
			got := p.takeAll(t, "dead"+suffix)
			slices.Sort(got)
			slices.Sort(sent)
			if !slices.Equal(got, sent) {
				t.Errorf("got %d messages, want the %d that were sent, each once:\n%q", len(got), len(sent), got)
			}
			p.stop(t)
		})
	}
}

// takeAll receives and deletes until nothing comes any more, and returns the bodies.
func (p *process) takeAll(t *testing.T, queue string) (bodies []string) {
	t.Helper()
	for {
		answer := p.query(t, queue, "ReceiveMessage", "MaxNumberOfMessages", "10")
		handles := elements(answer, "ReceiptHandle")
		if len(handles) == 0 {
			return bodies
		}
		bodies = append(bodies, elements(answer, "Body")...)
		for _, handle := range handles {
			p.query(t, queue, "DeleteMessage", "ReceiptHandle", handle)
		}
	}
}

// consume has four consumers receive from a queue and leave the messages visible. When they have received n times it
// calls end, which ends the server, and it returns when all of them have noticed.
func (p *process) consume(queue string, n int32, end func()) {
	var consumers sync.WaitGroup
	var receives atomic.Int32
	reached := make(chan struct{})
	form := url.Values{"Action": {"ReceiveMessage"}, "MaxNumberOfMessages": {"10"}, "VisibilityTimeout": {"0"}}
	for range 4 {
		consumers.Go(func() {
			for {
				answer, err := http.PostForm(p.url+"/000000000000/"+queue, form)
				if err != nil {
					return
				}
				answer.Body.Close()
				if receives.Add(1) == n {
					close(reached)
				}
			}
		})
	}
	<-reached
	end()
	consumers.Wait()
}
