package wire

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/bufeomq/bufeo/internal/api"
)

// kind is what a Go type is on the wire.
type kind uint8

const (
	text      kind = iota // string
	integer               // any signed integer type
	boolean               // bool
	blob                  // []byte, base64 in every protocol
	structure             // struct
	list                  // slice
	dict                  // slice of two-field structs with the option map
)

// shape is the plan of one place of the API: a type together with the name that error texts call it by. A shape is
// complete before anybody sees it and never changes afterwards.
type shape struct {
	kind    kind
	pointer bool   // *T, whose nil means absent
	name    string // such as "DelaySeconds" or "an element of Entries"
	elem    *shape // of a list; of a dict, the structure that is its entry

	// The fields of a structure in the order in which each protocol needs them. The first two of a dict's entry, in
	// order of declaration, are its key and its value.
	fields []*field
	json   []*field // by JSON name: the alphabetical order recorded from AWS
	query  []*field // by Query name: Query decoding walks it in step with the sorted parameters
	xml    []*field // by the table in xml_order.go
}

// field is one member of a structure. The strings that encoders write are made once, here.
type field struct {
	index  int
	shape  *shape
	always bool   // written even when empty: the option always, and the key and the value of a dict's entry
	member string // JSON name
	quoted string // "JSON name":
	param  string // Query name
	open   string // <Query name>
	close  string // </Query name>
}

var noneType = reflect.TypeFor[api.None]()

// plans holds a *shape for each reflect.Type that was asked for.
var plans sync.Map

// planOf returns the plan of the structure v, or of the structure that v points to, and the structure itself.
func planOf(v any) (*shape, reflect.Value) {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	t := rv.Type()
	if s, ok := plans.Load(t); ok {
		return s.(*shape), rv
	}
	s, _ := plans.LoadOrStore(t, compile(t, t.Name()))
	return s.(*shape), rv
}

// compile panics on a type that the wire cannot carry: such a type is a mistake in package api, and the first test
// that touches its action finds it.
func compile(t reflect.Type, name string) *shape {
	s := &shape{name: name}
	switch t.Kind() {
	case reflect.Pointer:
		s = compile(t.Elem(), name)
		s.pointer = true
	case reflect.String:
		s.kind = text
	case reflect.Int, reflect.Int64, reflect.Int32:
		s.kind = integer
	case reflect.Bool:
		s.kind = boolean
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			s.kind = blob
			return s
		}
		s.kind = list
		s.elem = compile(t.Elem(), "an element of "+name)
	case reflect.Struct:
		s.kind = structure
		for i := range t.NumField() {
			s.fields = append(s.fields, compileField(i, t.Field(i)))
		}
		s.order()
	default:
		panic("wire: " + name + " has a type that does not travel: " + t.String())
	}
	return s
}

func compileField(index int, sf reflect.StructField) *field {
	tag := strings.Split(sf.Tag.Get("wire"), ",")
	f := &field{index: index, member: tag[0], param: tag[0]}
	if len(tag) > 1 && tag[1] != "" {
		f.param = tag[1]
	}
	if f.member == "" {
		panic("wire: field " + sf.Name + " has no wire tag")
	}
	f.quoted = `"` + f.member + `":`
	f.open, f.close = "<"+f.param+">", "</"+f.param+">"
	f.shape = compile(sf.Type, f.member)
	f.always = slices.Contains(tag[1:], "always")
	if slices.Contains(tag[1:], "map") {
		f.shape.becomeDict()
	}
	return f
}

// becomeDict turns a list of two-field structures into an object.
func (s *shape) becomeDict() {
	if s.kind != list || len(s.elem.fields) != 2 || s.elem.fields[0].shape.kind != text {
		panic("wire: " + s.name + " is marked as a map, and is not a slice of pairs")
	}
	s.kind = dict
	for _, f := range s.elem.fields {
		f.always = true
	}
	s.elem.fields[1].shape.name = "a value of " + s.name
}

func (s *shape) order() {
	s.json = slices.SortedFunc(slices.Values(s.fields), func(a, b *field) int { return strings.Compare(a.member, b.member) })
	s.query = slices.SortedFunc(slices.Values(s.fields), func(a, b *field) int { return strings.Compare(a.param, b.param) })
	s.xml = slices.Clone(s.fields)
	slices.SortStableFunc(s.xml, func(a, b *field) int { return xmlRank(a.param) - xmlRank(b.param) })
}

// absent reports whether encoders leave v out. Numbers and booleans have no empty value: those that can be unset are
// pointers.
func (f *field) absent(v reflect.Value) bool {
	switch {
	case f.always:
		return false
	case f.shape.pointer:
		return v.IsNil()
	}
	switch f.shape.kind {
	case text, blob, list, dict:
		return v.Len() == 0
	default:
		return false
	}
}

// target returns what to decode into: v itself, or what v is now made to point to.
func (s *shape) target(v reflect.Value) reflect.Value {
	if !s.pointer {
		return v
	}
	v.Set(reflect.New(v.Type().Elem()))
	return v.Elem()
}

// extend appends a zero element to the slice v and returns it.
func extend(v reflect.Value) reflect.Value {
	n := v.Len()
	if n == v.Cap() {
		more := max(n, 4)
		if n == 4 {
			more = api.MaxBatchEntries - n
		}
		v.Grow(more) // 4, 10, 20: what is longer than a full batch is rare
	}
	v.SetLen(n + 1)
	return v.Index(n)
}

// present makes a nil slice an empty one: it was given, with nothing in it.
func present(v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
}
