package store

import (
	"encoding/binary"

	"github.com/bufeomq/bufeo/internal/api"
)

// QueueRecord is a queue as it stands on disk.
type QueueRecord struct {
	ID                QueueID
	Created, Modified int64 // ms since the epoch
	// DedupByGroup: the queue was created with DeduplicationScope messageGroup. What has effect is frozen at creation.
	DedupByGroup bool
	Definition
}

func appendQueue(dst []byte, rec *QueueRecord) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, uint64(rec.ID))
	dst = binary.AppendUvarint(dst, uint64(rec.Created))
	dst = binary.AppendUvarint(dst, uint64(rec.Modified))
	dst = appendBool(dst, rec.DedupByGroup)
	dst = binary.AppendUvarint(dst, uint64(len(rec.Attributes)))
	for _, a := range rec.Attributes {
		dst = appendText(appendText(dst, a.Name), a.Value)
	}
	dst = binary.AppendUvarint(dst, uint64(len(rec.Tags)))
	for _, t := range rec.Tags {
		dst = appendText(appendText(dst, t.Key), t.Value)
	}
	return appendChecksum(dst, start)
}

func decodeQueue(value []byte) (*QueueRecord, error) {
	r := openRecord(value)
	rec := &QueueRecord{ID: QueueID(r.uint()), Created: r.int(), Modified: r.int(), DedupByGroup: r.bool()}
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		rec.Attributes = append(rec.Attributes, api.Attribute{Name: r.text(), Value: r.text()})
	}
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		rec.Tags = append(rec.Tags, api.Tag{Key: r.text(), Value: r.text()})
	}
	return rec, r.done()
}

// Counters are what a queue knows of itself without looking at its messages. They are absolute and written in the
// batch that changes them.
type Counters struct {
	NextSeq  uint64 // the next message's, or the next turn's; never goes back, not even by a purge
	Low      uint64 // every message before it that is still there has a state or a delay
	Live     int64  // messages stored
	Bytes    int64  // their sizes
	Delayed  int64  // those of them with a delay key: delayed at send and never received
	PurgedAt int64  // ms since the epoch; 0: never
	LowTurn  uint64 // no record of the rotation is before it
}

func appendCounters(dst []byte, c *Counters) []byte {
	start := len(dst)
	dst = appendHeader(dst)
	dst = binary.AppendUvarint(dst, c.NextSeq)
	dst = binary.AppendUvarint(dst, c.Low)
	dst = binary.AppendUvarint(dst, uint64(c.Live))
	dst = binary.AppendUvarint(dst, uint64(c.Bytes))
	dst = binary.AppendUvarint(dst, uint64(c.Delayed))
	dst = binary.AppendUvarint(dst, uint64(c.PurgedAt))
	dst = binary.AppendUvarint(dst, c.LowTurn)
	return appendChecksum(dst, start)
}

func decodeCounters(value []byte) (Counters, error) {
	r := openRecord(value)
	c := Counters{NextSeq: r.uint(), Low: r.uint(), Live: r.int(), Bytes: r.int(), Delayed: r.int(), PurgedAt: r.int(),
		LowTurn: r.uint()}
	return c, r.done()
}
