package service

import (
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// validText reports whether every code point of s is one that SQS stores: those of XML 1.0. Broken UTF-8 is not.
func validText(s string) bool {
	for i := 0; i < len(s); {
		if len(s)-i >= 8 && plain8(s[i:]) {
			i += 8
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		// Surrogates do not decode; U+FFFE and U+FFFF do, and are not allowed.
		if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		i += size
	}
	return true
}

// plain8 reports whether the first 8 bytes are all from 0x20 to 0x7f, as nearly all are. It looks at them at once: no top
// bit may be set, and a top bit put there must survive when 0x20 is taken away.
func plain8(s string) bool {
	const top, blank = 0x8080808080808080, 0x2020202020202020
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return w&top == 0 && ((w|top)-blank)&top == top
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// validName reports whether s is 1 to max letters, digits, hyphens and underscores: queue names and batch entry ids.
func validName(s string, max int) bool {
	if s == "" || len(s) > max {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return true
}

// validGroupID reports whether s is 1 to 128 graphic ASCII characters. The space is not one of them.
func validGroupID(s string) bool {
	if s == "" || len(s) > api.MaxGroupID {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// maxEcho bounds how much of a client's own value a fault repeats: no value that is legal is longer.
const maxEcho = api.MaxReceiptHandle

// clip shortens s for the text of a fault, so that megabytes of garbage do not come back as megabytes of fault.
func clip(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	end := maxEcho
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.Clone(s[:end]) + "..."
}
