package wire

import (
	"bytes"
	"encoding/base64"
	"math"
	"reflect"
	"strconv"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/go-json-experiment/json/jsontext"
)

// str decodes a text or a blob.
func (r *jsonReader) str(s *shape, v reflect.Value, next jsontext.Kind) error {
	if next != '"' {
		return r.refuse(next, s, "a string")
	}
	content, err := r.quoted()
	if err != nil {
		return err
	}
	if s.kind == text {
		v.SetString(string(content))
		return nil
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(content)))
	n, err := base64.StdEncoding.Decode(decoded, content)
	if err != nil {
		return api.MalformedInput.New(s.name + " is not base64")
	}
	v.SetBytes(decoded[:n])
	return nil
}

// quoted reads a string, or a member's name, and returns its content until the next read.
func (r *jsonReader) quoted() ([]byte, error) {
	raw, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	r.scratch, _ = jsontext.AppendUnquote(r.scratch[:0], raw) // ReadValue has checked it
	return r.scratch, nil
}

func (r *jsonReader) integer(s *shape, v reflect.Value, next jsontext.Kind) error {
	var digits []byte
	var err error
	switch next {
	case '0':
		digits, err = r.ReadValue()
	case '"':
		digits, err = r.quoted()
	default:
		return r.refuse(next, s, "an integer")
	}
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil && next == '0' {
		n, err = wholeNumber(string(digits))
	}
	if err != nil || v.OverflowInt(n) {
		return api.MalformedInput.New(s.name + " is not an integer, or is too large a one")
	}
	v.SetInt(n)
	return nil
}

// wholeNumber takes 1.0 and 1e3 for integers: JSON has one type of numbers, and there are languages that write all of
// them with a point. Beyond 2^53 a float no longer names one integer.
func wholeNumber(literal string) (int64, error) {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, strconv.ErrRange
	}
	return int64(f), nil
}

func (r *jsonReader) boolean(s *shape, v reflect.Value, next jsontext.Kind) error {
	if next != 't' && next != 'f' {
		return r.refuse(next, s, "a boolean")
	}
	token, err := r.ReadToken()
	v.SetBool(err == nil && token.Bool())
	return err
}
