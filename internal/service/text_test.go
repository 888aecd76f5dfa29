package service

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// allowed is the definition: XML 1.0's Char.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd || 0x10000 <= r
}

// Each code point, where several bytes are looked at together and at their edges.
func TestValidText_every_code_point(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if 0xd800 <= r && r <= 0xdfff {
			continue // has no UTF-8
		}
		places := []int{0, 7}
		if r < 0x100 || r > 0xff00 && r < 0x10100 {
			places = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17}
		}
		for _, n := range places {
			if s := strings.Repeat("a", n) + string(r) + "bcdefg~ "; validText(s) != allowed(r) {
				t.Fatalf("%U after %d letters: got %v, want %v", r, n, validText(s), allowed(r))
			}
		}
	}
}

func TestValidText_broken(t *testing.T) {
	for b := 0x80; b < 0x100; b++ {
		for n := range 20 {
			if s := strings.Repeat("a", n) + string([]byte{byte(b)}) + "bcdefghi"; validText(s) {
				t.Fatalf("byte %#x after %d letters is not UTF-8, and passes", b, n)
			}
		}
	}
	if validText("12345678\xed\xa0\x80") {
		t.Error("an encoded surrogate passes")
	}
}
