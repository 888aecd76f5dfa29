package sqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
)

const (
	// maxNesting is that of encoding/json. Python's is some hundreds, and depends on what else is on its stack.
	maxNesting = 10_000
	// maxDigits is CPython's limit for integers as text, since 3.11 and 2022's security releases: reading them costs the
	// square of their length.
	maxDigits = 4_300
)

var (
	errNesting = fmt.Errorf("nested deeper than %d", maxNesting)
	errDigits  = fmt.Errorf("an integer of more than %d digits", maxDigits)
	errNotUTF8 = errors.New("text that is not UTF-8")
)

// dumpJSON is Python's json.dumps with its defaults: ASCII only, ", " and ": " between things, floats as repr has them.
func dumpJSON(v any) ([]byte, error) {
	var d dumper
	err := d.value(v)
	return d.out, err
}

type dumper struct {
	out   []byte
	depth int
}

func (d *dumper) value(v any) error {
	if d.depth++; d.depth > maxNesting {
		return errNesting
	}
	defer func() { d.depth-- }()
	switch v := v.(type) {
	case nil:
		d.out = append(d.out, "null"...)
	case string:
		return d.text(v)
	case float64:
		d.out = appendFloat(d.out, v, 64)
	case float32:
		d.out = appendFloat(d.out, float64(v), 32)
	case json.Number:
		return d.number(v)
	case *big.Int:
		return d.integer(v)
	case mapping:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer {
			return d.other(rv) // it may be nil
		}
		return d.object(v)
	default:
		return d.other(reflect.ValueOf(v))
	}
	return nil
}

// other is what value does not know by type, but by kind.
func (d *dumper) other(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		d.out = strconv.AppendBool(d.out, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.out = strconv.AppendInt(d.out, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.out = strconv.AppendUint(d.out, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		d.out = appendFloat(d.out, v.Float(), v.Type().Bits())
	case reflect.String:
		return d.text(v.String())
	case reflect.Pointer:
		if v.IsNil() {
			return d.value(nil)
		}
		return d.value(v.Elem().Interface())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return d.list(v)
		}
		return fmt.Errorf("%s is not JSON: bytes need an encoding", v.Type())
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return d.object(sorted(v))
		}
		return fmt.Errorf("%s is not JSON: keys must be strings", v.Type())
	default:
		return fmt.Errorf("%s is not JSON", v.Type())
	}
	return nil
}

func (d *dumper) list(v reflect.Value) error {
	d.out = append(d.out, '[')
	for i := range v.Len() {
		if i > 0 {
			d.out = append(d.out, ", "...)
		}
		if err := d.value(v.Index(i).Interface()); err != nil {
			return err
		}
	}
	d.out = append(d.out, ']')
	return nil
}

func (d *dumper) object(m mapping) error {
	if err := m.checkKeys(); err != nil {
		return err
	}
	d.out = append(d.out, '{')
	first := true
	for key, value := range m.anyItems() {
		if !first {
			d.out = append(d.out, ", "...)
		}
		first = false
		if err := d.text(key); err != nil {
			return err
		}
		d.out = append(d.out, ": "...)
		if err := d.value(value); err != nil {
			return err
		}
	}
	d.out = append(d.out, '}')
	return nil
}

// sorted makes an object of a map with string keys.
func sorted(v reflect.Value) Object {
	all := make(map[string]any, v.Len())
	for key, value := range v.Seq2() {
		all[key.String()] = value.Interface()
	}
	object := make(Object, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		object = append(object, Item[any]{key, all[key]})
	}
	return object
}

func (d *dumper) number(n json.Number) error {
	v, err := loadJSON(n.String())
	if err != nil {
		return err
	}
	switch v.(type) {
	case int64, float64, *big.Int:
		return d.value(v)
	}
	return errors.New("a json.Number that is no number")
}

func (d *dumper) integer(n *big.Int) error {
	if n == nil {
		return d.value(nil)
	}
	const most = maxDigits*3322/1000 + 1 // bits of an integer that may have so many digits; spares writing larger ones
	if n.BitLen() > most {
		return errDigits
	}
	text := new(big.Int).Abs(n).Append(nil, 10)
	if len(text) > maxDigits {
		return errDigits
	}
	if n.Sign() < 0 {
		d.out = append(d.out, '-')
	}
	d.out = append(d.out, text...)
	return nil
}

// appendFloat is Python's repr: the fewest digits that bring the number back, with an exponent from 1e16 and below 1e-4.
func appendFloat(out []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(out, "NaN"...)
	case math.IsInf(f, 1):
		return append(out, "Infinity"...)
	case math.IsInf(f, -1):
		return append(out, "-Infinity"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(out, f, 'e', -1, bits)
	}
	start := len(out)
	out = strconv.AppendFloat(out, f, 'f', -1, bits)
	if slices.Contains(out[start:], '.') {
		return out
	}
	return append(out, ".0"...)
}
