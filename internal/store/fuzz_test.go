package store

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// codec is one kind of record. again decodes it and encodes what that made.
type codec struct {
	name  string
	again func(value []byte) (any, []byte, error)
}

func codecOf[T any](name string, decode func([]byte) (T, error), encode func([]byte, T) []byte) codec {
	return codec{name, func(value []byte) (any, []byte, error) {
		v, err := decode(value)
		if err != nil {
			return nil, nil, err
		}
		return v, encode(nil, v), nil
	}}
}

// byPointer is for records that are decoded to a value and encoded from a pointer.
func byPointer[T any](encode func([]byte, *T) []byte) func([]byte, T) []byte {
	return func(dst []byte, v T) []byte { return encode(dst, &v) }
}

var codecs = []codec{
	codecOf("message", decodeMessage, appendMessage),
	codecOf("state", decodeState, byPointer(appendState)),
	codecOf("segment", decodeSegment, byPointer(appendSegment)),
	codecOf("delay", decodeDelay, byPointer(appendDelay)),
	codecOf("number", decodeNumber, appendNumber),
	codecOf("group message", decodeGroupMessage, byPointer(appendGroupMessage)),
	codecOf("turn", decodeTurn, byPointer(appendTurn)),
	codecOf("dedup", decodeDedup, byPointer(appendDedup)),
	codecOf("attempt", decodeAttempt, appendAttempt),
	codecOf("move task", decodeMoveTask, appendMoveTask),
	codecOf("queue", decodeQueue, appendQueue),
	codecOf("counters", decodeCounters, byPointer(appendCounters)),
}

// FuzzRecords: whatever is on the disk, even under a right checksum, decoding ends with a value or with ErrCorrupt, and what
// was decoded is the same after it was written and read again.
func FuzzRecords(f *testing.F) {
	for i := range codecs {
		f.Add(byte(i), []byte{}, true)
		f.Add(byte(i), []byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x02ab\x01\x01n\x01s\x00\x01v\x00\x00\x00"), true)
		f.Add(byte(i), bytes.Repeat([]byte{0xff}, 12), true)
	}
	f.Add(byte(0), appendChecksum(appendHeader(nil), 0), false)
	f.Fuzz(func(t *testing.T, which byte, fields []byte, sealed bool) {
		c, value := codecs[int(which)%len(codecs)], fields
		if sealed {
			value = appendChecksum(append(appendHeader(nil), fields...), 0)
		}
		v, first, err := c.again(value)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s: %v", c.name, err)
			}
			return
		}
		w, second, err := c.again(first)
		if err != nil || !bytes.Equal(first, second) || !reflect.DeepEqual(v, w) {
			t.Errorf("%s: %v\nfirst  %x %+v\nsecond %x %+v", c.name, err, first, v, second, w)
		}
	})
}

// FuzzNameKey: a key that can be taken apart is the one that its parts make.
func FuzzNameKey(f *testing.F) {
	f.Add([]byte("q000000000000\x00us-east-1\x00orders"))
	f.Add([]byte("z\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, key []byte) {
		if len(key) == 0 {
			return // a key that is found has its prefix
		}
		k, err := parseNameKey(key)
		if err != nil {
			return
		}
		if again := nameKey(key[0], k); !bytes.Equal(again, key) {
			t.Errorf("%q is %+v, which makes %q", key, k, again)
		}
	})
}

// written are the logs of a store.
func written(f *testing.F) (logs map[string][]byte) {
	fs := vfs.NewMem()
	s, err := Open("data", &Options{FS: fs})
	if err != nil {
		f.Fatal(err)
	}
	for n := range 50 {
		b := NewBatch()
		b.PutMessage(1, uint64(n), &Message{Body: string(bytes.Repeat([]byte{byte(n)}, 40*n))})
		if err := s.Append(b).Wait(); err != nil {
			f.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	names, err := fs.List("data")
	if err != nil {
		f.Fatal(err)
	}
	logs = map[string][]byte{}
	for _, name := range names {
		if _, isLog := chunksOf(name); !isLog {
			continue
		}
		file, err := fs.Open(fs.PathJoin("data", name))
		if err != nil {
			f.Fatal(err)
		}
		if logs[name], err = io.ReadAll(file); err != nil {
			f.Fatal(err)
		}
	}
	return logs
}

// FuzzLog: no file is too odd to be looked at, and damage is found within it. What follows a sound log makes it no worse
// than torn, unless that looks like a part of it.
func FuzzLog(f *testing.F) {
	logs := written(f)
	for name, text := range logs {
		f.Add(name, text[:min(len(text), 3000)], uint16(0))
		f.Add(name, []byte{}, uint16(len(text)/2))
	}
	f.Add("000009-001.log", bytes.Repeat([]byte{0xff}, logBlock+20), uint16(0))
	f.Fuzz(func(t *testing.T, name string, text []byte, cut uint16) {
		c, isLog := chunksOf(name)
		if !isLog {
			return
		}
		at, err := c.damagedAt(bytes.NewReader(text))
		if err != nil || at >= int64(len(text)) {
			t.Errorf("damaged at %d of %d, %v", at, len(text), err)
		}
		whole := logs[name]
		if len(whole) == 0 {
			return
		}
		torn := whole[:int(cut)%len(whole)]
		if at, err := c.damagedAt(bytes.NewReader(torn)); err != nil || at >= 0 {
			t.Errorf("%s, cut off at %d: damaged at %d, %v", name, len(torn), at, err)
		}
	})
}
