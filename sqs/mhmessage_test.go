package sqs_test

import (
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

func TestStrictHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, key, value string
		lossy            bool
	}{
		{"plain", "foo", "bar", false},
		{"empty", "", "", false},
		{"colon in the value", "url", "http://h:80/", false},
		{"carriage return inside", "k", "a\rb", false},
		{"colon in the name", "a:b", "c", true},
		{"line break in the value", "k", "line1\nk2: injected", true},
		{"line break in the name", "a\nb", "c", true},
		{"space before the name", " k", "v", true},
		{"space after the value", "k", "v ", true},
		{"carriage return at the end", "k", "v\r", true},
		{"no-break space", "k", "\u00a0v", true},
		{"a separator of ASCII, a space to Python only", "k", "v\x1e", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := sqs.Headers{}.With("first", "1").With(tt.key, tt.value)
			stored, err := sqs.EncodedMHMessage{}.Encode(in) // as boto: with whatever becomes of it
			if err != nil {
				t.Fatal(err)
			}
			out, err := sqs.EncodedMHMessage{}.Decode(stored)
			if err != nil {
				t.Fatal(err)
			}
			if lossy := !same(out, in); lossy != tt.lossy {
				t.Errorf("came back as %q, want it changed: %t", out, tt.lossy)
			}
			for _, codec := range []sqs.Codec[sqs.Headers]{sqs.MHMessage{Strict: true}, sqs.EncodedMHMessage{Strict: true}} {
				if _, err := codec.Encode(in); (err != nil) != tt.lossy {
					t.Errorf("%T: got error %v, want one: %t", codec, err, tt.lossy)
				}
			}
		})
	}
}

func TestEncodedHeadersAreUTF8(t *testing.T) {
	if got, err := (sqs.EncodedMHMessage{}).Encode(sqs.Headers{}.With("k", "\xff")); err == nil {
		t.Errorf("got %q for what nobody could decode", got)
	}
}
