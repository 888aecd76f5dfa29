package load

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// Query is AWS Query: a form in, XML out; boto2 and SDKs from before 2023 speak it.
type Query struct{}

var _ Protocol = Query{}

// Append posts to the path of the queue and names the queue in the form too, as botocore did.
func (Query) Append(dst []byte, t *Target, c *Call) []byte {
	var scratch [8 << 10]byte
	body := appendForm(scratch[:0], c)
	path := cmp.Or(t.Path, "/")
	if u, err := url.Parse(c.QueueURL); err == nil && u.Path != "" {
		path = u.EscapedPath()
	}
	dst = appendHeader(dst, t, path, "application/x-www-form-urlencoded", "", len(body))
	return append(dst, body...)
}

func appendForm(b []byte, c *Call) []byte {
	b = append(b, "Action="...)
	b = append(b, c.Action...)
	b = append(b, "&Version=2012-11-05"...)
	if c.Action == CreateQueue {
		b = appendParam(b, "QueueName", []byte(c.QueueName))
		b = append(b, "&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value="+visibility...)
		if strings.HasSuffix(c.QueueName, fifoSuffix) {
			b = append(b, "&Attribute.2.Name=FifoQueue&Attribute.2.Value=true"...)
		}
		return b
	}
	b = appendParam(b, "QueueUrl", []byte(c.QueueURL))
	switch c.Action {
	case GetQueueAttributes:
		b = append(b, "&AttributeName.1="+attrVisible+"&AttributeName.2="+attrInFlight+"&AttributeName.3="+attrDelayed...)
	case SendMessage:
		b = appendMessageParams(b, "", c, 0)
	case SendMessageBatch:
		for i := range c.Bodies {
			entry := "SendMessageBatchRequestEntry." + strconv.Itoa(i+1)
			b = appendParam(b, entry+".Id", strconv.AppendInt(nil, int64(i), 10))
			b = appendMessageParams(b, entry+".", c, i)
		}
	case ReceiveMessage:
		b = append(b, "&MaxNumberOfMessages="...)
		b = strconv.AppendInt(b, int64(c.Max), 10)
		b = append(b, "&WaitTimeSeconds="...)
		b = strconv.AppendInt(b, int64(c.Wait), 10)
	case DeleteMessage:
		b = appendParam(b, "ReceiptHandle", c.Handles[0])
	case DeleteMessageBatch:
		for i, h := range c.Handles {
			entry := "DeleteMessageBatchRequestEntry." + strconv.Itoa(i+1)
			b = appendParam(b, entry+".Id", strconv.AppendInt(nil, int64(i), 10))
			b = appendParam(b, entry+".ReceiptHandle", h)
		}
	}
	return b
}

// appendMessageParams appends the parameters of the i-th message.
func appendMessageParams(b []byte, prefix string, c *Call, i int) []byte {
	b = appendParam(b, prefix+"MessageBody", c.Bodies[i])
	if c.Groups != nil {
		b = appendParam(b, prefix+"MessageGroupId", c.Groups[i])
		b = appendParam(b, prefix+"MessageDeduplicationId", c.Dedups[i])
	}
	if c.Delay > 0 {
		b = appendParam(b, prefix+"DelaySeconds", strconv.AppendInt(nil, int64(c.Delay), 10))
	}
	return b
}

// appendParam appends "&key=value" with value escaped as SDKs do: all but the unreserved characters of RFC 3986.
func appendParam(b []byte, key string, value []byte) []byte {
	const hexDigits = "0123456789ABCDEF"
	b = append(b, '&')
	b = append(b, key...)
	b = append(b, '=')
	for _, c := range value {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

// Succeeded counts result entries; a refused entry has another element name.
func (Query) Succeeded(a Action, answer []byte) int {
	switch a {
	case SendMessage:
		return min(bytes.Count(answer, []byte("<MessageId>")), 1)
	case SendMessageBatch, DeleteMessageBatch:
	default:
		return 1
	}
	return bytes.Count(answer, []byte("<"+string(a)+"ResultEntry>"))
}

// Deliveries finds bodies and handles by their elements.
func (Query) Deliveries(dst []Delivery, answer []byte) ([]Delivery, error) {
	return pair(dst, answer,
		func(b []byte) ([]byte, []byte, bool) { return element(b, "<Body>") },
		func(b []byte) ([]byte, []byte, bool) { return element(b, "<ReceiptHandle>") })
}

// QueueURL reads a CreateQueue answer.
func (Query) QueueURL(answer []byte) (string, error) {
	v, _, ok := element(answer, "<QueueUrl>")
	if !ok {
		return "", fmt.Errorf("no QueueUrl in %.300s", answer)
	}
	return string(bytes.TrimSpace(v)), nil
}

// Attribute reads the Value that follows the Name.
func (Query) Attribute(name string, answer []byte) (int, error) {
	for rest := answer; ; {
		n, after, ok := element(rest, "<Name>")
		if !ok {
			return 0, fmt.Errorf("%w: %s in %.300s", errNoAttribute, name, answer)
		}
		if string(bytes.TrimSpace(n)) == name {
			v, _, _ := element(after, "<Value>")
			return parseCount(name, v)
		}
		rest = after
	}
}

// element returns the text of the first element that begins with tag, and what follows that text.
func element(b []byte, tag string) (text, rest []byte, ok bool) {
	i := bytes.Index(b, []byte(tag))
	if i < 0 {
		return nil, nil, false
	}
	b = b[i+len(tag):]
	if i = bytes.IndexByte(b, '<'); i < 0 {
		return nil, nil, false
	}
	text, rest = b[:i], b[i:]
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(html.UnescapeString(string(text)))
	}
	return text, rest, true
}
