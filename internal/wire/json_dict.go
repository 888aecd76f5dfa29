package wire

import (
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// scanLimit is the size up to which a dict is searched entry by entry. SQS allows at most 10 message attributes and 50
// tags; only a hostile body has more, and it must not cost the square of its length.
const scanLimit = 64

// dict decodes an object with arbitrary keys into a slice of pairs, in order of first appearance. A repeated key
// replaces the value of its entry: the last one counts.
func (r *jsonReader) dict(s *shape, v reflect.Value, next jsontext.Kind) error {
	if next != '{' {
		return r.refuse(next, s, "an object")
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	v.SetZero()
	key, value := s.elem.fields[0], s.elem.fields[1]
	entries := dictIndex{slice: v, key: key.index}
	for r.PeekKind() == '"' {
		content, err := r.quoted()
		if err != nil {
			return err
		}
		if err := r.spend(); err != nil {
			return err
		}
		name := string(content)
		if r.PeekKind() == 'n' { // null is absent here too
			if err := r.SkipValue(); err != nil {
				return err
			}
			continue
		}
		at, found := entries.find(name)
		if !found {
			at = extend(v)
			at.Field(key.index).SetString(name)
			entries.added()
		}
		if err := r.value(value.shape, at.Field(value.index)); err != nil {
			return err
		}
	}
	present(v)
	_, err := r.ReadToken()
	return err
}

// dictIndex finds entries of the slice by key.
type dictIndex struct {
	slice reflect.Value
	key   int            // index of the key's field
	large map[string]int // beyond scanLimit entries
}

func (x *dictIndex) find(name string) (reflect.Value, bool) {
	if x.large != nil {
		i, ok := x.large[name]
		if !ok {
			return reflect.Value{}, false
		}
		return x.slice.Index(i), true
	}
	for i := range x.slice.Len() {
		if at := x.slice.Index(i); at.Field(x.key).String() == name {
			return at, true
		}
	}
	return reflect.Value{}, false
}

// added takes note of the entry at the end of the slice.
func (x *dictIndex) added() {
	n := x.slice.Len()
	if n <= scanLimit {
		return
	}
	if x.large == nil {
		x.large = make(map[string]int, 2*n)
		for i := range n {
			x.large[x.slice.Index(i).Field(x.key).String()] = i
		}
	}
	x.large[x.slice.Index(n-1).Field(x.key).String()] = n - 1
}
