package store

import (
	"encoding/binary"

	"github.com/bufeomq/bufeo/internal/api"
)

// appendMessage encodes m. The fields that retention and refills look at come first, so that they can be read without
// touching the body.
func appendMessage(dst []byte, m *Message) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(m.SentAt))
	dst = binary.AppendUvarint(dst, uint64(m.Delay))
	dst = append(dst, m.ID[:]...)
	dst = append(dst, m.BodyMD5[:]...)
	dst = appendText(dst, m.Body)
	dst = binary.AppendUvarint(dst, uint64(len(m.Attributes)))
	for i := range m.Attributes {
		a := &m.Attributes[i]
		dst = appendText(dst, a.Name)
		dst = appendText(dst, a.Value.DataType)
		// One of the two is set; the flag says which, since an attribute that is read back must be the same.
		if a.Value.BinaryValue != nil {
			dst = append(dst, 1)
			dst = appendText(dst, string(a.Value.BinaryValue))
		} else {
			dst = append(dst, 0)
			dst = appendText(dst, a.Value.StringValue)
		}
	}
	dst = appendText(dst, m.TraceHeader)
	dst = appendText(dst, m.GroupID)
	dst = appendText(dst, m.SenderID)
	dst = appendText(dst, m.DeduplicationID)
	dst = appendText(dst, m.SourceARN)
	dst = binary.AppendUvarint(dst, uint64(m.Receives))
	dst = binary.AppendUvarint(dst, uint64(m.FirstReceive))
	return appendChecksum(dst, start)
}

func decodeMessage(value []byte) (*Message, error) {
	r := openRecord(value)
	m := &Message{SentAt: r.int(), Delay: r.int()}
	copy(m.ID[:], r.bytes(16))
	copy(m.BodyMD5[:], r.bytes(16))
	m.Body = r.text()
	if n := r.uint(); n > 0 && n <= uint64(len(r.b)) {
		m.Attributes = make([]api.MessageAttribute, n)
		for i := range m.Attributes {
			decodeAttribute(&r, &m.Attributes[i])
		}
	}
	m.TraceHeader, m.GroupID, m.SenderID = r.text(), r.text(), r.text()
	m.DeduplicationID, m.SourceARN, m.Receives, m.FirstReceive = r.text(), r.text(), r.int(), r.int()
	if err := r.done(); err != nil {
		return nil, err
	}
	return m, nil
}

func decodeAttribute(r *reader, a *api.MessageAttribute) {
	a.Name = r.text()
	a.Value.DataType = r.text()
	if r.uint() == 1 {
		a.Value.BinaryValue = []byte(r.text())
	} else {
		a.Value.StringValue = r.text()
	}
}

// Size is the number of bytes that m is accounted with: its record's.
func (m *Message) Size() int64 {
	n := 96 + len(m.Body) + len(m.TraceHeader) + len(m.GroupID) + len(m.SenderID) + len(m.DeduplicationID) + len(m.SourceARN)
	for i := range m.Attributes {
		a := &m.Attributes[i]
		n += 8 + len(a.Name) + len(a.Value.DataType) + len(a.Value.StringValue) + len(a.Value.BinaryValue)
	}
	return int64(n)
}

// VisibleAt is when m may first be received, in ms since the epoch.
func (m *Message) VisibleAt() int64 { return m.SentAt + m.Delay }
