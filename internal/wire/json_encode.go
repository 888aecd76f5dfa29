package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// AppendJSON appends the structure v, or the one that v points to, as an AWS JSON 1.0 document, and nothing at all for
// api.None.
//
// What is empty is left out (nil pointers, empty strings, slices without elements), as AWS does; numbers and booleans
// that are no pointers never are, nor are the values of a map and lists with the option always. Members stand in the order of their names. What a string
// holds beyond Unicode becomes U+FFFD. HTML is not escaped.
func AppendJSON(dst []byte, v any) []byte {
	s, rv := planOf(v)
	if rv.Type() == noneType {
		return dst
	}
	return s.appendJSON(dst, rv)
}

// AppendJSONError appends the document of an error. Its query code travels in a header.
func AppendJSONError(dst []byte, e *api.Error) []byte {
	dst = append(dst, `{"__type":`...)
	dst = appendJSONString(dst, e.Kind.Shape)
	dst = append(dst, `,"message":`...)
	dst = appendJSONString(dst, e.Message(api.JSON))
	return append(dst, '}')
}

func (s *shape) appendJSON(dst []byte, v reflect.Value) []byte {
	if s.pointer {
		v = v.Elem()
	}
	switch s.kind {
	case text:
		return appendJSONString(dst, v.String())
	case integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case boolean:
		return strconv.AppendBool(dst, v.Bool())
	case blob:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	case structure:
		return s.appendJSONObject(dst, v)
	case list:
		return s.appendJSONList(dst, v)
	default:
		return s.appendJSONDict(dst, v)
	}
}

func (s *shape) appendJSONObject(dst []byte, v reflect.Value) []byte {
	dst = append(dst, '{')
	first := true
	for _, f := range s.json {
		fv := v.Field(f.index)
		if f.absent(fv) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.quoted...)
		dst = f.shape.appendJSON(dst, fv)
	}
	return append(dst, '}')
}

func (s *shape) appendJSONList(dst []byte, v reflect.Value) []byte {
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.elem.appendJSON(dst, v.Index(i))
	}
	return append(dst, ']')
}

func (s *shape) appendJSONDict(dst []byte, v reflect.Value) []byte {
	key, value := s.elem.fields[0], s.elem.fields[1]
	dst = append(dst, '{')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		entry := v.Index(i)
		dst = appendJSONString(dst, entry.Field(key.index).String())
		dst = append(dst, ':')
		dst = value.shape.appendJSON(dst, entry.Field(value.index))
	}
	return append(dst, '}')
}

// appendJSONString quotes text and escapes what aws-sdk-go-v2 escapes, so that requests are the same byte by byte: quotes,
// backslashes, control characters, DEL and the two line separators of Unicode. What is not UTF-8 becomes U+FFFD. Most
// strings (handles, ids, digests) have nothing to escape and are copied at once. jsontext.AppendQuote escapes less, and
// takes twice the time for those (BenchmarkAppendJSONString).
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0 // what is in dst of s
	for i, next := 0, 0; i < len(s); {
		if i >= next && len(s)-i >= 8 {
			if unescaped8(s[i:]) {
				i += 8
				continue
			}
			next = i + 8 // where looking at 8 at once is worth it again
		}
		if c := s[i]; c < utf8.RuneSelf && c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && r != '\u2028' && r != '\u2029' && !(r == utf8.RuneError && size == 1) {
			i += size
			continue
		}
		dst = appendEscape(append(dst, s[done:i]...), r)
		i += size
		done = i
	}
	return append(append(dst, s[done:]...), '"')
}

// unescaped8 reports whether none of the first 8 bytes is escaped, or not ASCII. It looks at them at once: no top bit may be set,
// a top bit put there must survive when 0x20 is taken away, and none may be one of three others. A byte is 0 if 1 taken from it
// sets the top bit that it does not have; one above it may look so then, too, which does not matter.
func unescaped8(s string) bool {
	const ones, top = 0x0101010101010101, 0x8080808080808080
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash, del := w^ones*'"', w^ones*'\\', w^ones*0x7f
	zero := (quote-ones)&^quote | (backslash-ones)&^backslash | (del-ones)&^del
	return (w|zero)&top == 0 && ((w|top)-ones*' ')&top == top
}

func appendEscape(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case utf8.RuneError:
		return append(dst, "\ufffd"...)
	}
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
