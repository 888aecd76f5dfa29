package sqs

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// loadJSON is Python's json.loads: JSON, plus NaN and the infinities. Its errors say where, and do not quote the text.
func loadJSON(text string) (any, error) {
	l := loader{text: text}
	l.space()
	v, err := l.value()
	if err != nil {
		return nil, err
	}
	l.space()
	if l.at < len(text) {
		return nil, l.fail("the end is expected")
	}
	return v, nil
}

type loader struct {
	text      string
	at, depth int
}

func (l *loader) fail(what string) error { return fmt.Errorf("not JSON: %s at byte %d", what, l.at) }

func (l *loader) space() {
	for l.at < len(l.text) && strings.IndexByte(" \t\n\r", l.text[l.at]) >= 0 {
		l.at++
	}
}

// skip goes over token if it comes next.
func (l *loader) skip(token string) bool {
	if !strings.HasPrefix(l.text[l.at:], token) {
		return false
	}
	l.at += len(token)
	return true
}

func (l *loader) value() (any, error) {
	if l.depth++; l.depth > maxNesting {
		return nil, errNesting
	}
	defer func() { l.depth-- }()
	switch {
	case l.skip(`"`):
		return l.string()
	case l.skip("{"):
		return l.object()
	case l.skip("["):
		return l.list()
	case l.skip("null"):
		return nil, nil
	case l.skip("true"):
		return true, nil
	case l.skip("false"):
		return false, nil
	case l.skip("NaN"):
		return math.NaN(), nil
	case l.skip("Infinity"):
		return math.Inf(1), nil
	case l.skip("-Infinity"):
		return math.Inf(-1), nil
	}
	return l.number()
}

func (l *loader) list() (any, error) {
	list := []any{}
	l.space()
	if l.skip("]") {
		return list, nil
	}
	for {
		l.space()
		v, err := l.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		l.space()
		if l.skip("]") {
			return list, nil
		}
		if !l.skip(",") {
			return nil, l.fail("a comma or ] is expected")
		}
	}
}

func (l *loader) object() (any, error) {
	b := mappingBuilder[any]{m: Object{}}
	l.space()
	if l.skip("}") {
		return b.m, nil
	}
	for {
		l.space()
		if !l.skip(`"`) {
			return nil, l.fail("a key in quotes is expected")
		}
		key, err := l.string()
		if err != nil {
			return nil, err
		}
		l.space()
		if !l.skip(":") {
			return nil, l.fail("a colon is expected")
		}
		l.space()
		v, err := l.value()
		if err != nil {
			return nil, err
		}
		b.set(key, v)
		l.space()
		if l.skip("}") {
			return b.m, nil
		}
		if !l.skip(",") {
			return nil, l.fail("a comma or } is expected")
		}
	}
}

func (l *loader) number() (any, error) {
	start := l.at
	l.skip("-")
	whole := l.at
	if !l.skip("0") && l.digits() == 0 {
		l.at = start
		return nil, l.fail("a value is expected")
	}
	integer := l.at
	if l.skip(".") && l.digits() == 0 {
		return nil, l.fail("a digit is expected")
	}
	if l.skip("e") || l.skip("E") {
		if !l.skip("+") {
			l.skip("-")
		}
		if l.digits() == 0 {
			return nil, l.fail("a digit is expected")
		}
	}
	text := l.text[start:l.at]
	if l.at > integer {
		f, _ := strconv.ParseFloat(text, 64) // beyond the range: an infinity, as in Python
		return f, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if integer-whole > maxDigits {
		return nil, errDigits
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n, nil
}

// digits goes over decimal digits and returns how many there were.
func (l *loader) digits() int {
	start := l.at
	for l.at < len(l.text) && '0' <= l.text[l.at] && l.text[l.at] <= '9' {
		l.at++
	}
	return l.at - start
}

// string reads what follows the opening quote, the closing one included.
func (l *loader) string() (string, error) {
	start := l.at
	for ; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '"':
			l.at++
			return l.text[start : l.at-1], nil
		case c == '\\':
			return l.escaped([]byte(l.text[start:l.at]))
		case c < ' ':
			return "", l.fail("a control character that is not escaped")
		}
	}
	return "", l.fail("a closing quote is missing")
}

// escaped reads the rest of a string from its first escape on.
func (l *loader) escaped(out []byte) (string, error) {
	for l.at < len(l.text) {
		c := l.text[l.at]
		l.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < ' ':
			return "", l.fail("a control character that is not escaped")
		case c != '\\':
			out = append(out, c)
			continue
		}
		var err error
		if out, err = l.escape(out); err != nil {
			return "", err
		}
	}
	return "", l.fail("a closing quote is missing")
}

// escape reads what follows a backslash.
func (l *loader) escape(out []byte) ([]byte, error) {
	const names, means = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if l.skip("u") {
		r, ok := l.hex()
		if !ok {
			return nil, l.fail("four hexadecimal digits are expected")
		}
		return l.character(out, r), nil
	}
	if l.at < len(l.text) {
		if i := strings.IndexByte(names, l.text[l.at]); i >= 0 {
			l.at++
			return append(out, means[i]), nil
		}
	}
	return nil, l.fail("an escape that JSON does not have")
}

// character appends what \u and four digits stand for, together with a second half that may follow.
func (l *loader) character(out []byte, r rune) []byte {
	if r < 0xd800 || r > 0xdfff {
		return utf8.AppendRune(out, r)
	}
	before := l.at
	if r < 0xdc00 && l.skip(`\u`) {
		if low, ok := l.hex(); ok && 0xdc00 <= low && low <= 0xdfff {
			return utf8.AppendRune(out, 0x10000+(r-0xd800)<<10+(low-0xdc00))
		}
		l.at = before
	}
	return appendSurrogate(out, r)
}

func (l *loader) hex() (rune, bool) {
	if l.at+4 > len(l.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(l.text[l.at:l.at+4], 16, 16)
	if err != nil {
		return 0, false
	}
	l.at += 4
	return rune(n), true
}
