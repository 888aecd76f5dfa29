package sqs_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

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
