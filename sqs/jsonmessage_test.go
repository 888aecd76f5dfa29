package sqs_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

func fromBase64(t *testing.T, stored string) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(stored)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJSONMessageTakesWhatIsLikeJSON(t *testing.T) {
	type word string
	seven := 7
	for _, tt := range []struct {
		name string
		body any
		want string
	}{
		{"nil is null", nil, `null`},
		{"empty string", "", `""`},
		{"nil object", sqs.Object(nil), `{}`},
		{"nil slice", []string(nil), `[]`},
		{"nil map", map[string]int(nil), `{}`},
		{"nil pointers", []any{(*int)(nil), (*big.Int)(nil), (*sqs.Object)(nil)}, `[null, null, null]`},
		{"integers", []any{1, int8(-8), uint64(math.MaxUint64), int64(math.MinInt64)}, `[1, -8, 18446744073709551615, -9223372036854775808]`},
		{"float of 32 bits", []float32{0.1, 1e-5, 3}, `[0.1, 1e-05, 3.0]`},
		{"edges of exponents", []float64{1e15, 9999999999999998, 1e16, 1e-4, 9.999e-5, 5e-324, math.MaxFloat64},
			`[1000000000000000.0, 9999999999999998.0, 1e+16, 0.0001, 9.999e-05, 5e-324, 1.7976931348623157e+308]`},
		{"array, pointer, named", []any{[2]bool{true, false}, &seven, word("w")}, `[[true, false], 7, "w"]`},
		{"map by key", map[word]any{"b": 1, "a": map[string]string{}}, `{"a": {}, "b": 1}`},
		{"headers", sqs.Headers{}.With("z", "1").With("a", "2"), `{"z": "1", "a": "2"}`},
		{"pointer to an object", &sqs.Object{{Key: "k", Value: 1}}, `{"k": 1}`},
		{"numbers as text", []json.Number{"1", "1.0", "1E5", "-0", "12345678901234567890"}, `[1, 1.0, 100000.0, 0, 12345678901234567890]`},
		{"halves of surrogate pairs", "\xed\xa0\xbd|\xed\xb8\x80|\xed\x9f\xbf", `"\ud83d|\ude00|\ud7ff"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stored, err := sqs.JSONMessage{}.Encode(tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if got := fromBase64(t, stored); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestJSONMessageRefuses(t *testing.T) {
	loop := []any{nil}
	loop[0] = loop
	digits := new(big.Int).Exp(big.NewInt(10), big.NewInt(4300), nil) // 4,301 of them
	for name, body := range map[string]any{
		"bytes":             []byte("bytes"),
		"struct":            struct{ A int }{1},
		"function":          func() {},
		"complex":           1i,
		"keys not strings":  map[int]string{1: "a"},
		"not UTF-8":         "a\xff",
		"key not UTF-8":     sqs.Object{}.With("\xc3", 1),
		"cut surrogate":     "\xed\xa0",
		"no number":         json.Number("one"),
		"a number's quotes": json.Number(`"1"`),
		"endless":           loop,
		"digits":            digits,
		"many digits":       new(big.Int).Lsh(digits, 1<<20),
	} {
		if got, err := (sqs.JSONMessage{}).Encode(sqs.Object{}.With("k", body)); err == nil {
			t.Errorf("%s: got %.100q, want an error", name, got)
		}
	}
}

func TestJSONMessageKeepsLargeIntegers(t *testing.T) {
	n := new(big.Int).Sub(new(big.Int).Exp(big.NewInt(10), big.NewInt(4300), nil), big.NewInt(1))
	for _, n := range []*big.Int{n, new(big.Int).Neg(n)} {
		stored, err := sqs.JSONMessage{}.Encode(n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (sqs.JSONMessage{}).Decode(stored); err != nil || !same(got, n) {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

func TestJSONMessageRefusesText(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            " \t\r\n",
		"two values":         "1 2",
		"no-break space":     "\u00a01",
		"form feed":          "\f1",
		"byte order mark":    "\ufeff1",
		"open list":          "[1",
		"open object":        `{"a": 1`,
		"open string":        `"a`,
		"open escape":        `"a\`,
		"short escape":       `"\u12`,
		"bad escape":         `"\x41"`,
		"bad digits":         `"\u+123"`,
		"bad second half":    `"\ud83d\uzzzz"`,
		"comma in a list":    "[1,]",
		"comma in an object": `{"a": 1,}`,
		"key of no string":   `{1: 2}`,
		"no colon":           `{"a" 1}`,
		"no value":           `{"a":}`,
		"plus":               "+1",
		"minus":              "-",
		"point":              "1.",
		"point first":        ".5",
		"exponent":           "1e",
		"exponent's sign":    "1e+",
		"zero first":         "-01",
		"hexadecimal":        "0x10",
		"-NaN":               "-NaN",
		"capital":            "True",
		"half a word":        "nul",
		"digits":             strings.Repeat("9", 4301),
		"deep lists":         strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
		"deep objects":       strings.Repeat(`{"a":`, 200_000),
	} {
		got, err := sqs.JSONMessage{}.Decode(base64.StdEncoding.EncodeToString([]byte(text)))
		if err == nil || got != nil {
			t.Errorf("%s: got %v, %v; want an error", name, got, err)
		}
	}
}

type order struct {
	ID    int      `json:"id"`
	Lines []string `json:"lines,omitempty"`
	Note  string   `json:"note"`
}

func TestJSONOfAType(t *testing.T) {
	in := order{ID: 7, Lines: []string{"a", "b"}, Note: "<☃> & \ufffe\uffff"}
	toBase64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	asItIs := func(text string) string { return text }
	for _, tt := range []struct {
		codec sqs.Codec[order]
		store func(text string) string
		want  string
	}{
		{sqs.JSON[order]{}, toBase64, `{"id":7,"lines":["a","b"],"note":"<☃> & ` + "\ufffe\uffff" + `"}`},
		{sqs.JSON[order]{Raw: true}, asItIs, `{"id":7,"lines":["a","b"],"note":"<☃> & \ufffe\uffff"}`},
	} {
		stored, err := tt.codec.Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		if want := tt.store(tt.want); stored != want {
			t.Errorf("%+v: got %s, want %s", tt.codec, stored, want)
		}
		if got, err := tt.codec.Decode(stored); err != nil || !same(got, in) {
			t.Errorf("%+v: got %+v, %v", tt.codec, got, err)
		}
		for _, text := range []string{"", "no JSON", `{"id": 1, "note": 2}`, `{"id": 1} x`} {
			if got, err := tt.codec.Decode(tt.store(text)); err == nil || !same(got, order{}) {
				t.Errorf("%+v: decode %q: got %+v, %v; want nothing and an error", tt.codec, text, got, err)
			}
		}
	}
	if got, err := (sqs.JSON[order]{}).Decode("not base64"); err == nil || !same(got, order{}) {
		t.Errorf("got %+v, %v; want nothing and an error", got, err)
	}
	if got, err := (sqs.JSON[any]{}).Encode(func() {}); err == nil {
		t.Errorf("got %q for a function", got)
	}
}

// JSON and JSONMessage read each other.
func TestJSONIsJSONMessages(t *testing.T) {
	stored, err := sqs.JSON[order]{}.Encode(order{ID: 1, Note: "é"})
	if err != nil {
		t.Fatal(err)
	}
	dynamic, err := sqs.JSONMessage{}.Decode(stored)
	if want := (sqs.Object{}.With("id", int64(1)).With("note", "é")); err != nil || !same(dynamic, want) {
		t.Errorf("got %#v, %v; want %#v", dynamic, err, want)
	}
	if stored, err = (sqs.JSONMessage{}).Encode(dynamic); err != nil {
		t.Fatal(err)
	}
	if got, err := (sqs.JSON[order]{}).Decode(stored); err != nil || !same(got, order{ID: 1, Note: "é"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := (sqs.JSON[sqs.Object]{}).Decode(stored); err != nil || !same(got, dynamic) {
		t.Errorf("got %#v, %v", got, err)
	}
}
