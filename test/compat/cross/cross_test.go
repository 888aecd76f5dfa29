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

// attribute is a message attribute as boto has it: binary values are base64 text.
type attribute struct {
	Type   string `json:"data_type"`
	Text   string `json:"string_value,omitempty"`
	Binary string `json:"binary_value,omitempty"`
}

// message is what the Python scripts read and write. Body is the JSON text of a body.
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
func each(t *testing.T, f func(t *testing.T, q *sqs.QueueOf[any], c class)) {
	for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
		for _, c := range classes(t) {
			t.Run(protocol.String()+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				q, err := connect(t, sqs.WithProtocol(protocol)).CreateQueue(t.Context(), harness.QueueName(t))
				if err != nil {
					t.Fatal(err)
				}
				f(t, sqs.As(q, c.codec), c)
			})
		}
	}
}

// We write every body twice: by itself, and in batches, which boto did not encode.
func TestBoto2ReadsWhatWeWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.QueueOf[any], c class) {
		type sent struct {
			*sqs.MessageOf[any]
			body body
		}
		fresh := func(b body) *sqs.MessageOf[any] {
			m := q.NewMessage(b.value)
			m.MessageAttributes = ofGo
			return m
		}
		written := map[string]sent{}
		var batch []*sqs.MessageOf[any]
		for _, b := range c.bodies {
			m := fresh(b)
			if err := q.Write(t.Context(), m); err != nil {
				t.Fatalf("write %#v: %v", b.value, err)
			}
			written[m.ID] = sent{m, b}
			batch = append(batch, fresh(b))
		}
		if _, err := q.WriteBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		for i, m := range batch {
			written[m.ID] = sent{m, c.bodies[i]}
		}
		var read []message
		python(t, nil, &read, "boto2_read.py", q.Name(), c.boto, strconv.Itoa(len(written)))
		if len(read) != 2*len(c.bodies) {
			t.Errorf("boto2 read %d messages, want %d", len(read), 2*len(c.bodies))
		}
		for _, got := range read {
			want, ok := written[got.ID]
			if !ok {
				t.Errorf("boto2 read %s, which nobody wrote", got.ID)
				continue
			}
			if _, python := want.body.readBack(); !samePython(got.Body, python) {
				t.Errorf("boto2 read %s, want %s", got.Body, python)
			}
			if got.MD5 != want.MD5 || got.Digest != want.MD5OfMessageAttributes {
				t.Errorf("boto2 read %s %s, want %s %s", got.MD5, got.Digest, want.MD5, want.MD5OfMessageAttributes)
			}
			if !maps.Equal(got.Attributes, ofBoto) {
				t.Errorf("boto2 read the attributes %v, want %v", got.Attributes, ofBoto)
			}
		}
		if n, err := q.Count(t.Context()); err != nil || n != 0 {
			t.Errorf("%d messages are left, %v", n, err)
		}
	})
}

func TestWeReadWhatBoto2Writes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.QueueOf[any], c class) {
		var in []message
		for _, b := range c.bodies {
			in = append(in, message{Body: b.python, Attributes: ofBoto})
		}
		var written []struct{ ID, Stored string }
		python(t, in, &written, "boto2_write.py", q.Name(), c.boto)
		if len(written) != 2*len(in) {
			t.Fatalf("boto2 wrote %d messages, want %d", len(written), 2*len(in))
		}
		want := map[string]body{} // by id
		for i, w := range written {
			b := c.bodies[i%len(in)]
			want[w.ID] = b
			if stored, err := c.codec.Encode(b.value); err != nil || stored != w.Stored && !c.free {
				t.Errorf("boto2 stored %q, our codec would store %q, %v", w.Stored, stored, err)
			}
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
				b, ok := want[m.ID]
				if value, _ := b.readBack(); !ok || !c.sameBody(m.Body, value) || m.DecodeError != nil {
					t.Errorf("read %s %#v, decode error %v, want %#v", m.ID, m.Body, m.DecodeError, value)
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
	})
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
