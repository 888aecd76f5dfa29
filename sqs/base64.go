package sqs

import (
	"errors"
	"unicode/utf8"
)

var (
	errPadding = errors.New("not base64: incorrect padding")
	errLength  = errors.New("not base64: one more character than a multiple of 4")
	errUTF8    = errors.New("base64 of what is not UTF-8")
)

// decodeLenient is CPython's binascii.a2b_base64 in its non-strict mode, followed by a strict UTF-8 check: what boto
// does to every body that it reads. encoding/base64 cannot do it: it knows about line breaks, not about other strangers,
// and takes text after the padding for a fault.
func decodeLenient(text string) (string, error) {
	out := make([]byte, 0, len(text)/4*3+2)
	var held byte // bits of the last character that are not in out yet
	var place, pads int
	for i := range len(text) {
		c := text[i]
		if c == '=' {
			if place >= 2 {
				if pads++; place+pads >= 4 {
					return utf8Only(out) // what follows does not count
				}
			}
			continue
		}
		v := base64Value(c)
		if v < 0 {
			continue
		}
		pads = 0
		bits := byte(v)
		switch place {
		case 0:
			held = bits
		case 1:
			out = append(out, held<<2|bits>>4)
			held = bits & 0x0f
		case 2:
			out = append(out, held<<4|bits>>2)
			held = bits & 0x03
		case 3:
			out = append(out, held<<6|bits)
		}
		place = (place + 1) % 4
	}
	switch place {
	case 0:
		return utf8Only(out)
	case 1:
		return "", errLength
	default:
		return "", errPadding
	}
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

func utf8Only(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errUTF8
	}
	return string(b), nil
}
