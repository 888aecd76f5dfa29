package load

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// JSON is AWS JSON 1.0, what every current SDK speaks.
type JSON struct{}

var _ Protocol = JSON{}

// Append posts to the endpoint's path, with the action in X-Amz-Target.
func (JSON) Append(dst []byte, t *Target, c *Call) []byte {
	var scratch [4 << 10]byte // enough for ten bodies of 200 bytes: then nothing is allocated
	body := appendJSONBody(scratch[:0], c)
	dst = appendHeader(dst, t, cmp.Or(t.Path, "/"), "application/x-amz-json-1.0", c.Action, len(body))
	return append(dst, body...)
}

func appendJSONBody(b []byte, c *Call) []byte {
	if c.Action == CreateQueue {
		b = append(b, `{"QueueName":`...)
		b = appendString(b, []byte(c.QueueName))
		b = append(b, `,"Attributes":{"VisibilityTimeout":"`+visibility+`"`...)
		if strings.HasSuffix(c.QueueName, fifoSuffix) {
			b = append(b, `,"FifoQueue":"true"`...)
		}
		return append(b, "}}"...)
	}
	b = append(b, `{"QueueUrl":`...)
	b = appendString(b, []byte(c.QueueURL))
	switch c.Action {
	case GetQueueAttributes:
		b = append(b, `,"AttributeNames":["`+attrVisible+`","`+attrInFlight+`","`+attrDelayed+`"]`...)
	case SendMessage:
		b = append(b, ',')
		b = appendMessage(b, c, 0)
	case SendMessageBatch:
		b = appendEntries(b, len(c.Bodies), func(b []byte, i int) []byte { return appendMessage(b, c, i) })
	case ReceiveMessage:
		b = append(b, `,"MaxNumberOfMessages":`...)
		b = strconv.AppendInt(b, int64(c.Max), 10)
		b = append(b, `,"WaitTimeSeconds":`...)
		b = strconv.AppendInt(b, int64(c.Wait), 10)
	case DeleteMessage:
		b = append(b, `,"ReceiptHandle":`...)
		b = appendString(b, c.Handles[0])
	case DeleteMessageBatch:
		b = appendEntries(b, len(c.Handles), func(b []byte, i int) []byte {
			return appendString(append(b, `"ReceiptHandle":`...), c.Handles[i])
		})
	}
	return append(b, '}')
}

func appendEntries(b []byte, n int, members func(b []byte, i int) []byte) []byte {
	b = append(b, `,"Entries":[`...)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Id":"`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `",`...)
		b = members(b, i)
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendMessage appends the members of the i-th message.
func appendMessage(b []byte, c *Call, i int) []byte {
	b = append(b, `"MessageBody":`...)
	b = appendString(b, c.Bodies[i])
	if c.Groups != nil {
		b = append(b, `,"MessageGroupId":`...)
		b = appendString(b, c.Groups[i])
		b = append(b, `,"MessageDeduplicationId":`...)
		b = appendString(b, c.Dedups[i])
	}
	if c.Delay > 0 {
		b = append(b, `,"DelaySeconds":`...)
		b = strconv.AppendInt(b, int64(c.Delay), 10)
	}
	return b
}

// appendString appends s as a JSON string.
func appendString(b, s []byte) []byte {
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(string(s))
			if err != nil {
				panic(err) // a string always marshals
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// Succeeded counts Ids, and tells the failed from the successful by the Code that only they have.
func (JSON) Succeeded(a Action, answer []byte) int {
	switch a {
	case SendMessage:
		return min(bytes.Count(answer, []byte(`"MessageId"`)), 1)
	case SendMessageBatch, DeleteMessageBatch:
	default:
		return 1
	}
	return bytes.Count(answer, []byte(`"Id"`)) - bytes.Count(answer, []byte(`"Code"`))
}

// Deliveries finds bodies and handles by their keys, which cannot occur inside a value: there a quote is escaped.
func (JSON) Deliveries(dst []Delivery, answer []byte) ([]Delivery, error) {
	return pair(dst, answer,
		func(b []byte) ([]byte, []byte, bool) { return member(b, `"Body"`) },
		func(b []byte) ([]byte, []byte, bool) { return member(b, `"ReceiptHandle"`) })
}

// QueueURL reads a CreateQueue answer.
func (JSON) QueueURL(answer []byte) (string, error) {
	v, _, ok := member(answer, `"QueueUrl"`)
	if !ok {
		return "", fmt.Errorf("no QueueUrl in %.300s", answer)
	}
	return string(v), nil
}

// Attribute reads a number; SQS writes it as a string, others as they like.
func (JSON) Attribute(name string, answer []byte) (int, error) {
	v, _, ok := member(answer, `"`+name+`"`)
	if !ok {
		return 0, fmt.Errorf("%w: %s in %.300s", errNoAttribute, name, answer)
	}
	return parseCount(name, v)
}

// member returns the value of the first member called key (quotes included) that is a string or a number, and what
// follows it.
func member(b []byte, key string) (value, rest []byte, ok bool) {
	for {
		i := bytes.Index(b, []byte(key))
		if i < 0 {
			return nil, nil, false
		}
		b = b[i+len(key):]
		v := bytes.TrimLeft(b, " \t\r\n")
		if len(v) == 0 || v[0] != ':' {
			continue // a value that reads like the key
		}
		if v = bytes.TrimLeft(v[1:], " \t\r\n"); len(v) > 0 && v[0] == '"' {
			return stringValue(v)
		}
		if rest := bytes.TrimLeft(v, "0123456789"); len(rest) < len(v) {
			return v[:len(v)-len(rest)], rest, true
		}
	}
}

// stringValue splits b, which begins with a quote, behind that string.
func stringValue(b []byte) (value, rest []byte, ok bool) {
	escaped := false
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			if !escaped {
				return b[1:i], b[i+1:], true
			}
			var s string
			if err := json.Unmarshal(b[:i+1], &s); err != nil {
				return nil, nil, false
			}
			return []byte(s), b[i+1:], true
		}
	}
	return nil, nil, false
}
