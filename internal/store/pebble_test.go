package store

import (
	"crypto/rand"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A backlog is written to the log and to one table, and from there it is moved: no table has messages and anything else
// in it, at no level, so that what was sent later overlaps with nothing that was sent before.
func TestTables_messagesApart(t *testing.T) {
	s, err := Open("data", &Options{FS: vfs.NewMem(), MemTables: maxMemTables << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const queue = 7
	for seq := uint64(1); seq <= 20_000; seq++ {
		b, body := NewBatch(), make([]byte, 1000)
		rand.Read(body)
		b.PutMessage(queue, seq, &Message{Body: string(body)})
		b.PutCounters(queue, &Counters{NextSeq: seq + 1, Live: int64(seq)})
		b.PutState(queue, seq, &State{Receives: 1})
		if p := s.Append(b); seq%100 == 0 {
			if err := p.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	tables, err := s.db.SSTables()
	if err != nil {
		t.Fatal(err)
	}
	of := map[bool]int{}
	for level, list := range tables {
		for _, table := range list {
			first, last := table.Smallest.UserKey[0] == prefixMessage, table.Largest.UserKey[0] == prefixMessage
			if first != last || !first && table.Smallest.UserKey[0] < prefixMessage && table.Largest.UserKey[0] > prefixMessage {
				t.Errorf("level %d has a table from %q to %q", level, table.Smallest.UserKey, table.Largest.UserKey)
			}
			of[first]++
		}
	}
	if of[true] < 5 || of[false] == 0 {
		t.Errorf("%d tables of messages and %d others are too few to say anything", of[true], of[false])
	}
}
