package cross

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

// TestCodecsAgainstBoto2 has boto decode and encode texts made at random, and our codecs do the same.
func TestCodecsAgainstBoto2(t *testing.T) {
	t.Parallel()
	var cases []struct {
		Class, Stored, Encoded string
		Decoded                *string // JSON text; nil if boto raises SQSDecodeError
	}
	run := harness.Python(t, "boto2", "-W", "ignore", "boto2_codecs.py", "20260101", "4000")
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &cases); err != nil {
		t.Fatal(err)
	}
	codecs := map[string]sqs.Codec[any]{}
	for _, c := range classes(t) {
		if c.name == c.boto {
			codecs[c.boto] = c.codec
		}
	}
	refused := 0
	for _, want := range cases {
		body, err := codecs[want.Class].Decode(want.Stored)
		if want.Decoded == nil {
			refused++
			if err == nil {
				t.Errorf("%s: decode %q: got %#v, want an error", want.Class, want.Stored, body)
			}
			continue
		}
		if err != nil && want.Class != "Message" { // where boto returns the text, and we do, with an error
			t.Errorf("%s: decode %q: %v, want %s", want.Class, want.Stored, err, *want.Decoded)
			continue
		}
		text, err := sqs.JSONMessage{}.Encode(body)
		if err != nil || text != base64.StdEncoding.EncodeToString([]byte(*want.Decoded)) {
			t.Errorf("%s: decode %q: got %#v, %v; want %s", want.Class, want.Stored, body, err, *want.Decoded)
		}
		if got, err := codecs[want.Class].Encode(body); err != nil || got != want.Encoded {
			t.Errorf("%s: encode %#v: got %q, %v; want %q", want.Class, body, got, err, want.Encoded)
		}
	}
	if len(cases) != 4000 || refused < 400 || refused > 2000 {
		t.Errorf("%d cases, of which boto refuses %d", len(cases), refused)
	}
}

// One message that boto cannot decode costs it the page, for as long as the message is in the queue. We return the
// others, and that one with its receipt handle, so that it can be deleted.
func TestUndecodableMessageKeepsThePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *sqs.QueueOf[any], c class) {
		if c.boto != "JSONMessage" && c.boto != "EncodedMHMessage" {
			return // boto's other classes decode anything
		}
		good := c.bodies[0]
		for _, write := range []func() error{
			func() error { return q.Write(t.Context(), q.NewMessage(good.value)) },
			func() error {
				raw := sqs.As(q, sqs.RawMessage{})
				return raw.Write(t.Context(), raw.NewMessage("not base64!"))
			},
			func() error { return q.Write(t.Context(), q.NewMessage(good.value)) },
		} {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		boto := harness.Python(t, "boto2", "-W", "ignore", "-c", `
import sys
from boto2_read import connect, message_class
queue = connect(sys.argv[1]).get_queue(sys.argv[2])
queue.set_message_class(message_class(sys.argv[3]))
print(len(queue.get_messages(10, visibility_timeout=0)))
`, shared.URL, q.Name(), c.boto)
		var stderr strings.Builder
		boto.Stderr = &stderr
		if out, err := boto.Output(); err == nil || !strings.Contains(stderr.String(), "SQSDecodeError") {
			t.Errorf("boto2 read %q, %s; it used to raise SQSDecodeError", out, &stderr)
		}

		page, err := q.Messages(t.Context(), 10)
		if err != nil || len(page) != 3 {
			t.Fatalf("got %d messages, %v; want 3", len(page), err)
		}
		for i, m := range page {
			if i == 1 {
				if m.DecodeError == nil || m.DecodeError.Stored != "not base64!" || m.Stored() != "not base64!" {
					t.Errorf("got %#v, %v; want a decode error", m.Body, m.DecodeError)
				}
			} else if m.DecodeError != nil || !c.sameBody(m.Body, good.value) {
				t.Errorf("got %#v, %v; want %#v", m.Body, m.DecodeError, good.value)
			}
			if err := m.Delete(t.Context()); err != nil {
				t.Errorf("delete message %d: %v", i, err)
			}
		}
	})
}

// SQS has no empty messages, so no headers at all cannot be sent, by boto neither. JSONMessage's empty object can.
func TestNoHeadersAreRefused(t *testing.T) {
	t.Parallel()
	q, err := connect(t).CreateQueue(t.Context(), harness.QueueName(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, codec := range []sqs.Codec[sqs.Headers]{sqs.MHMessage{}, sqs.EncodedMHMessage{}} {
		headers := sqs.As(q, codec)
		if err := headers.Write(t.Context(), headers.NewMessage(nil)); !errors.Is(err, sqs.ErrMissingParameter) {
			t.Errorf("%T: got %v, want ErrMissingParameter", codec, err)
		}
	}
}
