package sqs

import (
	"encoding/base64"
	"fmt"
)

// Codec is a message class: how bodies of type T become the text that a queue stores. Implementations are used by many
// goroutines at once and must not keep state between calls. A program's own codecs work wherever this package's do.
type Codec[T any] interface {
	// Encode returns the text to store. An error keeps the message from being sent.
	Encode(body T) (string, error)
	// Decode returns the body for a stored text. With an error, the body that it returns is what the message gets
	// nevertheless, beside a DecodeError: a message that cannot be decoded still has to be deleted or put aside. The
	// codecs of this package return the stored text then if they decode to text or bytes, and the zero value otherwise.
	Decode(stored string) (T, error)
}

// DecodeError says why the codec of a queue could not decode the body of a message: boto's SQSDecodeError.
type DecodeError struct {
	Stored string // the text as the queue has it
	Err    error  // what the codec said
}

// Error returns the codec's reason. It does not quote the body, which may be large or secret.
func (e *DecodeError) Error() string { return "sqs: decode body: " + e.Err.Error() }

// Unwrap returns the codec's reason.
func (e *DecodeError) Unwrap() error { return e.Err }

// RawMessage stores text as it is: boto's RawMessage, and what programs that do not use boto write.
type RawMessage struct{}

// Encode returns body. It does not fail.
func (RawMessage) Encode(body string) (string, error) { return body, nil }

// Decode returns stored. It does not fail.
func (RawMessage) Decode(stored string) (string, error) { return stored, nil }

// Base64Message stores text in base64: boto's default class, called Message there. SQS carries no control characters,
// base64 has none.
type Base64Message struct{}

// Encode returns body in standard base64 with padding, on one line. It does not fail.
func (Base64Message) Encode(body string) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(body)), nil
}

// Decode reads base64 as boto does, which is as CPython does: characters that base64 does not have are skipped, and
// what follows the padding is ignored. Text that is not base64 of UTF-8 is returned as it is, with an error, so that a
// queue into which somebody writes raw text stays readable.
//
// Being lenient has a price: raw text can happen to be base64, such as "done". Where that matters, use RawMessage, or
// BinaryMessage, which is strict.
func (Base64Message) Decode(stored string) (string, error) {
	body, err := decodeLenient(stored)
	if err != nil {
		return stored, err
	}
	return body, nil
}

// BinaryMessage stores bytes in base64. Unlike Base64Message, as whose it is stored, it brings back any bytes, not only
// UTF-8, and refuses what is not exactly base64. boto has no such class: its Message lost binary bodies.
type BinaryMessage struct{}

// Encode returns body in standard base64 with padding, on one line. It does not fail.
func (BinaryMessage) Encode(body []byte) (string, error) {
	return base64.StdEncoding.EncodeToString(body), nil
}

// Decode reads standard base64. For what is not, it returns the stored text and an error.
func (BinaryMessage) Decode(stored string) ([]byte, error) {
	body, err := base64.StdEncoding.Strict().DecodeString(stored)
	if err != nil {
		return []byte(stored), fmt.Errorf("not base64: %w", err)
	}
	return body, nil
}

var (
	_ Codec[string] = RawMessage{}
	_ Codec[string] = Base64Message{}
	_ Codec[[]byte] = BinaryMessage{}
)
