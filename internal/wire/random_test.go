package wire

import (
	"math/rand/v2"
	"reflect"
	"strings"
)

// fill sets random values in everything that v can hold, in the form that decoders produce: a slice without elements
// is nil, keys of a map are distinct.
func fill(r *rand.Rand, v reflect.Value, alphabet []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), alphabet)
		}
	case reflect.String:
		v.SetString(randomText(r, alphabet))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), alphabet)
			for alwaysWritten(v.Type().Field(i)) && v.Field(i).Len() == 0 {
				fill(r, v.Field(i), alphabet)
			}
		}
	case reflect.Slice:
		fillSlice(r, v, alphabet)
	}
}

// alwaysWritten lists are never empty here: JSON has them, XML does not, so that decoders do not agree on their form.
func alwaysWritten(f reflect.StructField) bool {
	return strings.HasSuffix(f.Tag.Get("wire"), ",always")
}

func fillSlice(r *rand.Rand, v reflect.Value, alphabet []string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if n := r.IntN(4); n > 0 {
			v.SetBytes([]byte(strings.Repeat(string(rune(r.IntN(256))), n)))
		}
		return
	}
	for i := range r.IntN(13) { // beyond 9: numbers of two digits in Query
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		element := v.Index(i)
		fill(r, element, alphabet)
		switch {
		case element.Kind() == reflect.Slice && element.Len() == 0:
			element.SetBytes([]byte{1})
		case element.Kind() == reflect.Struct && element.NumField() == 2:
			element.Field(0).SetString(element.Field(0).String() + string(rune('a'+i)))
		}
	}
}

func randomText(r *rand.Rand, alphabet []string) string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// What the codecs treat in a special way, and neighbours of it.
var (
	xmlAlphabet = []string{"a", "Z", "0", " ", "\t", "\n", "\r", "\r\n", "&", "&amp;", "&#xD;", "<", ">", "]]>", "<!--", `"`, "'",
		"%", "%41", "+", "=", ";", "/", "\\", "\\u0041", "~", "*", "é", "\u0085", "\u2028", "\uFFFD", "\uE000", "😀", "\U0010FFFF", "\x7f"}
	jsonAlphabet = append([]string{"\x00", "\x08", "\x1f", "\uFFFE", "\uFFFF"}, xmlAlphabet...)
)
