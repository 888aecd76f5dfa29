package gateway_test

import (
	"strings"
	"testing"
)

// What is received is paid for before it is, and paid for again where an answer is repeated.
func TestAnswersArePaidFor(t *testing.T) {
	bothWays(t, func(t *testing.T, serve func(*fixture) string) {
		f, address := room(t, serve)
		f.json("CreateQueue", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"true"}}`)
		body := strings.Repeat("x", 300<<10) // twice that is more than receives have beside a large send
		for _, id := range []string{"a", "b"} {
			f.json("SendMessage", `{"QueueUrl":"q.fifo","MessageGroupId":"`+id+`","MessageDeduplicationId":"`+id+`","MessageBody":"`+body+`"}`)
		}
		receive := func(attempt string) (status int, answer string) {
			w := f.json("ReceiveMessage", `{"QueueUrl":"q.fifo","ReceiveRequestAttemptId":"`+attempt+`"}`)
			return w.Code, w.Body.String()
		}
		status, first := receive("first")
		if status != 200 || !strings.Contains(first, body) {
			t.Fatalf("got %d %.200s", status, first)
		}
		finish := f.occupy(address)
		for _, attempt := range []string{"first", "second"} {
			if status, answer := receive(attempt); status != 503 {
				t.Errorf("%s, without memory: got %d %.200s, want 503", attempt, status, answer)
			}
		}
		finish()
		if status, answer := receive("first"); status != 200 || answer != first {
			t.Errorf("the first again: got %d %.200s, want the same as before", status, answer)
		}
		if status, answer := receive("second"); status != 200 || !strings.Contains(answer, body) {
			t.Errorf("the second: got %d %.200s", status, answer)
		}
	})
}
