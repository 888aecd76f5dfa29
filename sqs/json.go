package sqs

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// JSON stores values of a Go type as encoding/json writes them, struct tags and all:
//
//	orders := sqs.As(q, sqs.JSON[Order]{})
//
// boto's JSONMessage reads what it stores, and it reads what that stores, NaN and infinities excepted, which
// encoding/json does not know. With Raw it is for programs that send JSON without base64, which is most of them.
//
// What encoding/json does on its way holds here: strings that are not UTF-8 get U+FFFD where they are not, fields that
// the type does not have are dropped. JSON[Object] is an object of any fields, in order.
type JSON[T any] struct {
	// Raw stores the text itself. Default: the text in base64, as boto's JSONMessage does.
	Raw bool
}

// Encode returns body as JSON on one line, with <, > and & as they are. It fails if encoding/json does.
func (c JSON[T]) Encode(body T) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return "", err
	}
	text := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if !c.Raw {
		return base64.StdEncoding.EncodeToString(text), nil
	}
	// The only two characters of JSON text that SQS does not carry, and they stand in strings only.
	text = bytes.ReplaceAll(text, []byte("\ufffe"), []byte(`\ufffe`))
	text = bytes.ReplaceAll(text, []byte("\uffff"), []byte(`\uffff`))
	return string(text), nil
}

// Decode reads JSON: with Raw the stored text as it is, otherwise in base64, which it reads as Base64Message does. For
// what is not JSON, or does not fit T, it returns T's zero value and an error.
func (c JSON[T]) Decode(stored string) (body T, err error) {
	text := stored
	if !c.Raw {
		if text, err = decodeLenient(stored); err != nil {
			return body, err
		}
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		var none T
		return none, err
	}
	return body, nil
}

var _ Codec[struct{}] = JSON[struct{}]{}
