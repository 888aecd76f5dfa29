package store

import "encoding/binary"

// SegmentSize is the number of sequence numbers that share one Segment.
const SegmentSize = 4096

// State is what receiving a message has made of it. It exists from the first receive to the delete.
type State struct {
	VisibleAt    int64  // ms since the epoch
	Receives     int64  // how often it was delivered
	FirstReceive int64  // ms since the epoch
	Nonce        uint64 // of the latest receipt handle
	Sent, Size   int64  // the message's SentAt and Size, so that deleting and expiring need not read it
	Group        string // the message's GroupID
}

func appendState(dst []byte, s *State) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(s.VisibleAt))
	dst = binary.AppendUvarint(dst, uint64(s.Receives))
	dst = binary.AppendUvarint(dst, uint64(s.FirstReceive))
	dst = binary.AppendUvarint(dst, s.Nonce)
	dst = binary.AppendUvarint(dst, uint64(s.Sent))
	dst = binary.AppendUvarint(dst, uint64(s.Size))
	dst = appendText(dst, s.Group)
	return appendChecksum(dst, start)
}

func decodeState(value []byte) (State, error) {
	r := openRecord(value)
	s := State{VisibleAt: r.int(), Receives: r.int(), FirstReceive: r.int(), Nonce: r.uint(), Sent: r.int(), Size: r.int(), Group: r.text()}
	return s, r.done()
}

// Segment sums up SegmentSize consecutive sequence numbers, so that retention and refills skip what is empty and drop
// what is wholly expired without reading it. A segment with nothing live has no record.
type Segment struct {
	Live    int64
	Bytes   int64
	Indexed int64 // messages that were never received and have a delay key or a group
	MinSent int64 // least SentAt, ms; a lower bound
	MaxSent int64 // greatest SentAt, ms; an upper bound
	// Mixed: the messages are not in the order of their SentAt. Dead letters keep theirs.
	Mixed bool
}

func appendSegment(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(s.Live))
	dst = binary.AppendUvarint(dst, uint64(s.Bytes))
	dst = binary.AppendUvarint(dst, uint64(s.Indexed))
	dst = binary.AppendUvarint(dst, uint64(s.MinSent))
	dst = binary.AppendUvarint(dst, uint64(s.MaxSent))
	dst = appendBool(dst, s.Mixed)
	return appendChecksum(dst, start)
}

func decodeSegment(value []byte) (Segment, error) {
	r := openRecord(value)
	s := Segment{Live: r.int(), Bytes: r.int(), Indexed: r.int(), MinSent: r.int(), MaxSent: r.int(), Mixed: r.bool()}
	return s, r.done()
}

// Delay is an entry of the index of delayed messages.
type Delay struct {
	VisibleAt  int64 // ms since the epoch
	Seq        uint64
	Sent, Size int64 // as in State
	Group      string
}

func appendDelay(dst []byte, d *Delay) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(d.Sent))
	dst = binary.AppendUvarint(dst, uint64(d.Size))
	dst = appendText(dst, d.Group)
	return appendChecksum(dst, start)
}

func decodeDelay(value []byte) (Delay, error) {
	r := openRecord(value)
	d := Delay{Sent: r.int(), Size: r.int(), Group: r.text()}
	return d, r.done()
}

func appendNumber(dst []byte, n uint64) []byte {
	start := len(dst)
	return appendChecksum(binary.AppendUvarint(appendHeader(dst), n), start)
}

func decodeNumber(value []byte) (uint64, error) {
	r := openRecord(value)
	n := r.uint()
	return n, r.done()
}
