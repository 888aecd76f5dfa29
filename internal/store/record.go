package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Every value is: version (1 byte), flags (1 byte, zero so far), fields, CRC-32C of all that (4 bytes). Numbers are
// varints, texts are length and bytes. A record that cannot be read is an error and is never served in part.
const recordVersion = 1

// ErrCorrupt is wrapped by every error about a record that does not check out.
var ErrCorrupt = errors.New("corrupt record")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendHeader(dst []byte) []byte { return append(dst, recordVersion, 0) }

// appendChecksum closes the record that starts at dst[start].
func appendChecksum(dst []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// reader takes a record apart. The first fault sticks; done reports it.
type reader struct {
	b   []byte
	err error
}

func openRecord(value []byte) reader {
	if len(value) < 6 {
		return reader{err: fmt.Errorf("%w: %d bytes", ErrCorrupt, len(value))}
	}
	body, sum := value[:len(value)-4], binary.LittleEndian.Uint32(value[len(value)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return reader{err: fmt.Errorf("%w: checksum mismatch", ErrCorrupt)}
	}
	if body[0] != recordVersion {
		return reader{err: fmt.Errorf("%w: version %d, this bufeo reads %d", ErrCorrupt, body[0], recordVersion)}
	}
	return reader{b: body[2:]}
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("%w: truncated", ErrCorrupt)
	}
	r.b = nil
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) int() int64 { return int64(r.uint()) }

func (r *reader) bool() bool { return r.uint() != 0 }

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text() string { return string(r.bytes(r.uint())) }

func (r *reader) done() error { return r.err }
