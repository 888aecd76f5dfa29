package load

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
)

// Action is the name of an SQS action.
type Action string

// The actions that the generator uses.
const (
	CreateQueue        Action = "CreateQueue"
	DeleteQueue        Action = "DeleteQueue"
	GetQueueAttributes Action = "GetQueueAttributes"
	SendMessage        Action = "SendMessage"
	SendMessageBatch   Action = "SendMessageBatch"
	ReceiveMessage     Action = "ReceiveMessage"
	DeleteMessage      Action = "DeleteMessage"
	DeleteMessageBatch Action = "DeleteMessageBatch"
)

// Call is one request before it is encoded. Only what the action knows of is looked at.
type Call struct {
	Action    Action
	QueueName string // CreateQueue
	QueueURL  string
	Bodies    [][]byte // sends: one, or the entries of a batch with Ids 0, 1, 2 …
	Groups    [][]byte // sends to FIFO queues: MessageGroupId of each, and MessageDeduplicationId
	Dedups    [][]byte
	Delay     int      // sends: DelaySeconds of each; 0 is not sent
	Handles   [][]byte // deletes: likewise
	Max, Wait int      // ReceiveMessage; Wait in seconds, and always sent: 0 is not the same as the queue's default
}

// Delivery is one received message. Both fields alias the answer that they come from.
type Delivery struct {
	Body   []byte
	Handle []byte
}

// Protocol writes requests and reads answers. The two implementations keep no state and scan answers for what they
// need instead of decoding them: decoding a receive of ten took longer than all else that the generator does for it.
type Protocol interface {
	// Append appends the whole HTTP request for c to dst, without a signature.
	Append(dst []byte, t *Target, c *Call) []byte
	// Succeeded counts what a 200 answer confirms: the entries that a batch stored or deleted, 1 for another action, or 0
	// for a send that came to no message.
	Succeeded(a Action, answer []byte) int
	// Deliveries appends the messages of a ReceiveMessage answer to dst.
	Deliveries(dst []Delivery, answer []byte) ([]Delivery, error)
	// QueueURL reads a CreateQueue answer.
	QueueURL(answer []byte) (string, error)
	// Attribute reads a number from a GetQueueAttributes answer, or fails with errNoAttribute.
	Attribute(name string, answer []byte) (int, error)
}

// ProtocolNamed returns "json" (AWS JSON 1.0) or "query" (AWS Query).
func ProtocolNamed(name string) (Protocol, error) {
	switch name {
	case "json":
		return JSON{}, nil
	case "query":
		return Query{}, nil
	}
	return nil, fmt.Errorf("unknown protocol %q: use json or query", name)
}

const (
	// visibility is what queues are created with, in seconds: longer than any run, so that a message that is delivered
	// twice was delivered wrongly, not late.
	visibility = "3600"
	// fifoSuffix is what tells names of FIFO queues.
	fifoSuffix = ".fifo"
	// counts are the attributes that add up to the messages of a queue.
	attrVisible  = "ApproximateNumberOfMessages"
	attrInFlight = "ApproximateNumberOfMessagesNotVisible"
	attrDelayed  = "ApproximateNumberOfMessagesDelayed"
)

// appendHeader appends the head of a POST. Like an SDK's it names the content type, unlike one it stops there: the rest
// of what SDKs send (about 700 bytes of signature and telemetry) would cost all servers the same.
func appendHeader(dst []byte, t *Target, path, contentType string, target Action, length int) []byte {
	dst = append(dst, "POST "...)
	dst = append(dst, path...)
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, cmp.Or(t.Host, t.Addr)...)
	dst = append(dst, "\r\n"...)
	dst = append(dst, t.Header...)
	dst = append(dst, "Content-Type: "...)
	dst = append(dst, contentType...)
	if target != "" {
		dst = append(dst, "\r\nX-Amz-Target: AmazonSQS."...)
		dst = append(dst, target...)
	}
	dst = append(dst, "\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(length), 10)
	return append(dst, "\r\n\r\n"...)
}

// pair joins the i-th body with the i-th handle: every message of an answer has one of each.
func pair(dst []Delivery, answer []byte, body, handle func([]byte) (value, rest []byte, ok bool)) ([]Delivery, error) {
	bodies, handles := answer, answer
	for {
		b, restB, okB := body(bodies)
		h, restH, okH := handle(handles)
		if okB != okH {
			return dst, fmt.Errorf("answer has bodies without receipt handles or the reverse: %.300s", answer)
		}
		if !okB {
			return dst, nil
		}
		dst = append(dst, Delivery{Body: b, Handle: h})
		bodies, handles = restB, restH
	}
}

var errNoAttribute = errors.New("no such attribute")

func parseCount(name string, value []byte) (int, error) {
	n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
	if err != nil {
		return 0, fmt.Errorf("attribute %s is %.60q, not a number", name, value)
	}
	return n, nil
}
