package sqs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

func TestMapping(t *testing.T) {
	var h sqs.Headers // the zero value
	if h.Has("foo") || h.Get("foo", "none") != "none" || h.Delete("foo") {
		t.Error("an empty mapping has foo")
	}
	h.Set("foo", "bar")
	h.Set("fie", "baz")
	h.Set("foo", "rab") // keeps its place
	h.Update(maps.All(map[string]string{"new": "1"}))
	h.Update(sqs.Headers{}.With("fie", "zab").With("last", "").Items())
	want := sqs.Headers{{Key: "foo", Value: "rab"}, {Key: "fie", Value: "zab"}, {Key: "new", Value: "1"}, {Key: "last"}}
	if !slices.Equal(h, want) {
		t.Errorf("got %v, want %v", h, want)
	}
	if v, ok := h.Lookup("last"); v != "" || !ok {
		t.Errorf("lookup of an empty value: got %q, %t", v, ok)
	}
	if v, ok := h.Lookup("missing"); v != "" || ok {
		t.Errorf("lookup of a missing key: got %q, %t", v, ok)
	}
	if !h.Has("last") || h.Get("last", "none") != "" || h.Get("fie", "none") != "zab" {
		t.Error("Has or Get does not find what is there")
	}
	if got := slices.Collect(h.Keys()); !slices.Equal(got, []string{"foo", "fie", "new", "last"}) {
		t.Errorf("keys: got %v", got)
	}
	if got := slices.Collect(h.Values()); !slices.Equal(got, []string{"rab", "zab", "1", ""}) {
		t.Errorf("values: got %v", got)
	}
	if !h.Delete("fie") || h.Has("fie") || len(h) != 3 {
		t.Errorf("delete left %v", h)
	}
	for range h.Items() {
		break
	}
	for range h.Keys() {
		break
	}
	for range h.Values() {
		break
	}
}

func TestMappingWithCopies(t *testing.T) {
	base := make(sqs.Headers, 0, 8).With("a", "1")
	one, two := base.With("b", "2"), base.With("b", "3").With("a", "4")
	if got := fmt.Sprint(base, one, two); got != "[{a 1}] [{a 1} {b 2}] [{a 4} {b 3}]" {
		t.Errorf("got %s", got)
	}
}

// A key that is there twice would lose one of its values on the way.
func TestMappingWithAKeyTwice(t *testing.T) {
	twice := sqs.Headers{{Key: "a", Value: "1"}, {Key: "b"}, {Key: "a", Value: "2"}}
	many := make(sqs.Headers, 0, 100)
	for i := range 100 {
		many = append(many, sqs.Item[string]{Key: fmt.Sprint(i % 99)})
	}
	for _, h := range []sqs.Headers{twice, many} {
		if got, err := (sqs.MHMessage{}).Encode(h); err == nil {
			t.Errorf("MHMessage: got %q", got)
		}
		if got, err := (sqs.JSONMessage{}).Encode([]any{h}); err == nil {
			t.Errorf("JSONMessage: got %q", got)
		}
		if got, err := json.Marshal(h); err == nil {
			t.Errorf("encoding/json: got %s", got)
		}
	}
	if _, err := (sqs.MHMessage{}).Encode(many[:99]); err != nil {
		t.Errorf("99 different keys: %v", err)
	}
}

// The decoder keeps its promises beyond the size from which on it has an index.
func TestManyKeys(t *testing.T) {
	var text strings.Builder
	want := sqs.Headers{}
	for i := range 1000 {
		fmt.Fprintf(&text, "key %d: %d\n", i%700, i)
		want.Set(fmt.Sprint("key ", i%700), fmt.Sprint(i))
	}
	got, err := sqs.MHMessage{}.Decode(text.String())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d headers, %v; want the last value of each of 700, at the place of the first", len(got), err)
	}
}

func TestMappingInEncodingJSON(t *testing.T) {
	type order struct {
		Headers sqs.Headers
		Lines   sqs.Mapping[[]int]
		Extra   sqs.Object
	}
	in := order{
		Headers: sqs.Headers{}.With("z", "<1>").With("a", "2"),
		Extra:   sqs.Object{}.With("z", int64(1)).With("a", sqs.Object{}.With("y", 1.0).With("b", []any{nil})),
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Headers":{"z":"\u003c1\u003e","a":"2"},"Lines":{},"Extra":{"z":1,"a":{"y":1,"b":[null]}}}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var out order
	if err := json.Unmarshal([]byte(`{"Headers": {"z": "<1>", "a": "x", "a": "2"}, "Lines": {"l": [1, 2]},
		"Extra": {"z": 1, "a": {"y": 1.0, "b": [null]}}}`), &out); err != nil {
		t.Fatal(err)
	}
	in.Lines = sqs.Mapping[[]int]{}.With("l", []int{1, 2})
	if !reflect.DeepEqual(out, in) {
		t.Errorf("got %#v, want %#v", out, in)
	}
	if err := json.Unmarshal([]byte(`{"Headers": null, "Extra": null}`), &out); err != nil || !reflect.DeepEqual(out, in) {
		t.Errorf("null changed it: %#v, %v", out, err)
	}
	for _, text := range []string{`{"Headers": []}`, `{"Extra": [1]}`, `{"Headers": {"a": 1}}`, `{"Extra": "x"}`} {
		if err := json.Unmarshal([]byte(text), &out); err == nil {
			t.Errorf("%s was read as %#v", text, out)
		}
	}
}
