package sdkv2

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func TestBodiesComeBackUnchanged(t *testing.T) {
	t.Parallel()
	for label, body := range harness.HostileBodies {
		t.Run(label, func(t *testing.T) {
			q := newQueue(t, shared)
			sent := q.send(body)
			if got, want := *sent.MD5OfMessageBody, harness.BodyMD5(body); got != want {
				t.Errorf("MD5OfMessageBody = %s, want %s", got, want)
			}
			if sent.MD5OfMessageAttributes != nil || sent.MD5OfMessageSystemAttributes != nil || sent.SequenceNumber != nil {
				t.Errorf("a plain send answered %+v", sent)
			}
			got := q.receiveOne()
			if *got.Body != body {
				t.Errorf("body = %q, want %q", *got.Body, body)
			}
			if *got.MD5OfBody != *sent.MD5OfMessageBody || *got.MessageId != *sent.MessageId {
				t.Errorf("received %s %s, sent %s %s", *got.MessageId, *got.MD5OfBody, *sent.MessageId, *sent.MD5OfMessageBody)
			}
		})
	}
}

func TestForbiddenBodies(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	for label, body := range harness.ForbiddenBodies {
		t.Run(label, func(t *testing.T) {
			_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body})
			refusal{is[*types.InvalidMessageContents], "InvalidMessageContents", 400, ""}.check(t, err)
		})
	}
	q.wantCounts("0", "0", "0")
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func TestMessageID(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	first, second := *q.send("a").MessageId, *q.send("a").MessageId
	if !uuid.MatchString(first) || !uuid.MatchString(second) || first == second {
		t.Errorf("message ids %s and %s, want two UUIDs", first, second)
	}
}

func TestMessageSize(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		maximum string
		body    int
		fits    bool
	}{
		"default_exactly_1_MiB":    {"1048576", 1 << 20, true},
		"default_1_MiB_and_1":      {"1048576", 1<<20 + 1, false},
		"lowered_exactly":          {"1024", 1024, true},
		"lowered_and_1":            {"1024", 1025, false},
		"attributes_count_exact":   {"1024", 1024 - len("nameString") - len("value"), true},
		"attributes_count_and_1":   {"1024", 1025 - len("nameString") - len("value"), false},
		"bytes_are_not_characters": {"1024", -342, false},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			q := newQueue(t, shared, "MaximumMessageSize", test.maximum)
			in := &sqs.SendMessageInput{QueueUrl: &q.url}
			switch {
			case test.body < 0:
				in.MessageBody = aws.String(strings.Repeat("☃", -test.body)) // 3 bytes each
			default:
				in.MessageBody = aws.String(strings.Repeat("x", test.body))
			}
			if strings.HasPrefix(label, "attributes") {
				in.MessageAttributes = map[string]types.MessageAttributeValue{"name": {DataType: aws.String("String"), StringValue: aws.String("value")}}
			}
			_, err := q.SendMessage(t.Context(), in)
			if !test.fits {
				refusal{nil, codeInvalid, 400, "Message must be shorter than " + test.maximum + " bytes."}.check(t, err)
				q.wantCounts("0", "0", "0")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := q.receiveOne(); *got.Body != *in.MessageBody {
				t.Errorf("received %d bytes, want %d", len(*got.Body), len(*in.MessageBody))
			}
		})
	}
}

func text(dataType, value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: &dataType, StringValue: &value}
}

func blob(dataType string, value []byte) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: &dataType, BinaryValue: value}
}

// digestOf is the MD5 that the attributes must have.
func digestOf(attributes map[string]types.MessageAttributeValue) string {
	var list []harness.Attribute
	for name, value := range attributes {
		list = append(list, harness.Attribute{Name: name, Type: *value.DataType, Text: aws.ToString(value.StringValue), Binary: value.BinaryValue})
	}
	return harness.AttributesMD5(list...)
}

func TestMessageAttributes(t *testing.T) {
	t.Parallel()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	tests := map[string]map[string]types.MessageAttributeValue{
		"string":         {"color": text("String", "blue")},
		"number":         {"timestamp": text("Number", "1493147359900")},
		"negative":       {"n": text("Number", "-1.5e-10")},
		"38_digits":      {"n": text("Number", "12345678901234567890123456789012345678")},
		"custom_types":   {"a": text("String.json", `{"a":1}`), "b": text("Number.int", "42"), "c": blob("Binary.gif", []byte("GIF89a"))},
		"binary":         {"blob": blob("Binary", every)},
		"hostile_text":   {"h": text("String", "<a>&\"'\r\n\t ]]> ☃ 😀")},
		"names":          {"A.b-c_1": text("String", "x"), "a.b-c_1": text("String", "y"), "attr.1øßä": text("String", "z")},
		"ten":            manyAttributes(10),
		"recorded":       {"color": text("String", "blue"), "count": text("Number", "3"), "blob": blob("Binary", []byte{1, 2, 3})},
		"name_of_256":    {strings.Repeat("n", 256): text("String", "x")},
		"traceparent_01": {"attr1": blob("Binary", []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"))},
	}
	for label, attributes := range tests {
		t.Run(label, func(t *testing.T) {
			q := newQueue(t, shared)
			sent, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: attributes})
			if err != nil {
				t.Fatal(err)
			}
			want := digestOf(attributes)
			if got := aws.ToString(sent.MD5OfMessageAttributes); got != want {
				t.Errorf("MD5OfMessageAttributes = %s when sent, want %s", got, want)
			}
			got := q.receiveOne()
			if md5 := aws.ToString(got.MD5OfMessageAttributes); md5 != want {
				t.Errorf("MD5OfMessageAttributes = %s when received, want %s", md5, want)
			}
			wantAttributes(t, got.MessageAttributes, attributes)
		})
	}
}

func wantAttributes(t *testing.T, got, want map[string]types.MessageAttributeValue) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d attributes, want %d", len(got), len(want))
	}
	for name, w := range want {
		g, ok := got[name]
		if !ok || aws.ToString(g.DataType) != aws.ToString(w.DataType) || aws.ToString(g.StringValue) != aws.ToString(w.StringValue) ||
			!bytes.Equal(g.BinaryValue, w.BinaryValue) {
			t.Errorf("attribute %s = %s %q %x, want %s %q %x", name, aws.ToString(g.DataType), aws.ToString(g.StringValue), g.BinaryValue,
				aws.ToString(w.DataType), aws.ToString(w.StringValue), w.BinaryValue)
		}
	}
}

func manyAttributes(n int) map[string]types.MessageAttributeValue {
	m := map[string]types.MessageAttributeValue{}
	for i := range n {
		m["name"+strconv.Itoa(i)] = text("String", strconv.Itoa(i))
	}
	return m
}

func TestMessageAttributesRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	tests := map[string]struct {
		attributes map[string]types.MessageAttributeValue
		text       string
	}{
		"eleven":             {manyAttributes(11), "Number of message attributes [11] exceeds the allowed maximum [10]."},
		"empty_value":        {map[string]types.MessageAttributeValue{"a": text("String", "")}, "must contain a non-empty value of type 'String'"},
		"empty_binary":       {map[string]types.MessageAttributeValue{"a": blob("Binary", []byte{})}, "must contain a non-empty value of type 'Binary'"},
		"unknown_type":       {map[string]types.MessageAttributeValue{"a": text("Foo", "x")}, "The type of message (user) attribute 'a' is invalid."},
		"type_in_lower_case": {map[string]types.MessageAttributeValue{"a": text("string", "x")}, "The type of message (user) attribute 'a' is invalid."},
		"not_a_number":       {map[string]types.MessageAttributeValue{"a": text("Number", "abc")}, "number"},
		"reserved_AWS":       {map[string]types.MessageAttributeValue{"AWS.x": text("String", "x")}, "reserved"},
		"reserved_amazon":    {map[string]types.MessageAttributeValue{"aMaZoN.x": text("String", "x")}, "reserved"},
		"dot_first":          {map[string]types.MessageAttributeValue{".x": text("String", "x")}, ""},
		"dot_last":           {map[string]types.MessageAttributeValue{"x.": text("String", "x")}, ""},
		"bad_character":      {map[string]types.MessageAttributeValue{"a!b": text("String", "x")}, ""},
		"name_of_257":        {map[string]types.MessageAttributeValue{strings.Repeat("n", 257): text("String", "x")}, ""},
		"type_of_257":        {map[string]types.MessageAttributeValue{"a": text("String."+strings.Repeat("n", 250), "x")}, ""},
		"control_character":  {map[string]types.MessageAttributeValue{"a": text("String", "x\x01y")}, ""},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: test.attributes})
			refusal{nil, codeInvalid, 400, test.text}.check(t, err)
		})
	}
	t.Run("list_values", func(t *testing.T) {
		_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: map[string]types.MessageAttributeValue{
				"a": {DataType: aws.String("String"), StringListValues: []string{"x", "y"}},
			},
		})
		refusal{is[*types.UnsupportedOperation], "AWS.SimpleQueueService.UnsupportedOperation", 400, "list values"}.check(t, err)
	})
	q.wantCounts("0", "0", "0")
}

func TestMessageAttributeFilter(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	all := map[string]types.MessageAttributeValue{
		"Help.Me": text("String", "Me"), "Hello": text("String", "There"), "General": text("String", "Kenobi"),
	}
	if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: all}); err != nil {
		t.Fatal(err)
	}
	// The digests were recorded from AWS.
	tests := []struct{ ask, want, md5 string }{
		{"All", "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{".*", "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"*", "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"Hello", "Hello", "a311262e065454b75da111d535b8dacd"},
		{"Hel.*", "Hello Help.Me", "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"Gen.* Hel.*", "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"Help", "", ""},
		{"hello", "", ""},
		{"AWS. ..foo", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		t.Run("ask "+test.ask, func(t *testing.T) {
			q := *q
			q.t = t
			got := q.receiveOne(func(in *sqs.ReceiveMessageInput) { in.MessageAttributeNames = strings.Fields(test.ask) }, wait(5))
			var names []string
			for name := range got.MessageAttributes {
				names = append(names, name)
			}
			slices.Sort(names)
			if list := strings.Join(names, " "); list != test.want {
				t.Errorf("got %s, want %s", list, test.want)
			}
			if md5 := aws.ToString(got.MD5OfMessageAttributes); md5 != test.md5 {
				t.Errorf("MD5OfMessageAttributes = %q, want %q", md5, test.md5)
			}
			q.hide(got, 0)
		})
	}
}

// hide sets the message's visibility timeout.
func (q *queue) hide(m types.Message, seconds int32) {
	q.t.Helper()
	in := &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds}
	if _, err := q.ChangeMessageVisibility(q.t.Context(), in); err != nil {
		q.t.Fatalf("change visibility: %v", err)
	}
}

func (q *queue) delete(m types.Message) {
	q.t.Helper()
	if _, err := q.DeleteMessage(q.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
		q.t.Fatalf("delete: %v", err)
	}
}

func TestSystemAttributes(t *testing.T) {
	t.Parallel()
	const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	q := newQueue(t, shared)
	sent, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &q.url, MessageBody: aws.String("x"), MessageAttributes: map[string]types.MessageAttributeValue{"a": text("String", "b")},
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String(trace)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Recorded from AWS.
	if got, want := aws.ToString(sent.MD5OfMessageSystemAttributes), "5ae4d5d7636402d80f4eb6d213245a88"; got != want {
		t.Errorf("MD5OfMessageSystemAttributes = %s, want %s", got, want)
	}
	ask := func(names ...types.MessageSystemAttributeName) func(*sqs.ReceiveMessageInput) {
		return func(in *sqs.ReceiveMessageInput) { in.MessageSystemAttributeNames = names }
	}

	first := q.receiveOne()
	if first.Attributes["AWSTraceHeader"] != trace || first.Attributes["ApproximateReceiveCount"] != "1" || first.Attributes["SenderId"] == "" {
		t.Errorf("first receive: %v", first.Attributes)
	}
	sentAt, firstAt := milliseconds(t, first, "SentTimestamp"), milliseconds(t, first, "ApproximateFirstReceiveTimestamp")
	if firstAt < sentAt || time.Since(time.UnixMilli(sentAt)).Abs() > time.Hour {
		t.Errorf("sent at %d, first received at %d, now %d", sentAt, firstAt, time.Now().UnixMilli())
	}
	if len(first.Attributes) != 5 {
		t.Errorf("All answered %v, want 5 attributes", first.Attributes)
	}
	q.hide(first, 0)

	second := q.receiveOne(ask("ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "not-a-real-name"))
	if len(second.Attributes) != 2 || second.Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("second receive: %v", second.Attributes)
	}
	if again := milliseconds(t, second, "ApproximateFirstReceiveTimestamp"); again != firstAt {
		t.Errorf("first received at %d, then at %d", firstAt, again)
	}
	if *second.ReceiptHandle == *first.ReceiptHandle {
		t.Error("a second receive has the first one's handle")
	}
	q.hide(second, 0)

	if third := q.receiveOne(ask()); len(third.Attributes) != 0 {
		t.Errorf("none asked: %v", third.Attributes)
	}
}

// The older name of the same member must go on working.
func TestAttributeNamesIsTheOldNameOfMessageSystemAttributeNames(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("x")
	got := q.receiveOne(func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = nil
		in.AttributeNames = []types.QueueAttributeName{"SentTimestamp"} //nolint:staticcheck // deprecated is the point
	})
	if len(got.Attributes) != 1 || got.Attributes["SentTimestamp"] == "" {
		t.Errorf("got %v", got.Attributes)
	}
}

func TestSystemAttributesRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &q.url, MessageBody: aws.String("x"), MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"SenderId": {DataType: aws.String("String"), StringValue: aws.String("me")},
		},
	})
	refusal{nil, codeInvalid, 400, ""}.check(t, err)
}

func milliseconds(t *testing.T, m types.Message, name string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(m.Attributes[name], 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
