package sqs

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MHMessage stores headers as lines of "name: value", unencoded: boto's MHMessage. The texts must be such as SQS
// carries, and there must be one at least: SQS has no empty messages. boto stored what str makes of other values; True
// and None are how it spells those.
//
// The format has no escapes. What contains line breaks, names with a colon or spaces around, and values with spaces
// around come back changed: "a: b\nc: d" as the value of x brings back three headers. boto did not mind, and its bytes
// are the same; Strict does mind.
type MHMessage struct {
	// Strict refuses to encode headers that decoding would not bring back. Default: they are encoded as boto does.
	Strict bool
}

// Encode returns a line for each header, in order. It fails if a name is there twice, and as Strict says.
func (c MHMessage) Encode(body Headers) (string, error) {
	if err := body.checkKeys(); err != nil {
		return "", err
	}
	var text strings.Builder
	for _, h := range body {
		if c.Strict && !plainHeader(h.Key, h.Value) {
			return "", errHeader
		}
		text.WriteString(h.Key)
		text.WriteString(": ")
		text.WriteString(h.Value)
		text.WriteByte('\n')
	}
	return text.String(), nil
}

var errHeader = errors.New("a header does not come back as it is: it has a line break, space around it, or a colon in its name")

func plainHeader(name, value string) bool {
	return !strings.ContainsAny(name, ":\n") && !strings.Contains(value, "\n") &&
		strip(name) == name && strip(value) == value
}

// Decode reads lines of "name: value", as boto does. It does not fail: spaces around names and values are dropped, the
// last value of a name counts, and a line without a colon is a value whose name is the line without its last character.
func (MHMessage) Decode(stored string) (Headers, error) {
	b := mappingBuilder[string]{m: Headers{}}
	for line := range strings.Lines(stored) {
		name, value, found := strings.Cut(line, ":")
		if !found {
			_, last := utf8.DecodeLastRuneInString(line)
			name, value = line[:len(line)-last], line // boto's slice up to find's -1
		}
		b.set(strip(name), strip(value))
	}
	return b.m, nil
}

// strip is Python's, which counts the four separators of ASCII as spaces and otherwise agrees with unicode.IsSpace.
func strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f })
}

// EncodedMHMessage stores the lines of MHMessage in base64: boto's EncodedMHMessage. Any text can be sent.
type EncodedMHMessage struct {
	// Strict refuses to encode headers that decoding would not bring back. Default: they are encoded as boto does.
	Strict bool
}

// Encode returns what MHMessage makes of body, in base64. It fails as MHMessage does, and for what is not UTF-8.
func (c EncodedMHMessage) Encode(body Headers) (string, error) {
	text, err := MHMessage(c).Encode(body)
	if err != nil {
		return "", err
	}
	if !utf8.ValidString(text) {
		return "", errNotUTF8
	}
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

// Decode reads base64 as Base64Message does, and what that gives as MHMessage does. For what is not base64 of UTF-8 it
// returns no headers and an error; raw text happens to be such base64, or to have nothing that counts, as "!!!!".
func (EncodedMHMessage) Decode(stored string) (Headers, error) {
	text, err := decodeLenient(stored)
	if err != nil {
		return nil, err
	}
	return MHMessage{}.Decode(text)
}

var (
	_ Codec[Headers] = MHMessage{}
	_ Codec[Headers] = EncodedMHMessage{}
)
