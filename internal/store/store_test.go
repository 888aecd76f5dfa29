package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
)

func open(t *testing.T, fs vfs.FS, dir string) *Store {
	t.Helper()
	s, err := Open(dir, &Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Store) write(t *testing.T, fill func(fx *Batch)) {
	t.Helper()
	fx := NewBatch()
	fill(fx)
	if err := s.Append(fx).Wait(); err != nil {
		t.Fatal(err)
	}
}

var full = Message{
	ID: [16]byte{1, 2, 3}, SentAt: 1_800_000_000_123, Delay: 900_000, Body: "a\x00b\r\n☃", BodyMD5: [16]byte{9, 8},
	Attributes: []api.MessageAttribute{
		{Name: "s", Value: api.MessageAttributeValue{DataType: "String.x", StringValue: "v"}},
		{Name: "b", Value: api.MessageAttributeValue{DataType: "Binary", BinaryValue: []byte{0, 255}}},
	},
	TraceHeader: "Root=1", GroupID: "g", SenderID: "me",
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	fs := vfs.NewMem()
	s := open(t, fs, "data")
	key := Key{Account: "000000000000", Region: "eu-west-1", Name: "q"}
	def := Definition{Attributes: api.Attributes{{Name: "Policy", Value: "{}"}}, Tags: []api.Tag{{Key: "k", Value: ""}}}
	queue := QueueRecord{ID: 7, Created: 1, Modified: 2, Definition: def}
	counters := Counters{NextSeq: 5000, Low: 3, Live: 2, Bytes: 99, Delayed: 1, PurgedAt: 4}
	segment := Segment{Live: 2, Bytes: 99, Indexed: 1, MinSent: 5, MaxSent: 6, Mixed: true}
	state := State{VisibleAt: 10, Receives: 3, FirstReceive: 9, Nonce: 1<<64 - 1, Sent: 5, Size: 6}
	delay := Delay{VisibleAt: 20, Seq: 4999, Sent: 5, Size: 6}
	s.write(t, func(fx *Batch) {
		fx.PutQueue(key, &queue)
		fx.PutNextQueueID(8)
		fx.PutMessage(7, 1, &full)
		fx.PutState(7, 1, &state)
		fx.PutDelay(7, &delay)
		fx.PutDelayedCount(7, 20, 1)
		fx.PutSegment(7, 1, &segment)
		fx.PutCounters(7, &counters)
	})
	handleKey := bytes.Clone(s.HandleKey())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, fs, "data")
	defer s.Close()
	if !bytes.Equal(s.HandleKey(), handleKey) || s.NextQueueID() != 8 {
		t.Error("the store forgot its key or its queue ids")
	}
	s.Queues(func(k Key, rec *QueueRecord) error {
		if k != key || !reflect.DeepEqual(*rec, queue) {
			t.Errorf("queue: got %v %+v", k, rec)
		}
		return nil
	})
	ld, err := s.Load(7, 0)
	if err != nil || ld.Counters != counters || ld.Segments[1] != segment || ld.States[1] != state || ld.Delayed[20] != 1 {
		t.Errorf("loaded %+v, %v", ld, err)
	}
	if m, err := s.Message(7, 1); err != nil || !reflect.DeepEqual(*m, full) {
		t.Errorf("message: got %+v, %v", m, err)
	}
	s.Delays(7, 0, 0, func(d Delay) bool {
		if d != delay {
			t.Errorf("delay: got %+v", d)
		}
		return true
	})
	if m, err := s.Message(7, 2); m != nil || err != nil {
		t.Errorf("a message that is not there: %v, %v", m, err)
	}
}

func TestDroppingAQueueLeavesItsNeighbours(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	for q := QueueID(1); q <= 3; q++ {
		s.write(t, func(fx *Batch) {
			fx.PutMessage(q, 1, &full)
			fx.PutCounters(q, &Counters{NextSeq: 2, Low: 1, Live: 1})
		})
	}
	s.write(t, func(fx *Batch) { fx.DropQueue(2) })
	for q, want := range map[QueueID]bool{1: true, 2: false, 3: true} {
		m, err := s.Message(q, 1)
		ld, _ := s.Load(q, 0)
		if err != nil || (m != nil) != want || (ld.Counters.Live == 1) != want {
			t.Errorf("queue %d: %v, %+v, %v", q, m, ld.Counters, err)
		}
	}
}

// A group writes a record once that all its batches change: the last one's value, whatever order the rest comes in.
func TestTheLatestOfAGroupCounts(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	var last *Pending
	for n := int64(1); n <= 1000; n++ {
		fx := NewBatch()
		fx.PutCounters(1, &Counters{NextSeq: uint64(n), Live: n})
		if n%3 == 0 {
			fx.PurgeQueue(1) // drops segments, keeps counters
		}
		fx.PutSegment(1, 0, &Segment{Live: n})
		last = s.Append(fx)
	}
	if err := last.Wait(); err != nil {
		t.Fatal(err)
	}
	if ld, err := s.Load(1, 0); err != nil || ld.Counters.Live != 1000 || ld.Segments[0].Live != 1000 {
		t.Errorf("got %+v, %v", ld, err)
	}
}

// What is appended while the disk is busy is written in groups of a bounded size, in order, each batch whole; a batch that is
// larger has one for itself. Nothing that was appended is left behind when the log is closed.
func TestGroupsAreBounded(t *testing.T) {
	const largest = 16 << 10
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	var commits []int
	l := newCommitLog(1<<20, 4*largest, func(bytes int) { commits = append(commits, bytes) })
	var last *Pending
	var seq uint64
	add := func(bytes int) {
		fx := NewBatch()
		seq++
		fx.PutMessage(1, seq, &Message{Body: strings.Repeat("x", bytes)})
		fx.PutCounters(1, &Counters{NextSeq: seq + 1, Live: int64(seq)})
		last = l.append(fx)
	}
	for range 100 {
		add(1000)
	}
	add(3 * largest)
	for range 10 {
		add(1000)
	}
	l.start(s.db)
	if err := last.Wait(); err != nil {
		t.Fatal(err)
	}
	add(1000)
	l.close()
	if err := last.Wait(); err != nil {
		t.Fatal(err)
	}
	large := 0
	for _, n := range commits {
		if n > 3*largest {
			large++
			n -= 3 * largest
		}
		if n > largest {
			t.Errorf("a group of %d bytes, want at most %d", n, largest)
		}
	}
	if len(commits) < 8 || len(commits) > 15 || large != 1 {
		t.Errorf("got groups of %v bytes: want as few as possible, and one large", commits)
	}
	if ld, err := s.Load(1, 0); err != nil || ld.Counters.Live != 112 {
		t.Errorf("got %+v, %v", ld, err)
	}
	for seq := range seq {
		if m, err := s.Message(1, seq+1); err != nil || m == nil {
			t.Errorf("message %d: got %v, %v", seq+1, m, err)
		}
	}
}

// A flipped bit anywhere in a record is an error that names it, never a message.
func TestDamageIsFound(t *testing.T) {
	record := appendMessage(nil, &full)
	if _, err := decodeMessage(record); err != nil {
		t.Fatal(err)
	}
	for i := range record {
		damaged := bytes.Clone(record)
		damaged[i] ^= 0x10
		if _, err := decodeMessage(damaged); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d: got %v", i, err)
		}
	}
	for n := range record {
		if _, err := decodeMessage(record[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut to %d bytes: got %v", n, err)
		}
	}

	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	record[40] ^= 1
	if err := s.db.Set(numberKey(nil, prefixMessage, 1, 2), record, pebble.Sync); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Message(1, 2); err == nil || !strings.Contains(err.Error(), "message 2 of queue 1") {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Run("a folder that is in use", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, nil, dir)
		defer s.Close()
		if _, err := Open(dir, nil); !errors.Is(err, ErrLocked) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a later format", func(t *testing.T) {
		fs := vfs.NewMem()
		s := open(t, fs, "data")
		if err := s.db.Set(metaKey(metaFormat), appendNumber(nil, FormatVersion+1), pebble.Sync); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if _, err := Open("data", &Options{FS: fs}); err == nil || !strings.Contains(err.Error(), "has format 3") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a folder that cannot be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(filepath.Join(file, "data"), nil); err == nil {
			t.Error("opened a store below a file")
		}
	})
}

func TestAfterClose(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	fx := NewBatch()
	fx.PutCounters(1, &Counters{})
	if err := s.Append(fx).Wait(); !errors.Is(err, ErrClosed) {
		t.Errorf("append: got %v", err)
	}
	if _, err := s.Message(1, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("read: got %v", err)
	}
}

// Sends are refused while free space is below the reserve, and taken again when it is back.
func TestFull(t *testing.T) {
	fs := &space{FS: vfs.NewMem()}
	fs.free.Store(1 << 30)
	s := open(t, fs, "data")
	defer s.Close()
	for _, step := range []struct {
		free uint64
		want bool
	}{{1 << 30, false}, {s.o.Reserve - 1, true}, {s.o.Reserve, false}} {
		fs.free.Store(step.free)
		s.checkedAt.Store(0) // a second has passed
		s.checkSpace()
		if s.Full() != step.want {
			t.Errorf("with %d bytes free: full is %v", step.free, s.Full())
		}
	}
}

// The order of keys is the order of what they stand for.
func TestKeysSort(t *testing.T) {
	keys := [][]byte{
		delayKey(nil, 1, 5, 9), delayKey(nil, 1, 6, 1), delayKey(nil, 1, 1<<40, 0), delayKey(nil, 2, 0, 0),
	}
	groups := [][]byte{
		groupKey(nil, 1, "a"), groupMessageKey(nil, 1, "a", 7), groupKey(nil, 1, "a!"), groupKey(nil, 1, "ab"), groupKey(nil, 2, ""),
	}
	for _, list := range [][][]byte{keys, groups} {
		if !slices.IsSortedFunc(list, bytes.Compare) {
			t.Errorf("%q", list)
		}
	}
}
