package wire

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"unsafe"

	"github.com/bufeomq/bufeo/internal/api"
)

// BodyMD5 returns the digest of a message's body, which SQS calls MD5OfMessageBody when it is sent and MD5OfBody when
// it is received.
func BodyMD5(body string) [16]byte {
	return md5.Sum(bytesOf(body))
}

// AttributesMD5 returns the digest of message attributes, or of message system attributes, in hexadecimal, and "" if
// there are none. The order of attrs does not matter.
//
// It covers, for each attribute by name: name and data type, each after its length in four bytes, a byte that is 1 for
// text and 2 for binary, and the value after its length.
func AttributesMD5(attrs []api.MessageAttribute) string {
	if len(attrs) == 0 {
		return ""
	}
	var room [api.MaxMessageAttributes]*api.MessageAttribute
	sorted := room[:0]
	for i := range attrs {
		sorted = append(sorted, &attrs[i])
	}
	slices.SortStableFunc(sorted, func(a, b *api.MessageAttribute) int { return strings.Compare(a.Name, b.Name) })
	var encoded []byte
	for _, a := range sorted {
		encoded = appendSized(encoded, a.Name)
		encoded = appendSized(encoded, a.Value.DataType)
		if strings.HasPrefix(a.Value.DataType, "Binary") {
			encoded = append(encoded, 2)
			encoded = appendSized(encoded, a.Value.BinaryValue)
			continue
		}
		encoded = append(encoded, 1)
		encoded = appendSized(encoded, a.Value.StringValue)
	}
	sum := md5.Sum(encoded)
	return hex.EncodeToString(sum[:])
}

// appendSized appends a value after its length.
func appendSized[T string | []byte](dst []byte, value T) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(value)))
	return append(dst, value...)
}

// bytesOf returns the bytes of s without copying them, for a callee that neither changes nor keeps them: a body may be
// 1 MiB, and a conversion would copy all of it for each digest.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
