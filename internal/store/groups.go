package store

import "encoding/binary"

// The index of groups: messages with a MessageGroupId that were never received. A message's key leaves the index at
// its first receive; from then on its State names the group.
//
//	g  the messages of each group, in order
//	r  the rotation: groups by turn. A record may be stale: its group may have been emptied, or may stand elsewhere in
//	   the rotation. Package engine tells when it reads it.
//	G  where to begin to read the messages of a group that was received from before. Without it a seek would step
//	   over all that was ever deleted there.

// GroupMessage is an entry of the index of groups.
type GroupMessage struct {
	Seq        uint64
	Sent, Size int64 // as in State
	// Receives and FirstReceive are the message's own: not zero for a dead letter.
	Receives, FirstReceive int64
}

// Turn is a place in the rotation of groups.
type Turn struct {
	Turn  uint64
	Group string
	Seq   uint64 // a message of the group when the record was written: the first, as far as the writer knew
}

// groupKey ends the group's name with a zero byte, which no name contains, so that no group's keys are between
// another's.
func groupKey(dst []byte, q QueueID, group string) []byte {
	return append(append(queueKey(dst, prefixGroupMsg, q), group...), 0)
}

func groupMessageKey(dst []byte, q QueueID, group string, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(groupKey(dst, q, group), seq)
}

func groupHeadKey(dst []byte, q QueueID, group string) []byte {
	return append(queueKey(dst, prefixGroup, q), group...)
}

// PutGroupMessage indexes a message by its group.
func (b *Batch) PutGroupMessage(q QueueID, group string, m *GroupMessage) {
	start := b.begin(opSet)
	b.buf = groupMessageKey(b.buf, q, group, m.Seq)
	b.end(start)
	start = b.room()
	b.buf = appendGroupMessage(b.buf, m)
	b.end(start)
}

// DeleteGroupMessage removes that entry.
func (b *Batch) DeleteGroupMessage(q QueueID, group string, seq uint64) {
	start := b.begin(opDelete)
	b.buf = groupMessageKey(b.buf, q, group, seq)
	b.end(start)
	b.noValue()
}

// PutTurn gives a group a place in the rotation.
func (b *Batch) PutTurn(q QueueID, t *Turn) {
	b.key(opSet, prefixTurn, q, t.Turn)
	start := b.room()
	b.buf = appendTurn(b.buf, t)
	b.end(start)
}

// DeleteTurn takes it away.
func (b *Batch) DeleteTurn(q QueueID, turn uint64) {
	b.key(opDelete, prefixTurn, q, turn)
	b.noValue()
}

// PutGroupHead says that no message of the group is before seq.
func (b *Batch) PutGroupHead(q QueueID, group string, seq uint64) {
	b.raw(opSet, groupHeadKey(nil, q, group))
	start := b.room()
	b.buf = appendNumber(b.buf, seq)
	b.end(start)
}

// DeleteGroupHead forgets a group that is empty.
func (b *Batch) DeleteGroupHead(q QueueID, group string) {
	b.raw(opDelete, groupHeadKey(nil, q, group))
	b.noValue()
}

// Turns calls f for the rotation of q from a turn on, in order, until f returns false.
func (s *Store) Turns(q QueueID, from uint64, f func(Turn) bool) error {
	return s.scanNumbers(prefixTurn, q, from, func(turn uint64, value []byte) (bool, error) {
		t, err := decodeTurn(value)
		if err != nil {
			return false, err
		}
		t.Turn = turn
		return f(t), nil
	})
}

func appendGroupMessage(dst []byte, m *GroupMessage) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(m.Sent))
	dst = binary.AppendUvarint(dst, uint64(m.Size))
	dst = binary.AppendUvarint(dst, uint64(m.Receives))
	dst = binary.AppendUvarint(dst, uint64(m.FirstReceive))
	return appendChecksum(dst, start)
}

func decodeGroupMessage(value []byte) (GroupMessage, error) {
	r := openRecord(value)
	m := GroupMessage{Sent: r.int(), Size: r.int(), Receives: r.int(), FirstReceive: r.int()}
	return m, r.done()
}

func appendTurn(dst []byte, t *Turn) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = appendText(dst, t.Group)
	dst = binary.AppendUvarint(dst, t.Seq)
	return appendChecksum(dst, start)
}

func decodeTurn(value []byte) (Turn, error) {
	r := openRecord(value)
	t := Turn{Group: r.text(), Seq: r.uint()}
	return t, r.done()
}
