package store

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// blockSize is what a table reads, checks and caches at a time. With Pebble's 4 KiB, a block holds a dozen small messages,
// and making tables took a quarter more processor time than with 16.
const blockSize = 16 << 10

func (s *Store) pebbleOptions(cache *pebble.Cache) *pebble.Options {
	po := &pebble.Options{
		FS:            orderedFS{s.o.FS},
		Cache:         cache,
		Logger:        pebbleLogger{s.o.Log, s.o.Fatal},
		EventListener: s.listener(),
		// Chunks of the log carry the offset up to which it is known to be synced, which tells a torn end from damage (see
		// logcheck.go), and the footers of tables have a checksum.
		FormatMajorVersion:          pebble.FormatTableFormatV6,
		MemTableSize:                uint64(s.o.MemTables / maxMemTables),
		MemTableStopWritesThreshold: maxMemTables,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       24,
	}
	// Pebble's default scheduler looks for work ten times a second for ever, so that a server that does nothing would
	// still wake up. Every flush and compaction, which is what makes work, asks the scheduler anyway.
	po.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	po.Experimental.SpanPolicyFunc = messagesApart
	for i := range po.Levels {
		po.Levels[i].BlockSize = blockSize
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		po.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.SnappyCompression }
	}
	// Most of what is flushed is written anew, or gone, soon.
	po.Levels[0].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	return po
}

// messagesApart begins a new table before the messages and after them. Every flush has counters and states of the whole
// key space in it. Messages only come at their queue's end: with tables of their own, those of a backlog overlap with
// nothing, and Pebble moves them from level to level instead of writing them again.
func messagesApart(key []byte) (policy pebble.SpanPolicy, end []byte, err error) {
	switch {
	case key[0] < prefixMessage:
		end = []byte{prefixMessage}
	case key[0] == prefixMessage:
		end = []byte{prefixMessage + 1}
	}
	return policy, end, nil
}
