package wire

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// AppendQuery appends the request v of an action as a form: Action and Version with the parameters, sorted by name as
// boto sorts them, escaped by RFC 3986 so that it is fit for a URL as well. Lists are numbered from 1. What is empty is
// left out, as in AppendJSON.
func AppendQuery(dst []byte, action string, v any) []byte {
	s, rv := planOf(v)
	list := s.params(make([]pair, 0, 16), "", rv)
	list = append(list, pair{"Action", action}, pair{"Version", api.Version})
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	for i, p := range list {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, p.name...) // letters, digits and dots: nothing to escape
		dst = append(dst, '=')
		dst = appendEscaped(dst, p.value)
	}
	return dst
}

type pair struct{ name, value string }

// params appends the parameters of a structure whose own names begin with prefix.
func (s *shape) params(dst []pair, prefix string, v reflect.Value) []pair {
	for _, f := range s.query {
		fv := v.Field(f.index)
		if f.absent(fv) {
			continue
		}
		dst = f.shape.param(dst, prefix+f.param, fv)
	}
	return dst
}

// param appends what is called name: one parameter or, of a structure or list, many.
func (s *shape) param(dst []pair, name string, v reflect.Value) []pair {
	switch s.kind {
	case structure:
		return s.params(dst, name+".", v)
	case list, dict:
		for i := range v.Len() {
			dst = s.elem.element(dst, name+"."+strconv.Itoa(i+1), v.Index(i))
		}
		return dst
	default:
		return append(dst, pair{name, s.scalar(v)})
	}
}

// element appends an element of a list. Of a structure with nothing in it the first member is written, empty, because
// the element would be lost otherwise: a batch with an empty entry is to be refused, not to be shortened.
func (s *shape) element(dst []pair, name string, v reflect.Value) []pair {
	before := len(dst)
	dst = s.param(dst, name, v)
	if len(dst) == before && s.kind == structure {
		dst = append(dst, pair{name + "." + s.fields[0].param, ""})
	}
	return dst
}

func (s *shape) scalar(v reflect.Value) string {
	if s.pointer {
		v = v.Elem()
	}
	switch s.kind {
	case integer:
		return strconv.FormatInt(v.Int(), 10)
	case boolean:
		return strconv.FormatBool(v.Bool())
	case blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	default:
		return v.String()
	}
}

// appendEscaped escapes all but RFC 3986's unreserved characters: SigV4 wants exactly that of a URL, and any form
// parser reads it.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if isUnreserved(c) {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', hex[c>>4], hex[c&15])
	}
	return dst
}

func isUnreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '_' || c == '.' || c == '~'
}
