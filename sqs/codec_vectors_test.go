package sqs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/sqs"
)

// vectors are what boto 2.49 did on CPython 3.11, recorded, with py2 beside it where CPython 2.7 differed. The file's
// _about says how values are written that JSON does not have.
type vectors struct {
	Encode []encodeVector
	Decode []decodeVector
}

type encodeVector struct {
	Class    string
	Input    json.RawMessage
	Stored   json.RawMessage
	Len      *int
	Error    json.RawMessage
	LenError json.RawMessage `json:"len_error"`
	Py2      *struct{ Stored json.RawMessage }
}

type decodeVector struct {
	Class     string
	Stored    string
	Decoded   json.RawMessage
	Error     json.RawMessage
	Unchanged bool `json:"returned_unchanged"`
	Py2       *struct{ Decoded json.RawMessage }
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/boto2-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Encode) != 120 || len(v.Decode) != 181 {
		t.Fatalf("got %d and %d vectors, want 120 and 181", len(v.Encode), len(v.Decode))
	}
	return v
}

// python says how Python writes what is no text where boto wants text.
type python struct {
	none, yes, quote string // str(None), str(True), and what repr puts before a quoted string
	jsonYes          string // the key that json.dumps makes of True
	bytes            func(string) string
}

var (
	python3 = python{"None", "True", "", "true", func(s string) string { return "b'" + s + "'" }}
	python2 = python{"None", "True", "u", "True", func(s string) string { return s }}
)

// value reads the vectors' notation, with encoding/json only: dictionaries become Objects whose keys key makes.
func value(t *testing.T, raw json.RawMessage, key func(any) string) any {
	t.Helper()
	text := string(raw)
	if text == `"\ud800"` {
		return "\xed\xa0\x80" // as JSONMessage says
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, ok := new(big.Int).SetString(text, 10); ok {
		return n
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	switch v.(type) {
	case []any:
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements)
		list := []any{}
		for _, e := range elements {
			list = append(list, value(t, e, key))
		}
		return list
	case map[string]any:
		return marked(t, raw, key)
	}
	return v
}

func marked(t *testing.T, raw json.RawMessage, key func(any) string) any {
	t.Helper()
	var mark struct {
		Dict  *[][2]json.RawMessage `json:"$dict"`
		Bytes *[]byte               `json:"$bytes_b64"`
		Float string                `json:"$float"`
	}
	if err := json.Unmarshal(raw, &mark); err != nil {
		t.Fatal(err)
	}
	switch {
	case mark.Dict != nil:
		object := sqs.Object{}
		for _, pair := range *mark.Dict {
			object.Set(key(value(t, pair[0], key)), value(t, pair[1], key))
		}
		return object
	case mark.Bytes != nil:
		return *mark.Bytes
	case mark.Float != "":
		f, err := strconv.ParseFloat(mark.Float, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	return struct{}{} // some object of Python's
}

// str is Python's str, for what the vectors have.
func (p python) str(v any) string {
	switch v := v.(type) {
	case nil:
		return p.none
	case bool:
		return map[bool]string{true: p.yes}[v]
	case []byte:
		return p.bytes(string(v))
	case []any:
		var quoted []string
		for _, e := range v {
			quoted = append(quoted, p.quote+"'"+e.(string)+"'")
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return fmt.Sprint(v)
}

// jsonKey is the key that json.dumps makes of a key.
func (p python) jsonKey(v any) string {
	switch v {
	case nil:
		return "null"
	case true:
		return p.jsonYes
	}
	return fmt.Sprint(v)
}

// goBody returns the body that stands for a vector's input in the codec of its class, and false where the codec's type
// has none.
func goBody(t *testing.T, class string, input json.RawMessage, p python) (body any, ok bool) {
	t.Helper()
	key := p.str
	if class == "JSONMessage" {
		key = p.jsonKey
	}
	v := value(t, input, key)
	dictionary := class != "RawMessage" && class != "Message"
	if dictionary && (v == nil || v == "") {
		v = sqs.Object{} // boto's constructor does that; its encode and ours do not
	}
	switch {
	case class == "JSONMessage":
		if b, isBytes := dig(v, "k").([]byte); isBytes && p.quote == "u" {
			return sqs.Object{}.With("k", string(b)), true // strings of Python 2 are bytes
		}
		return v, true
	case dictionary:
		object, isObject := v.(sqs.Object)
		headers := sqs.Headers{}
		for k, v := range object.Items() {
			headers.Set(k, p.str(v))
		}
		return headers, isObject
	}
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return nil, false
}

func dig(v any, key string) any {
	object, _ := v.(sqs.Object)
	return object.Get(key, nil)
}

func encodeAs(class string, body any) (string, error) {
	switch class {
	case "RawMessage":
		return sqs.RawMessage{}.Encode(body.(string))
	case "Message":
		return sqs.Base64Message{}.Encode(body.(string))
	case "MHMessage":
		return sqs.MHMessage{}.Encode(body.(sqs.Headers))
	case "EncodedMHMessage":
		return sqs.EncodedMHMessage{}.Encode(body.(sqs.Headers))
	case "JSONMessage":
		return sqs.JSONMessage{}.Encode(body)
	}
	panic("no codec for " + class)
}

// storedText is the text of a vector, which may be given as bytes.
func storedText(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	switch v := value(t, raw, python3.str).(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return "no text"
}

func TestCodecsEncodeAsBoto(t *testing.T) {
	counts := map[string]int{}
	for i, v := range readVectors(t).Encode {
		name := fmt.Sprintf("vector %d: %s: encode %s", i, v.Class, v.Input)
		body, ok := goBody(t, v.Class, v.Input, python3)
		if v.Py2 != nil {
			counts["of Python 2"]++
			body, ok := goBody(t, v.Class, v.Input, python2)
			if !ok {
				t.Fatalf("%s: no body for Python 2", name)
			}
			if got, err := encodeAs(v.Class, body); err != nil || got != storedText(t, v.Py2.Stored) {
				t.Errorf("%s: got %q, %v; want %s as on Python 2", name, got, err, v.Py2.Stored)
			}
		}
		switch {
		case !ok && v.Error != nil:
			counts["refused by boto, and by Go's types"]++
			continue
		case !ok && v.LenError != nil, !ok && v.Class == "RawMessage" && string(v.Stored) == string(v.Input):
			counts["taken by boto's RawMessage, which fails later, and not by Go's types"]++
			continue
		case !ok:
			t.Errorf("%s: no body for what boto encodes", name)
			continue
		}
		got, err := encodeAs(v.Class, body)
		if v.Error != nil {
			counts["refused by both"]++
			if err == nil {
				t.Errorf("%s: got %q; want an error", name, got)
			}
			continue
		}
		counts["equal"]++
		if want := storedText(t, v.Stored); got != want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
		if n := utf8.RuneCountInString(got); n != *v.Len {
			t.Errorf("%s: got %d characters, want %d", name, n, *v.Len)
		}
	}
	wantCounts(t, counts, map[string]int{
		"equal":                              108,
		"refused by both":                    2,
		"refused by boto, and by Go's types": 7,
		"taken by boto's RawMessage, which fails later, and not by Go's types": 3,
		"of Python 2": 8, // besides, not instead
	})
}

func wantCounts(t *testing.T, got, want map[string]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func decodeAs(class, stored string) (body any, err error) {
	switch class {
	case "RawMessage":
		return sqs.RawMessage{}.Decode(stored)
	case "Message":
		return sqs.Base64Message{}.Decode(stored)
	case "MHMessage":
		return sqs.MHMessage{}.Decode(stored)
	case "EncodedMHMessage":
		return sqs.EncodedMHMessage{}.Decode(stored)
	case "JSONMessage":
		return sqs.JSONMessage{}.Decode(stored)
	}
	panic("no codec for " + class)
}

func TestCodecsDecodeAsBoto(t *testing.T) {
	counts := map[string]int{}
	for i, v := range readVectors(t).Decode {
		name := fmt.Sprintf("vector %d: %s: decode %q", i, v.Class, v.Stored)
		got, err := decodeAs(v.Class, v.Stored)
		if v.Error != nil {
			counts["refused by both"]++
			if err == nil || reflect.ValueOf(got).IsValid() && !reflect.ValueOf(got).IsZero() {
				t.Errorf("%s: got %#v, %v; want an error", name, got, err)
			}
			continue
		}
		want, ok := goBody(t, v.Class, v.Decoded, python3)
		if v.Class == "JSONMessage" {
			want, ok = value(t, v.Decoded, python3.jsonKey), true // null is null here
		}
		if !ok || !same(got, want) {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
		// boto logs a warning and returns the text; we return the text and say why.
		if failed := err != nil; failed != v.Unchanged {
			t.Errorf("%s: got error %v, want one: %t", name, err, v.Unchanged)
		}
		if v.Unchanged {
			counts["returned as it is by both"]++
			continue
		}
		counts["equal"]++
		if v.Py2 != nil {
			counts["of Python 2, which has no order"]++
			python2 := value(t, v.Py2.Decoded, python2.jsonKey)
			if a, b := unordered(got), unordered(python2); !maps.Equal(a, b) {
				t.Errorf("%s: got %v, want %v in any order", name, a, b)
			}
		}
	}
	wantCounts(t, counts, map[string]int{
		"equal":                           147,
		"returned as it is by both":       14,
		"refused by both":                 20,
		"of Python 2, which has no order": 1, // besides, not instead
	})
}

func unordered(v any) map[string]any {
	object, _ := v.(sqs.Object)
	return maps.Collect(object.Items())
}

// same compares types and values as they are, except that NaN is the same as NaN. -0.0 is not the same as 0.0.
func same(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && (math.Float64bits(a) == math.Float64bits(b) || a != a && b != b)
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case sqs.Object:
		b, ok := b.(sqs.Object)
		return ok && slices.EqualFunc(a, b, func(a, b sqs.Item[any]) bool { return a.Key == b.Key && same(a.Value, b.Value) })
	}
	return reflect.DeepEqual(a, b)
}
