package sqs

import "unicode/utf8"

// text writes a string with everything escaped that is not printable ASCII.
func (d *dumper) text(s string) error {
	d.out = append(d.out, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			d.ascii(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch half := surrogate(s[i:]); {
		case half != 0:
			d.escape(half)
			size = 3
		case r == utf8.RuneError && size == 1:
			return errNotUTF8
		case r > 0xffff:
			r -= 0x10000
			d.escape(0xd800 + r>>10)
			d.escape(0xdc00 + r&0x3ff)
		default:
			d.escape(r)
		}
		i += size
	}
	d.out = append(d.out, '"')
	return nil
}

func (d *dumper) ascii(c byte) {
	switch c {
	case '"', '\\':
		d.out = append(d.out, '\\', c)
	case '\n':
		d.out = append(d.out, `\n`...)
	case '\r':
		d.out = append(d.out, `\r`...)
	case '\t':
		d.out = append(d.out, `\t`...)
	case '\b':
		d.out = append(d.out, `\b`...)
	case '\f':
		d.out = append(d.out, `\f`...)
	default:
		if c < ' ' || c > '~' {
			d.escape(rune(c))
			return
		}
		d.out = append(d.out, c)
	}
}

func (d *dumper) escape(r rune) {
	const digits = "0123456789abcdef"
	d.out = append(d.out, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// surrogate returns the half of a surrogate pair that s begins with, in the three bytes that appendSurrogate writes, or 0.
func surrogate(s string) rune {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2] < 0x80 || s[2] > 0xbf {
		return 0
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
}

func appendSurrogate(out []byte, half rune) []byte {
	return append(out, 0xed, 0x80|byte(half>>6)&0x3f, 0x80|byte(half)&0x3f)
}
