package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

const (
	xmlProlog = `<?xml version="1.0"?>`
	xmlns     = ` xmlns="` + api.XMLNamespace + `">`
)

// AppendXML appends the answer of an action in the Query protocol. There is a Result element unless out is api.None; it
// is self-closed when nothing is in it. What is empty is left out, as in AppendJSON; the order of elements is that of
// AWS (xml_order.go). Text arrives as it was, carriage returns included; what XML 1.0 cannot carry becomes U+FFFD.
func AppendXML(dst []byte, action string, out any, requestID string) []byte {
	dst = append(dst, xmlProlog+"<"...)
	dst = append(dst, action...)
	dst = append(dst, "Response"+xmlns...)
	if s, v := planOf(out); v.Type() != noneType {
		dst = s.appendResult(dst, action, v)
	}
	dst = append(dst, "<ResponseMetadata><RequestId>"...)
	dst = appendXMLText(dst, requestID)
	dst = append(dst, "</RequestId></ResponseMetadata></"...)
	dst = append(dst, action...)
	return append(dst, "Response>"...)
}

// AppendXMLError appends the document of an error.
func AppendXMLError(dst []byte, e *api.Error, requestID string) []byte {
	dst = append(dst, xmlProlog+"<ErrorResponse"+xmlns+"<Error><Type>"...)
	dst = append(dst, e.Kind.Fault()...)
	dst = append(dst, "</Type><Code>"...)
	dst = appendXMLText(dst, e.Kind.QueryCode)
	dst = append(dst, "</Code><Message>"...)
	dst = appendXMLText(dst, e.Message(api.Query))
	dst = append(dst, "</Message><Detail/></Error><RequestId>"...)
	dst = appendXMLText(dst, requestID)
	return append(dst, "</RequestId></ErrorResponse>"...)
}

func (s *shape) appendResult(dst []byte, action string, v reflect.Value) []byte {
	dst = append(dst, '<')
	dst = append(dst, action...)
	dst = append(dst, "Result>"...)
	empty := len(dst)
	dst = s.appendXML(dst, v)
	if len(dst) == empty {
		return append(dst[:empty-1], "/>"...)
	}
	dst = append(dst, "</"...)
	dst = append(dst, action...)
	return append(dst, "Result>"...)
}

// appendXML appends the content of an element.
func (s *shape) appendXML(dst []byte, v reflect.Value) []byte {
	if s.pointer {
		v = v.Elem()
	}
	switch s.kind {
	case text:
		return appendXMLText(dst, v.String())
	case integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case boolean:
		return strconv.AppendBool(dst, v.Bool())
	case blob:
		return base64.StdEncoding.AppendEncode(dst, v.Bytes())
	}
	for _, f := range s.xml {
		fv := v.Field(f.index)
		switch {
		case f.absent(fv):
		case f.shape.kind == list || f.shape.kind == dict: // flattened: no element around the elements
			for i := range fv.Len() {
				dst = f.appendElement(dst, f.shape.elem, fv.Index(i))
			}
		default:
			dst = f.appendElement(dst, f.shape, fv)
		}
	}
	return dst
}

func (f *field) appendElement(dst []byte, s *shape, v reflect.Value) []byte {
	dst = append(dst, f.open...)
	dst = s.appendXML(dst, v)
	return append(dst, f.close...)
}

// xmlEscape holds what stands for a byte of ASCII that cannot stand for itself. A bare carriage return would arrive as
// a line feed; tabs and line feeds are safe between tags.
var xmlEscape = func() (table [utf8.RuneSelf]string) {
	for c := range ' ' {
		table[c] = "\uFFFD"
	}
	table['\t'], table['\n'], table['\r'] = "", "", "&#xD;"
	table['&'], table['<'], table['>'], table['"'] = "&amp;", "&lt;", "&gt;", "&quot;"
	return table
}()

// appendXMLText appends character data. encoding/xml's EscapeText does the same into an io.Writer, with &#34; for the
// quote that AWS writes as &quot;.
func appendXMLText(dst []byte, s string) []byte {
	start := 0 // of what is not written yet
	for i := 0; i < len(s); {
		replacement, size := "", 1
		if c := s[i]; c < utf8.RuneSelf {
			replacement = xmlEscape[c]
		} else {
			replacement, size = foreignToXML(s[i:])
		}
		if replacement != "" {
			dst = append(dst, s[start:i]...)
			dst = append(dst, replacement...)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// foreignToXML returns U+FFFD for what s begins with, if XML 1.0 has no such character, and the length of that.
func foreignToXML(s string) (replacement string, size int) {
	r, size := utf8.DecodeRuneInString(s)
	if (r == utf8.RuneError && size == 1) || r == 0xFFFE || r == 0xFFFF {
		return "\uFFFD", size
	}
	return "", size
}
