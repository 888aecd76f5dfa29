package sqs

import (
	"encoding/base64"
)

// JSONMessage stores any JSON value as boto's JSONMessage does, byte for byte: Python's JSON text, in base64. It is for
// bodies whose shape is not known beforehand; [JSON] is for Go's types.
//
// A decoded value is nil, a bool, a string, an int64 or, where that is too small, a *[math/big.Int], a float64, a []any or an
// [Object]. Python tells 1 from 1.0, and so does this; NaN and the infinities are numbers. A lone half of a surrogate
// pair, which Go's strings do not have, becomes the three bytes that UTF-8 would have for it, and is encoded back from
// them.
//
// Encoding takes those types and what is like them: all integers and floats, [encoding/json.Number], slices and arrays,
// a Mapping of anything, maps with string keys (sorted by key), and pointers to any of these; nil pointers, maps and
// slices are null, {} and []. It refuses bytes, structs, text that is not UTF-8, nesting deeper than 10,000, and
// integers of more than 4,300 digits, which Python does not read.
//
// nil is null and "" is an empty string. boto's constructor took both for "no body given" and made an object of it,
// which here is Object{}.
type JSONMessage struct{}

// Encode returns the JSON text of body in standard base64.
func (JSONMessage) Encode(body any) (string, error) {
	text, err := dumpJSON(body)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(text), nil
}

// Decode reads base64 as Base64Message does, and JSON as Python does: of a repeated key the last value counts, at the
// place of the first. For what is not JSON in base64, it returns nil and an error.
func (JSONMessage) Decode(stored string) (any, error) {
	text, err := decodeLenient(stored)
	if err != nil {
		return nil, err
	}
	return loadJSON(text)
}

var _ Codec[any] = JSONMessage{}
