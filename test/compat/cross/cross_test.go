// Package cross holds our own client against the one it follows: what package sqs writes boto2 reads, and the reverse,
// over both protocols and for every message class that both have.
package cross

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

var shared *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Run(m, &shared, nil))
}

// class is a message class by its name in boto and its codec in Go.
type class struct {
	boto  string
	codec sqs.Codec[string]
	also  []string // bodies that only this class can carry
}

var classes = []class{
	{"RawMessage", sqs.RawMessage{}, nil},
	{"Message", sqs.Base64Message{}, []string{"\x00\x01\x02", "a\x00b", "\uffff"}},
}

func (c class) bodies() []string {
	list := slices.Collect(maps.Values(harness.HostileBodies))
	return append(list, c.also...)
}

// attribute is a message attribute as boto has it: binary values are base64 text.
type attribute struct {
	Type   string `json:"data_type"`
	Text   string `json:"string_value,omitempty"`
	Binary string `json:"binary_value,omitempty"`
}

// message is what the Python scripts read and write.
type message struct {
	ID         string               `json:"id,omitempty"`
	Body       string               `json:"body"`
	MD5        string               `json:"md5,omitempty"`
	Attributes map[string]attribute `json:"attributes,omitempty"`
	Digest     string               `json:"md5_message_attributes,omitempty"`
}

var (
	ofGo = map[string]sqs.MessageAttribute{
		"text": sqs.StringAttribute("<a>&\"'\r\n ☃"), "n": sqs.NumberAttribute("-1.5"), "blob": sqs.BinaryAttribute([]byte{0, 255, 128}),
		"custom": {DataType: "String.json", String: "{}"},
	}
	ofBoto = map[string]attribute{
		"text": {Type: "String", Text: "<a>&\"'\r\n ☃"}, "n": {Type: "Number", Text: "-1.5"}, "custom": {Type: "String.json", Text: "{}"},
		"blob": {Type: "Binary", Binary: base64.StdEncoding.EncodeToString([]byte{0, 255, 128})},
	}
)

func connect(t *testing.T, options ...func(*sqs.Options)) *sqs.Connection {
	t.Helper()
	options = append([]func(*sqs.Options){sqs.WithEndpoint(shared.URL), sqs.WithCredentials("any", "any", "")}, options...)
	conn, err := sqs.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// python runs a script of boto2 with in as JSON on its standard input and reads its answer into out.
func python(t *testing.T, in, out any, script string, args ...string) {
	t.Helper()
	input, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	run := harness.Python(t, "boto2", append([]string{"-W", "ignore", script, shared.URL}, args...)...)
	run.Stdin, run.Stdout, run.Stderr = bytes.NewReader(input), &stdout, &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), out); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &stdout)
	}
}

// each runs f for both protocols and every class, with a queue of its own.
func each(t *testing.T, f func(t *testing.T, q *sqs.Queue, c class)) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		for _, c := range classes {
			t.Run(protocol.String()+"/"+c.boto, func(t *testing.T) {
				t.Parallel()
				conn := connect(t, sqs.WithProtocol(protocol), sqs.WithMessageClass(c.codec))
				q, err := conn.CreateQueue(t.Context(), harness.QueueName(t))
				if err != nil {
					t.Fatal(err)
				}
				f(t, q, c)
			})
		}
	}
}

func TestBoto2ReadsWhatWeWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.Queue, c class) {
		written := map[string]*sqs.Message{}
		for _, body := range c.bodies() {
			m := q.NewMessage(body)
			m.MessageAttributes = ofGo
			if err := q.Write(t.Context(), m); err != nil {
				t.Fatalf("write %q: %v", body, err)
			}
			written[m.ID] = m
		}
		wantBoto2Reads(t, q, c, written)
	})
}

func TestBoto2ReadsTheBatchesWeWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.Queue, c class) {
		var batch []*sqs.Message
		for _, body := range c.bodies() {
			m := q.NewMessage(body)
			m.MessageAttributes = ofGo
			batch = append(batch, m)
		}
		if _, err := q.WriteBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		written := map[string]*sqs.Message{}
		for _, m := range batch {
			written[m.ID] = m
		}
		wantBoto2Reads(t, q, c, written)
	})
}

func wantBoto2Reads(t *testing.T, q *sqs.Queue, c class, written map[string]*sqs.Message) {
	t.Helper()
	var read []message
	python(t, nil, &read, "boto2_read.py", q.Name(), c.boto, strconv.Itoa(len(written)))
	if len(read) != len(written) {
		t.Errorf("boto2 read %d messages, want %d", len(read), len(written))
	}
	for _, got := range read {
		want, ok := written[got.ID]
		if !ok {
			t.Errorf("boto2 read %s, which nobody wrote", got.ID)
			continue
		}
		if got.Body != want.Body || got.MD5 != want.MD5 || got.Digest != want.MD5OfMessageAttributes {
			t.Errorf("boto2 read %q %s %s, want %q %s %s", got.Body, got.MD5, got.Digest, want.Body, want.MD5, want.MD5OfMessageAttributes)
		}
		if !maps.Equal(got.Attributes, ofBoto) {
			t.Errorf("boto2 read the attributes %v, want %v", got.Attributes, ofBoto)
		}
	}
	if n, err := q.Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d messages are left, %v", n, err)
	}
}

func TestWeReadWhatBoto2Writes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.Queue, c class) {
		wantWeRead(t, q, c, "write", func(body string) string { return body })
	})
}

// boto's write_batch does not encode: the bodies are whatever the caller gave it, so they read raw.
func TestWeReadTheBatchesBoto2Writes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.Queue, c class) {
		wantWeRead(t, q, c, "batch", func(body string) string {
			encoded, err := c.codec.Encode(body)
			if err != nil {
				t.Fatal(err)
			}
			return encoded
		})
	})
}

func wantWeRead(t *testing.T, q *sqs.Queue, c class, how string, prepare func(body string) string) {
	t.Helper()
	var in []message
	for _, body := range c.bodies() {
		in = append(in, message{Body: prepare(body), Attributes: ofBoto})
	}
	var written []struct{ ID, Stored string }
	python(t, in, &written, "boto2_write.py", q.Name(), c.boto, how)
	bodies := map[string]string{} // body by stored text
	for _, body := range c.bodies() {
		stored, err := c.codec.Encode(body)
		if err != nil {
			t.Fatal(err)
		}
		bodies[stored] = body
	}
	want := map[string]string{} // body by id
	for _, w := range written {
		body, ok := bodies[w.Stored]
		if !ok {
			t.Errorf("boto2 stored %q, which our codec would not", w.Stored)
		}
		want[w.ID] = body
	}
	for len(want) > 0 {
		got, err := q.Messages(t.Context(), 10, sqs.WithWait(10*time.Second), sqs.WithMessageAttributes())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			t.Fatalf("%d messages of boto2 did not arrive", len(want))
		}
		for _, m := range got {
			body, ok := want[m.ID]
			if !ok || m.Body != body || m.DecodeError != nil {
				t.Errorf("read %s %q, decode error %v, want %q", m.ID, m.Body, m.DecodeError, body)
			}
			wantAttributes(t, m.MessageAttributes)
			delete(want, m.ID)
			if err := m.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := q.Read(t.Context()); !errors.Is(err, sqs.ErrNoMessage) {
		t.Errorf("read of the emptied queue: %v, want ErrNoMessage", err)
	}
}

func wantAttributes(t *testing.T, got map[string]sqs.MessageAttribute) {
	t.Helper()
	same := func(a, b sqs.MessageAttribute) bool {
		return a.DataType == b.DataType && a.String == b.String && bytes.Equal(a.Binary, b.Binary)
	}
	if !maps.EqualFunc(got, ofGo, same) {
		t.Errorf("attributes = %v, want %v", got, ofGo)
	}
}

// Both find each other's queues.
func TestQueuesAreShared(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	name := harness.QueueName(t)
	q, err := conn.CreateQueue(t.Context(), name, sqs.WithVisibilityTimeout(77*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var seen struct{ URL, ARN, Timeout string }
	run := harness.Python(t, "boto2", "-W", "ignore", "-c", `
import json, sys
from boto2_read import connect
queue = connect(sys.argv[1]).get_queue(sys.argv[2])
print(json.dumps({"URL": queue.url, "ARN": queue.arn, "Timeout": str(queue.get_timeout())}))
queue.set_timeout(33)
`, shared.URL, name)
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	if seen.URL != q.URL() || seen.ARN != q.ARN() || seen.Timeout != "77" {
		t.Errorf("boto2 sees %v, want %s %s 77", seen, q.URL(), q.ARN())
	}
	if got, err := q.Timeout(t.Context()); err != nil || got != 33*time.Second {
		t.Errorf("timeout = %v, %v after boto2 set it to 33", got, err)
	}
}
