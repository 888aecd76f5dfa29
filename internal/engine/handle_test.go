package engine

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestHandle(t *testing.T) {
	s := newSealer([]byte("a key of thirty-two bytes length"))
	want := handle{queue: 1, seq: 1<<63 + 5, nonce: 1<<64 - 1, received: 1_800_000_000_000}
	text := s.seal(want)
	if got, err := s.open(text); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if !strings.HasPrefix(text, "AQEB") || len(text) > api.MaxReceiptHandle {
		t.Errorf("handle %q does not look like SQS's", text)
	}
	raw, _ := base64.StdEncoding.DecodeString(text)
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		if _, err := s.open(base64.StdEncoding.EncodeToString(changed)); !errors.Is(err, ErrBadHandle) {
			t.Errorf("byte %d changed: got %v", i, err)
		}
	}
	if _, err := newSealer([]byte("another key of thirty-two bytes.")).open(text); !errors.Is(err, ErrBadHandle) {
		t.Errorf("another server's key: got %v", err)
	}
}

// FuzzHandle: whatever comes in, a handle opens only if it is exactly what seal makes of what it says.
func FuzzHandle(f *testing.F) {
	s := newSealer([]byte("a key of thirty-two bytes length"))
	f.Add(s.seal(handle{queue: 1, seq: 2, nonce: 3, received: 4}))
	f.Add("AQEB")
	f.Add(strings.Repeat("A", 68))
	f.Fuzz(func(t *testing.T, text string) {
		h, err := s.open(text)
		if err != nil {
			if !errors.Is(err, ErrBadHandle) {
				t.Errorf("got %v", err)
			}
			return
		}
		if again := s.seal(h); again != text {
			t.Errorf("%q opens and is made anew as %q", text, again)
		}
	})
}
