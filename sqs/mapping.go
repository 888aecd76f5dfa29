package sqs

import (
	"iter"
	"slices"
)

// Mapping maps keys to values and keeps the order in which the keys came, as Python's dictionaries do: the body of
// [MHMessage], and an object in [JSONMessage]. It is a slice: len counts it, range goes over it, the zero value is
// empty and can be used. Like append, Set, Delete and Update may change the slice that they are called on and those that
// share its memory; With makes a copy.
//
// Keys are looked for from the front, which suits headers and not many thousands of keys: [maps.Collect] of Items makes
// a map. A literal can have a key twice, methods see the first one then, and no codec encodes such a Mapping.
type Mapping[V any] []Item[V]

// Item is one key of a Mapping with its value.
type Item[V any] struct {
	Key   string
	Value V
}

// Headers are names and texts in order: the body of MHMessage and EncodedMHMessage.
//
//	sqs.Headers{}.With("foo", "bar").With("fie", "baz")
type Headers = Mapping[string]

// Object is a JSON object whose keys have an order: what JSONMessage makes of one. JSONMessage says which types its
// values have.
type Object = Mapping[any]

// Lookup returns the value of key, and whether there is one: boto's m[key].
func (m Mapping[V]) Lookup(key string) (value V, ok bool) {
	if i := m.index(key); i >= 0 {
		return m[i].Value, true
	}
	return value, false
}

// Get returns the value of key, or otherwise if there is none.
func (m Mapping[V]) Get(key string, otherwise V) V {
	if value, ok := m.Lookup(key); ok {
		return value
	}
	return otherwise
}

// Has reports whether key has a value: boto's has_key, and "key in m".
func (m Mapping[V]) Has(key string) bool { return m.index(key) >= 0 }

// Set gives key a value: boto's m[key] = value. A new key goes to the end, one that is there keeps its place.
func (m *Mapping[V]) Set(key string, value V) {
	if i := m.index(key); i >= 0 {
		(*m)[i].Value = value
		return
	}
	*m = append(*m, Item[V]{key, value})
}

// With returns a copy of m in which key has the value. It is made for building a mapping in one expression.
func (m Mapping[V]) With(key string, value V) Mapping[V] {
	m = slices.Clone(m)
	m.Set(key, value)
	return m
}

// Delete takes key out and reports whether it was there. boto's messages have no counterpart.
func (m *Mapping[V]) Delete(key string) bool {
	i := m.index(key)
	if i < 0 {
		return false
	}
	*m = slices.Delete(*m, i, i+1)
	return true
}

// Update sets each of items: boto's update. Items of another Mapping and maps.All of a map are such a sequence.
func (m *Mapping[V]) Update(items iter.Seq2[string, V]) {
	for key, value := range items {
		m.Set(key, value)
	}
}

// Items yields the keys with their values, in order.
func (m Mapping[V]) Items() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, item := range m {
			if !yield(item.Key, item.Value) {
				return
			}
		}
	}
}

// Keys yields the keys, in order.
func (m Mapping[V]) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, item := range m {
			if !yield(item.Key) {
				return
			}
		}
	}
}

// Values yields the values, in the order of their keys.
func (m Mapping[V]) Values() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, item := range m {
			if !yield(item.Value) {
				return
			}
		}
	}
}

func (m Mapping[V]) index(key string) int {
	return slices.IndexFunc(m, func(item Item[V]) bool { return item.Key == key })
}
