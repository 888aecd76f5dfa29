package sqs

import (
	"fmt"
	"iter"
)

// few is the number of keys up to which looking through all of them beats a map.
const few = 16

// mappingBuilder collects what a decoder reads: of a repeated key the last value counts, at the place of the first, as
// in Python. Stored text is whatever somebody sent, so that many keys must not cost their square.
type mappingBuilder[V any] struct {
	m     Mapping[V]
	index map[string]int // of m, once it has more than a few keys
}

func (b *mappingBuilder[V]) set(key string, value V) {
	if b.index == nil {
		b.m.Set(key, value)
		if len(b.m) > few {
			b.index = indexOf(b.m)
		}
		return
	}
	if i, ok := b.index[key]; ok {
		b.m[i].Value = value
		return
	}
	b.index[key] = len(b.m)
	b.m = append(b.m, Item[V]{key, value})
}

func indexOf[V any](m Mapping[V]) map[string]int {
	index := make(map[string]int, 2*len(m))
	for i, item := range m {
		index[item.Key] = i
	}
	return index
}

// checkKeys refuses a mapping that has a key twice: whoever decodes it would see one of the values only.
func (m Mapping[V]) checkKeys() error {
	if len(m) > few {
		index := indexOf(m)
		for i, item := range m {
			if index[item.Key] != i {
				return fmt.Errorf("key %q is there twice", item.Key)
			}
		}
		return nil
	}
	for i, item := range m {
		if m.index(item.Key) != i {
			return fmt.Errorf("key %q is there twice", item.Key)
		}
	}
	return nil
}

// mapping is a Mapping of whatever values.
type mapping interface {
	checkKeys() error
	anyItems() iter.Seq2[string, any]
}

func (m Mapping[V]) anyItems() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, item := range m {
			if !yield(item.Key, item.Value) {
				return
			}
		}
	}
}
