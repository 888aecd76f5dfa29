package sqs_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/sqs"
)

// seedStored adds what the vectors have stored, and some text.
func seedStored(f *testing.F) {
	for _, stored := range []string{
		"", "foo: bar\n", "Zm9vOiBiYXIK", "nocolon", "é", "!!!!", "e30=e30=", "//4=", "k: a\u2028b: c\n", "\n\n", "====",
		"eyJhIjogIlx1ZDgwMCJ9", "eyJrIjogMWU0MDB9", "LTA=", "MS4w", "eyJhIjogMSwgImEiOiAyfQ==", "eyJhIjogTmFOfQ==",
	} {
		f.Add(stored)
	}
}

// FuzzCodecs decodes any text with every codec. What decodes without an error is encoded and decoded again, and has to
// be the same: nothing that a queue holds is lost by a program that reads it and writes it back.
func FuzzCodecs(f *testing.F) {
	seedStored(f)
	f.Fuzz(func(t *testing.T, stored string) {
		again(t, sqs.RawMessage{}, stored)
		again(t, sqs.Base64Message{}, stored)
		again(t, sqs.BinaryMessage{}, stored)
		again(t, sqs.JSONMessage{}, stored)
		again(t, sqs.JSON[order]{}, stored)
		again(t, sqs.JSON[order]{Raw: true}, stored)
		again(t, sqs.JSON[any]{}, stored)
		again(t, sqs.JSON[sqs.Object]{Raw: true}, stored)
		again(t, sqs.MHMessage{Strict: true}, stored)
		again(t, sqs.EncodedMHMessage{Strict: true}, stored)
	})
}

func again[T any](t *testing.T, codec sqs.Codec[T], stored string) {
	t.Helper()
	body, err := codec.Decode(stored)
	if err != nil {
		return
	}
	encoded, err := codec.Encode(body)
	if err != nil {
		t.Fatalf("%T: encode %#v: %v", codec, body, err)
	}
	got, err := codec.Decode(encoded)
	if err != nil || !same(got, body) {
		t.Fatalf("%T: %#v came back as %#v, %v", codec, body, got, err)
	}
}

// FuzzHeaders encodes any headers: what Strict takes comes back, and what boto's form takes can be decoded.
func FuzzHeaders(f *testing.F) {
	f.Add("foo", "bar", "fie", "baz")
	f.Add("a:b", "c", "", "")
	f.Add("k", "line1\nk2: injected", " k ", "\x1f")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		in := sqs.Headers{}.With(k1, v1).With(k2, v2)
		stored, err := sqs.MHMessage{}.Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := sqs.MHMessage{}.Decode(stored)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (sqs.MHMessage{Strict: true}).Encode(in); (err == nil) != slices.Equal(in, out) {
			t.Errorf("%q came back as %q; strict said %v", in, out, err)
		}
	})
}

// FuzzJSONText holds the reader of Python's JSON against encoding/json. They differ in NaN, the infinities and a limit or
// two, all of which are excepted here by name.
func FuzzJSONText(f *testing.F) {
	for _, text := range []string{
		`{"a": [1, 2.5e3, "\ud83d\ude00", null]}`, `"\ud800"`, "[1,]", "01", " 1 ", `"\u00e9\/"`, "-0.0", "[[[]]]", "\"\x01\"", "1e400",
		strings.Repeat("1", 400), "NaN", `{"a": Infinity}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := sqs.JSONMessage{}.Decode(base64.StdEncoding.EncodeToString([]byte(text)))
		if !utf8.ValidString(text) {
			if err == nil {
				t.Error("read what is not UTF-8")
			}
			return
		}
		var want any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		valid := json.Valid([]byte(text)) && d.Decode(&want) == nil
		switch {
		case valid && err != nil && len(text) < 4300:
			t.Errorf("refused JSON: %v", err)
		case !valid && err == nil && !strings.Contains(text, "NaN") && !strings.Contains(text, "Infinity"):
			t.Errorf("read %#v", got)
		case valid && err == nil && !alike(got, want):
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}

// alike compares what we read with what encoding/json read.
func alike(got, want any) bool {
	switch want := want.(type) {
	case json.Number:
		f, ok := got.(float64)
		if !ok {
			text, err := json.Marshal(got)
			return err == nil && (string(text) == want.String() || want == "-0" && string(text) == "0")
		}
		w, err := want.Float64()
		return f == w || err != nil && math.IsInf(f, 0)
	case string:
		// encoding/json has no halves of surrogate pairs: it puts U+FFFD for the three bytes that we have.
		s, ok := got.(string)
		return ok && (s == want || strings.Contains(want, "\ufffd") && utf8.RuneCountInString(want) <= utf8.RuneCountInString(s))
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(g, want, alike)
	case map[string]any:
		g, ok := got.(sqs.Object)
		if !ok {
			return false
		}
		for key, value := range g.Items() {
			if w, ok := want[key]; utf8.ValidString(key) && (!ok || !alike(value, w)) {
				return false
			}
		}
		return true
	}
	return got == want
}
