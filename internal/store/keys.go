package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The first byte of each key says what the record is. All numbers in keys are big-endian, so that Pebble's order is
// theirs. docs/storage-format.md has the table; a prefix is never given a second meaning.
const (
	prefixMeta      = 'm' // m<name>: format version, next queue id, key of the receipt handles
	prefixQueue     = 'q' // q<account>\0<region>\0<name>: definition
	prefixTombstone = 'z' // z<account>\0<region>\0<name>: when a queue of that name was deleted
	prefixCounters  = 'c' // c<queue>: counters
	prefixMessage   = 'b' // b<queue><seq>: message
	prefixState     = 's' // s<queue><seq>: state of a message that was received
	prefixDelay     = 'h' // h<queue><visible at, ms><seq>: a delayed message that was never received
	prefixDelayed   = 'n' // n<queue><second>: how many became visible in that second; FIFO: how many were sent in it
	prefixSegment   = 'x' // x<queue><seq / 4096>: what is live in a segment
	prefixGroupMsg  = 'g' // g<queue><group>\0<seq>: a message of a group that was never received
	prefixGroup     = 'G' // G<queue><group>: where to begin to read a group
	prefixTurn      = 'r' // r<queue><turn>: a group's place in the rotation
	prefixDedup     = 'd' // d<queue><minute><hash>: a deduplication id
	prefixAttempt   = 'a' // a<queue><attempt id>: what a receive with that id was given
	prefixInbox     = 'i' // i<queue><source queue><seq>: a message on its way here from another queue
	prefixMove      = 't' // t<queue><number>: a message move task
)

// perQueue lists the prefixes whose keys begin with a queue id: what a deleted queue leaves behind.
var perQueue = append([]byte{prefixCounters, prefixInbox, prefixMove}, perMessage...)

// perMessage lists those of them that a purge empties. What comes into the inbox after the queue has looked is not part
// of that.
var perMessage = []byte{prefixMessage, prefixState, prefixDelay, prefixDelayed, prefixSegment,
	prefixGroupMsg, prefixGroup, prefixTurn, prefixDedup, prefixAttempt}

func queueKey(dst []byte, prefix byte, q QueueID) []byte {
	return binary.BigEndian.AppendUint64(append(dst, prefix), uint64(q))
}

func numberKey(dst []byte, prefix byte, q QueueID, n uint64) []byte {
	return binary.BigEndian.AppendUint64(queueKey(dst, prefix, q), n)
}

func delayKey(dst []byte, q QueueID, visibleAt int64, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(numberKey(dst, prefixDelay, q, uint64(visibleAt)), seq)
}

func metaKey(name string) []byte { return append([]byte{prefixMeta}, name...) }

func nameKey(prefix byte, k Key) []byte {
	b := append([]byte{prefix}, k.Account...)
	b = append(append(b, 0), k.Region...)
	return append(append(b, 0), k.Name...)
}

func parseNameKey(b []byte) (Key, error) {
	parts := bytes.SplitN(b[1:], []byte{0}, 3)
	if len(parts) != 3 {
		return Key{}, fmt.Errorf("malformed queue key %q", b)
	}
	return Key{Account: string(parts[0]), Region: string(parts[1]), Name: string(parts[2])}, nil
}

// numberIn reads the 8 bytes that follow prefix and queue id.
func numberIn(key []byte) uint64 { return binary.BigEndian.Uint64(key[9:17]) }
