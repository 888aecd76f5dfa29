package sqs

import (
	"bytes"
	"encoding/json"
	"errors"
)

// MarshalJSON makes a Mapping a JSON object in its order, also a nil one, for encoding/json. It fails if a value does,
// such as NaN, or a key is there twice.
func (m Mapping[V]) MarshalJSON() ([]byte, error) {
	if err := m.checkKeys(); err != nil {
		return nil, err
	}
	out := []byte{'{'}
	for i, item := range m {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(item.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(item.Value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

var errNoObject = errors.New("not a JSON object")

// UnmarshalJSON replaces m by the keys and values of a JSON object, in their order; null leaves it as it is. The values
// of an Object are of the types that JSONMessage says.
func (m *Mapping[V]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	if object, ok := any(m).(*Object); ok {
		value, err := loadJSON(string(text))
		if err != nil {
			return err
		}
		if *object, ok = value.(Object); !ok {
			return errNoObject
		}
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.Join(errNoObject, err)
	}
	b := mappingBuilder[V]{m: Mapping[V]{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value V
		if err := d.Decode(&value); err != nil {
			return err
		}
		b.set(key.(string), value) // the key of an object is nothing else
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	*m = b.m
	return nil
}
