package wire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What is looked at in eights is escaped as it is alone, wherever it stands.
func TestAppendJSONString_in_eights(t *testing.T) {
	var pieces []string
	for r := range rune(0x2100) {
		pieces = append(pieces, string(r))
	}
	for b := range 256 {
		pieces = append(pieces, string([]byte{byte(b)}), string([]byte{byte(b), '"'}))
	}
	pieces = append(pieces, "\ufffd", "\U0001f600", "\xed\xa0\x80")
	quoted := func(s string) string {
		text := string(appendJSONString(nil, s))
		return text[1 : len(text)-1]
	}
	for _, piece := range pieces {
		alone := quoted(piece)
		for before := range 18 {
			for _, filler := range []string{"a", " ", "~"} {
				head, tail := strings.Repeat(filler, before), strings.Repeat(filler, 17-before)
				if got, want := quoted(head+piece+tail), head+alone+tail; got != want {
					t.Fatalf("%q after %d: got %q, want %q", piece, before, got, want)
				}
			}
		}
		if len(piece) == 1 && !utf8.ValidString(piece) && alone != "\ufffd" {
			t.Errorf("%q: got %q", piece, alone)
		}
	}
}
