package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"

	"github.com/bufeomq/bufeo/internal/store"
)

// handle is what a receipt handle says: which delivery of which message. On the wire it is base64 of
//
//	format (3 bytes: 1, key id, 1; the base64 then begins with AQEB, as AWS's do)
//	queue, sequence number, nonce, time of the receive in ms (8 bytes each)
//	HMAC-SHA256 of the above, cut to 16 bytes
//
// so that "never issued" and "other queue" are told without looking anything up.
type handle struct {
	queue    store.QueueID
	seq      uint64
	nonce    uint64
	received int64
}

const (
	handleBody = 3 + 4*8
	handleSize = handleBody + 16
)

var handleFormat = [3]byte{1, 1, 1}

// sealer makes and checks handles. Safe for concurrent use.
type sealer struct{ macs sync.Pool }

func newSealer(key []byte) *sealer {
	s := &sealer{}
	s.macs.New = func() any { return hmac.New(sha256.New, key) }
	return s
}

func (s *sealer) mac(body []byte, sum *[sha256.Size]byte) []byte {
	h := s.macs.Get().(hash.Hash)
	h.Reset()
	h.Write(body)
	out := h.Sum(sum[:0])
	s.macs.Put(h)
	return out[:handleSize-handleBody]
}

func (s *sealer) seal(h handle) string {
	var raw [handleSize]byte
	var sum [sha256.Size]byte
	copy(raw[:], handleFormat[:])
	binary.BigEndian.PutUint64(raw[3:], uint64(h.queue))
	binary.BigEndian.PutUint64(raw[11:], h.seq)
	binary.BigEndian.PutUint64(raw[19:], h.nonce)
	binary.BigEndian.PutUint64(raw[27:], uint64(h.received))
	copy(raw[handleBody:], s.mac(raw[:handleBody], &sum))
	return base64.StdEncoding.EncodeToString(raw[:])
}

// open returns ErrBadHandle for anything that seal did not make with this key.
func (s *sealer) open(text string) (handle, error) {
	var raw [handleSize + 3]byte
	var sum [sha256.Size]byte
	if len(text) != base64.StdEncoding.EncodedLen(handleSize) {
		return handle{}, ErrBadHandle
	}
	n, err := base64.StdEncoding.Strict().Decode(raw[:], []byte(text))
	if err != nil || n != handleSize || [3]byte(raw[:3]) != handleFormat {
		return handle{}, ErrBadHandle
	}
	if subtle.ConstantTimeCompare(s.mac(raw[:handleBody], &sum), raw[handleBody:handleSize]) != 1 {
		return handle{}, ErrBadHandle
	}
	return handle{
		queue:    store.QueueID(binary.BigEndian.Uint64(raw[3:])),
		seq:      binary.BigEndian.Uint64(raw[11:]),
		nonce:    binary.BigEndian.Uint64(raw[19:]),
		received: int64(binary.BigEndian.Uint64(raw[27:])),
	}, nil
}
