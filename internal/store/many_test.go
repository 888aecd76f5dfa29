package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Scattered records are found in any order of asking, and only those that are there: in tables and in the memtable, beside
// deleted ones and those of neighbouring queues and groups.
func TestManyAtOnce(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	groups := []string{"a", "b", "b0", "c", "d"}
	for half := range 2 { // the first in a table, the second in the memtable
		s.write(t, func(fx *Batch) {
			for q := QueueID(6); q <= 8; q++ {
				for i := uint64(1); i <= 20; i++ {
					seq := 2*i - uint64(half)
					fx.PutMessage(q, seq, &Message{Body: fmt.Sprint(q, " ", seq)})
					fx.PutGroupMessage(q, groups[i%5], &GroupMessage{Seq: seq, Sent: int64(seq)})
				}
				fx.PutGroupHead(q, "a", 1)
				fx.PutGroupHead(q, "b0", uint64(q))
				fx.DeleteGroupHead(q, "c")
			}
			fx.DeleteMessage(7, 4)
			fx.DeleteGroupMessage(7, "a", 10)
			fx.DropMessages(7, 30, 34)
		})
		if half == 0 {
			if err := s.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, seqs := range [][]uint64{{1, 2, 3, 4, 5, 6, 9, 28, 29, 30, 31, 33, 34, 35, 40, 41, 42, 1000}, {40, 1, 2, 33, 3, 34, 4, 5}, {41, 40}, {0}, nil} {
		var got, want []string
		const most = 9
		err := s.MessagesAt(7, seqs, func(i int, m *Message) bool {
			got = append(got, fmt.Sprint(seqs[i], m.Body))
			return len(got) < most
		})
		for _, seq := range seqs {
			if len(want) < most && seq >= 1 && seq <= 40 && seq != 4 && (seq < 30 || seq > 33) {
				want = append(want, fmt.Sprint(seq, "7 ", seq))
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("messages %d: got %q, %v, want %q", seqs, got, err, want)
		}
	}
	spans := []GroupSpan{{"a", 11}, {"b", 0}, {"b1", 0}, {"c", 34}, {"d", 40}, {"a", 0}, {"", 0}, {"z", 0}}
	got := make([][]uint64, len(spans))
	err := s.GroupMessages(7, spans, func(i int, m GroupMessage) bool {
		if m.Sent != int64(m.Seq) {
			t.Errorf("message %d was sent at %d", m.Seq, m.Sent)
		}
		got[i] = append(got[i], m.Seq)
		return len(got[i]) < 4
	})
	want := [][]uint64{{19, 20, 29, 30}, {1, 2, 11, 12}, nil, {35, 36}, nil, {9, 19, 20, 29}, nil, nil}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("groups: got %d, %v, want %d", got, err, want)
	}
	for _, asked := range [][]string{{"", "a", "b", "b0", "c", "d"}, {"d", "b0", "a"}} {
		heads := map[string]uint64{}
		if err := s.GroupHeads(7, asked, func(i int, seq uint64) { heads[asked[i]] = seq }); err != nil {
			t.Fatal(err)
		}
		if len(heads) != 2 || heads["a"] != 1 || heads["b0"] != 7 {
			t.Errorf("heads of %q: got %v", asked, heads)
		}
	}
}

// A record that is damaged is an error, not left out.
func TestManyAtOnceFindDamage(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	s.write(t, func(fx *Batch) {
		for seq := uint64(1); seq <= 3; seq++ {
			fx.PutMessage(7, seq, &full)
			fx.PutGroupMessage(7, "a", &GroupMessage{Seq: seq})
		}
		fx.PutGroupHead(7, "a", 1)
	})
	for _, key := range [][]byte{numberKey(nil, prefixMessage, 7, 2), groupMessageKey(nil, 7, "a", 2), groupHeadKey(nil, 7, "a")} {
		if err := s.db.Set(key, []byte("\x01\x00damaged"), nil); err != nil {
			t.Fatal(err)
		}
	}
	for what, read := range map[string]func() error{
		"messages": func() error { return s.MessagesAt(7, []uint64{1, 2, 3}, func(int, *Message) bool { return true }) },
		"groups": func() error {
			return s.GroupMessages(7, []GroupSpan{{"a", 0}}, func(int, GroupMessage) bool { return true })
		},
		"heads": func() error { return s.GroupHeads(7, []string{"a"}, func(int, uint64) {}) },
	} {
		if err := read(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want an error that says so", what, err)
		}
	}
}
