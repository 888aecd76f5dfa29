package sqs_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/sqs"
)

// vectors are what boto 2.49 did, recorded. Inputs and results are strings, or objects for what Python has and JSON not.
type vectors struct {
	Encode []struct {
		Class  string
		Input  vectorText
		Stored vectorText
		Len    int
	}
	Decode []struct {
		Class     string
		Stored    string
		Decoded   vectorText
		Unchanged bool `json:"returned_unchanged"`
	}
}

// vectorText is a string or bytes; ok is false for what is neither, such as a number.
type vectorText struct {
	text string
	ok   bool
}

func (v *vectorText) UnmarshalJSON(b []byte) error {
	var bytes struct {
		Base64 *[]byte `json:"$bytes_b64"`
	}
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &v.text); err == nil {
		v.ok = true
	} else if err := json.Unmarshal(b, &bytes); err == nil && bytes.Base64 != nil {
		v.text, v.ok = string(*bytes.Base64), true
	}
	return nil
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/boto2-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var botoClasses = map[string]sqs.Codec[string]{"RawMessage": sqs.RawMessage{}, "Message": sqs.Base64Message{}}

func TestCodecsEncodeAsBoto(t *testing.T) {
	compared := 0
	for _, v := range readVectors(t).Encode {
		if !v.Input.ok {
			continue // numbers, None and dicts: the type of the codec does not take them
		}
		compared++
		got, err := botoClasses[v.Class].Encode(v.Input.text)
		if err != nil {
			t.Errorf("%s: encode %q: %v", v.Class, v.Input.text, err)
		}
		if got != v.Stored.text {
			t.Errorf("%s: encode %q: got %q, want %q", v.Class, v.Input.text, got, v.Stored.text)
		}
		if n := utf8.RuneCountInString(got); n != v.Len {
			t.Errorf("%s: encode %q: got %d characters, want %d", v.Class, v.Input.text, n, v.Len)
		}
	}
	if compared != 34 {
		t.Errorf("compared %d vectors, want 34", compared)
	}
}

func TestCodecsDecodeAsBoto(t *testing.T) {
	compared := 0
	for _, v := range readVectors(t).Decode {
		compared++
		got, err := botoClasses[v.Class].Decode(v.Stored)
		if got != v.Decoded.text {
			t.Errorf("%s: decode %q: got %q, want %q", v.Class, v.Stored, got, v.Decoded.text)
		}
		// boto logs a warning and returns the text; we return the text and say why.
		if failed := err != nil; failed != v.Unchanged {
			t.Errorf("%s: decode %q: got error %v, want one: %t", v.Class, v.Stored, err, v.Unchanged)
		}
	}
	if compared != 74 {
		t.Errorf("compared %d vectors, want 74", compared)
	}
}

func TestBinaryMessage(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	stored, err := sqs.BinaryMessage{}.Encode(every)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sqs.BinaryMessage{}.Decode(stored)
	if err != nil || string(got) != string(every) {
		t.Errorf("got %x, %v; want all 256 bytes", got, err)
	}
	for _, stored := range []string{"aGVs*bG8=", "YR==", "abc", "aGVsbG8=garbage"} {
		if got, err := (sqs.BinaryMessage{}).Decode(stored); err == nil || string(got) != stored {
			t.Errorf("decode %q: got %q, %v; want the text and an error", stored, got, err)
		}
	}
}

// celsius is a user's own message class, with a body type of its own.
type celsius struct{}

func (celsius) Encode(degrees float64) (string, error) {
	if degrees < -273.15 {
		return "", errors.New("below absolute zero")
	}
	b, err := json.Marshal(degrees)
	return string(b), err
}

func (celsius) Decode(stored string) (degrees float64, err error) {
	err = json.Unmarshal([]byte(stored), &degrees)
	return degrees, err
}

func TestCodecOfTheUsers(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		plain := create(t, conn, "readings")
		q := sqs.As(plain, celsius{})
		write(t, q, 36.6)
		m := read(t, q)
		if m.Body != 36.6 || m.Stored() != "36.6" || m.DecodeError != nil {
			t.Errorf("got body %v, stored %q, decode error %v", m.Body, m.Stored(), m.DecodeError)
		}
		if n, err := m.Len(); n != 4 || err != nil {
			t.Errorf("got length %d, %v; want 4", n, err)
		}

		if err := q.Write(t.Context(), q.NewMessage(-300)); err == nil {
			t.Error("a body that the codec refuses was written")
		}
		results, err := q.WriteBatch(t.Context(), []*sqs.MessageOf[float64]{{Body: 1}, {Body: -300}, {Body: 2}})
		if err == nil || len(results.Results) != 2 || len(results.Errors) != 1 || results.Errors[0].Index != 1 {
			t.Errorf("got %+v, %v; want that entry 1 failed", results, err)
		}
	})
}

func TestDecodeErrorKeepsThePage(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "mixed")
		raw := sqs.As(q, sqs.RawMessage{})
		write(t, q, "encoded")
		write(t, raw, "not encoded")

		messages, err := q.Messages(t.Context(), 10)
		if err != nil || len(messages) != 2 {
			t.Fatalf("got %d messages, %v; want 2", len(messages), err)
		}
		if m := messages[0]; m.Body != "encoded" || m.DecodeError != nil {
			t.Errorf("got %q, %v", m.Body, m.DecodeError)
		}
		m := messages[1]
		if m.Body != "not encoded" || m.DecodeError == nil || m.DecodeError.Stored != "not encoded" {
			t.Errorf("got %q, %v; want the stored text and a decode error", m.Body, m.DecodeError)
		}
		if err := m.Delete(t.Context()); err != nil {
			t.Errorf("delete a message that could not be decoded: %v", err)
		}
	})
}
