package wire

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

const rounds = 100

// forEachRandom runs check on random requests or answers of every action. A failure names the seed.
func forEachRandom(t *testing.T, alphabet []string, typeOf func(action) reflect.Type, check func(t *testing.T, a action, v any)) {
	for _, a := range actions {
		t.Run(a.name, func(t *testing.T) {
			for seed := range uint64(rounds) {
				v := reflect.New(typeOf(a))
				fill(rand.New(rand.NewPCG(seed, 1)), v.Elem(), alphabet)
				check(t, a, v.Interface())
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func inType(a action) reflect.Type  { return a.in }
func outType(a action) reflect.Type { return a.out }

func wantSame(t *testing.T, encoded []byte, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", encoded, dump(got), dump(want))
	}
}

func TestJSONRoundTrip(t *testing.T) {
	check := func(t *testing.T, _ action, v any) {
		encoded := AppendJSON(nil, v)
		got := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := DecodeJSON(encoded, got); err != nil {
			t.Errorf("%s: %v", encoded, err)
		}
		wantSame(t, encoded, got, v)
	}
	t.Run("requests", func(t *testing.T) { forEachRandom(t, jsonAlphabet, inType, check) })
	t.Run("answers", func(t *testing.T) { forEachRandom(t, jsonAlphabet, outType, check) })
}

func TestQueryRoundTrip(t *testing.T) {
	forEachRandom(t, jsonAlphabet, inType, func(t *testing.T, a action, v any) {
		encoded := AppendQuery(nil, a.name, v)
		var p Params
		if err := p.Add(string(encoded)); err != nil {
			t.Error(err)
		}
		got := a.newIn()
		if err := DecodeQuery(&p, got); err != nil {
			t.Errorf("%s: %v", encoded, err)
		}
		wantSame(t, encoded, got, v)
		if p.Get("Action") != a.name || p.Get("Version") != "2012-11-05" {
			t.Errorf("%s: no Action, or no Version", encoded)
		}
	})
}

func TestXMLRoundTrip(t *testing.T) {
	forEachRandom(t, xmlAlphabet, outType, func(t *testing.T, a action, v any) {
		encoded := AppendXML(nil, a.name, v, "the<id>")
		got := a.newOut()
		id, err := DecodeXML(encoded, got)
		if err != nil || id != "the<id>" {
			t.Errorf("%s: id %q, %v", encoded, id, err)
		}
		wantSame(t, encoded, got, v)
	})
}

// Encoders take structures as well as pointers to them, and append to what is there.
func TestEncodersAppend(t *testing.T) {
	forEachRandom(t, jsonAlphabet, outType, func(t *testing.T, a action, v any) {
		byValue := reflect.ValueOf(v).Elem().Interface()
		for _, encode := range []func(dst []byte, v any) []byte{
			AppendJSON,
			func(dst []byte, v any) []byte { return AppendXML(dst, a.name, v, "ID") },
			func(dst []byte, v any) []byte { return AppendQuery(dst, a.name, v) },
		} {
			got, want := string(encode([]byte("before"), byValue)), "before"+string(encode(nil, v))
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}
