package cross

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

// class is a message class by its name in boto and its codec in Go.
type class struct {
	name, boto string
	codec      sqs.Codec[any]
	bodies     []body
	// free says that the two do not store the same bytes, only the same values: Python and Go space JSON differently.
	free bool
}

// body is a body in Go, and in Python as its json.dumps writes it.
type body struct {
	value  any
	python string
	// back and pythonBack are what it is read as, if that is something else.
	back       any
	pythonBack string
}

// order is a Go type whose values travel as JSON.
type order struct {
	ID    int      `json:"id"`
	Price float64  `json:"price"`
	Lines []string `json:"lines"`
	Note  string   `json:"note,omitempty"`
}

// anyBody is a codec for bodies of whatever type, by another one for T. It is also what a user's own codec looks like.
type anyBody[T any] struct{ of sqs.Codec[T] }

func (c anyBody[T]) Encode(body any) (string, error) {
	v, ok := body.(T)
	if !ok && body != nil {
		return "", fmt.Errorf("%T is no body for %T", body, c.of)
	}
	return c.of.Encode(v)
}

func (c anyBody[T]) Decode(stored string) (any, error) { return c.of.Decode(stored) }

func classes(t *testing.T) []class {
	t.Helper()
	raw := textBodies(t)
	encoded := append(textBodies(t), textBody(t, "\x00\x01\x02"), textBody(t, "a\x00b"), textBody(t, "\uffff"))
	orders := []body{
		{value: order{}, python: `{"id": 0, "price": 0, "lines": null}`},
		{value: order{7, 0.1, []string{"<☃>", "\x00\u2028😀"}, "&"}, python: `{"id": 7, "price": 0.1, "lines": ["<\u2603>", "\u0000\u2028\ud83d\ude00"], "note": "&"}`},
		{value: order{-1, 1e16, []string{}, ""}, python: `{"id": -1, "price": 10000000000000000, "lines": []}`},
	}
	return []class{
		{name: "RawMessage", boto: "RawMessage", codec: anyBody[string]{sqs.RawMessage{}}, bodies: raw},
		{name: "Message", boto: "Message", codec: anyBody[string]{sqs.Base64Message{}}, bodies: encoded},
		{name: "BinaryMessage", boto: "Message", codec: anyBody[[]byte]{sqs.BinaryMessage{}}, bodies: []body{
			{value: []byte("caf\u00e9 \x00"), python: `"caf\u00e9 \u0000"`},
		}},
		{name: "MHMessage", boto: "MHMessage", codec: anyBody[sqs.Headers]{sqs.MHMessage{}}, bodies: headerBodies()},
		{name: "EncodedMHMessage", boto: "EncodedMHMessage", codec: anyBody[sqs.Headers]{sqs.EncodedMHMessage{}},
			bodies: append(headerBodies(), body{value: sqs.Headers{}.With("k", "\x00a\x1cb\uffff"), python: `{"k": "\u0000a\u001cb\uffff"}`})},
		{name: "JSONMessage", boto: "JSONMessage", codec: anyBody[any]{sqs.JSONMessage{}}, bodies: jsonBodies(t)},
		{name: "JSON", boto: "JSONMessage", codec: anyBody[order]{sqs.JSON[order]{}}, bodies: orders, free: true},
		{name: "JSON raw", boto: "RawMessage", codec: anyBody[order]{sqs.JSON[order]{Raw: true}}, bodies: rawOrders(t, orders)},
	}
}

func textBody(t *testing.T, s string) body {
	t.Helper()
	python, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return body{value: s, python: string(python)}
}

func textBodies(t *testing.T) (list []body) {
	t.Helper()
	for _, s := range harness.HostileBodies {
		list = append(list, textBody(t, s))
	}
	return list
}

func headerBodies() []body {
	many, python := sqs.Headers{}, []string{}
	for i := 60; i > 0; i-- {
		many.Set(fmt.Sprint("header ", i), fmt.Sprint(i))
		python = append(python, fmt.Sprintf(`"header %d": "%d"`, i, i))
	}
	return []body{
		{value: sqs.Headers{}.With("foo", "bar"), python: `{"foo": "bar"}`},
		{value: sqs.Headers{}.With("z", "1").With("a", "2").With("m", "3"), python: `{"z": "1", "a": "2", "m": "3"}`},
		{value: sqs.Headers{}.With("café", "☃ 😀"), python: `{"caf\u00e9": "\u2603 \ud83d\ude00"}`},
		{value: sqs.Headers{}.With("empty", ""), python: `{"empty": ""}`},
		{value: sqs.Headers{}.With("", "no name"), python: `{"": "no name"}`},
		{value: sqs.Headers{}.With("url", "http://h:80/?a=b:c"), python: `{"url": "http://h:80/?a=b:c"}`},
		{value: sqs.Headers{}.With("q", `<a>&"'\`), python: `{"q": "<a>&\"'\\"}`},
		{value: sqs.Headers{}.With("k", "a\rb\tc\u2028d\u0085e"), python: `{"k": "a\rb\tc\u2028d\u0085e"}`},
		{value: many, python: "{" + strings.Join(python, ", ") + "}"},
		// What the format cannot carry arrives changed, the same way on both sides.
		{value: sqs.Headers{}.With("a:b", " c ").With("k", "line1\nk2: x\n\nnocolon"), python: `{"a:b": " c ", "k": "line1\nk2: x\n\nnocolon"}`,
			back:       sqs.Headers{}.With("a", "b:  c").With("k", "line1").With("k2", "x").With("", "").With("nocolon", "nocolon"),
			pythonBack: `{"a": "b:  c", "k": "line1", "k2": "x", "": "", "nocolon": "nocolon"}`},
	}
}

func jsonBodies(t *testing.T) []body {
	t.Helper()
	large, ok := new(big.Int).SetString("-123456789012345678901234567890", 10)
	if !ok {
		t.Fatal("no number")
	}
	return []body{
		{value: sqs.Object{}.With("foo", "bar"), python: `{"foo": "bar"}`},
		{value: sqs.Object{}.With("b", int64(1)).With("a", 1.0), python: `{"b": 1, "a": 1.0}`},
		{value: sqs.Object{}, python: `{}`},
		{value: []any{}, python: `[]`},
		{value: nil, python: `null`},
		{value: "", python: `""`},
		{value: true, python: `true`},
		{value: int64(0), python: `0`},
		{value: large, python: large.String()},
		{value: []any{1.0, 0.1, 1e16, 1e15, 1e-7, math.Copysign(0, -1), 5e-324, math.MaxFloat64},
			python: `[1.0, 0.1, 1e+16, 1000000000000000.0, 1e-07, -0.0, 5e-324, 1.7976931348623157e+308]`},
		{value: []any{math.NaN(), math.Inf(1), math.Inf(-1)}, python: `[NaN, Infinity, -Infinity]`},
		{value: "café ☃ 😀 \ufffe\uffff", python: `"caf\u00e9 \u2603 \ud83d\ude00 \ufffe\uffff"`},
		{value: "\x00\x1f\x7f\n\r\t\b\f</&\"\\\u2028", python: `"\u0000\u001f\u007f\n\r\t\b\f</&\"\\\u2028"`},
		{value: "half \xed\xa0\x80", python: `"half \ud800"`},
		{value: sqs.Object{}.With("", sqs.Object{}.With("a", []any{int64(1), sqs.Object{}.With("b", nil), []any{}})).With("e", sqs.Object{}),
			python: `{"": {"a": [1, {"b": null}, []]}, "e": {}}`},
	}
}

// rawOrders are orders as boto's RawMessage has them: as text.
func rawOrders(t *testing.T, orders []body) (list []body) {
	t.Helper()
	for _, o := range orders {
		stored, err := sqs.JSON[order]{Raw: true}.Encode(o.value.(order))
		if err != nil {
			t.Fatal(err)
		}
		b := textBody(t, stored)
		b.value = o.value
		list = append(list, b)
	}
	return list
}

// readBack is what reading gives, in Go and in Python.
func (b body) readBack() (value any, python string) {
	if b.pythonBack != "" {
		return b.back, b.pythonBack
	}
	return b.value, b.python
}

// sameBody compares values with their types and order. NaN, which nothing equals, is compared by how it is encoded.
func (c class) sameBody(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := c.codec.Encode(a)
	y, errY := c.codec.Encode(b)
	return errX == nil && errY == nil && x == y && c.name == "JSONMessage" && strings.Contains(fmt.Sprint(a), "NaN")
}

// samePython compares what boto read with what was wanted. Strings may be wanted as Go writes them in JSON; a half of a
// surrogate pair is not among those, which Go could not tell from U+FFFD.
func samePython(got, want string) bool {
	var x, y string
	if json.Unmarshal([]byte(got), &x) == nil && json.Unmarshal([]byte(want), &y) == nil && !strings.HasSuffix(want, `\ud800"`) {
		return x == y
	}
	return got == want
}
