package store

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const minute = 60_000 // ms

func (s *Store) wantDedup(t *testing.T, q QueueID, id string, from, to int64, want *Dedup) {
	t.Helper()
	got, err := s.Dedup(q, HashDedup("", id), from, to)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("queue %d, id %s, %d to %d: got %+v, %v, want %+v", q, id, from, to, got, err, want)
	}
}

func TestDedup(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := open(t, fs, "data")
	if _, _, found, err := s.DedupBuckets(1); found || err != nil {
		t.Errorf("a new store has buckets (%v)", err)
	}
	early := &Dedup{ID: [16]byte{1}, Seq: 1 << 63, At: 10*minute - 1}
	late := &Dedup{ID: [16]byte{2}, Seq: 2, At: 15 * minute}
	other := &Dedup{ID: [16]byte{3}, Seq: 3, At: 16 * minute}
	s.write(t, func(fx *Batch) {
		fx.PutDedup(1, HashDedup("", "a"), early)
		fx.PutDedup(1, HashDedup("", "a"), late)
		fx.PutDedup(1, HashDedup("g", "a"), other)
		fx.PutDedup(2, HashDedup("", "b"), other)
	})
	clone := fs.CrashClone(vfs.CrashCloneCfg{})
	s.Close()
	s = open(t, clone, "data")
	defer s.Close()
	s.wantDedup(t, 1, "a", 10*minute, 16*minute, late)
	s.wantDedup(t, 1, "a", 9*minute, 15*minute-1, early)
	s.wantDedup(t, 1, "a", 10*minute, 15*minute-1, nil)
	s.wantDedup(t, 1, "a", 16*minute, 9*minute, nil)
	s.wantDedup(t, 1, "b", 0, 30*minute, nil)
	s.wantDedup(t, 2, "b", 0, 30*minute, other)
	if oldest, newest, found, err := s.DedupBuckets(1); oldest != 9 || newest != 16 || !found || err != nil {
		t.Errorf("buckets from %d to %d, %v, %v", oldest, newest, found, err)
	}

	s.write(t, func(fx *Batch) { fx.DropDedup(1, 0, 15) })
	s.wantDedup(t, 1, "a", 0, 14*minute, nil)
	s.wantDedup(t, 1, "a", 0, 15*minute, late)
	s.write(t, func(fx *Batch) { fx.PurgeQueue(1) })
	s.wantDedup(t, 1, "a", 0, 30*minute, nil)
	s.wantDedup(t, 2, "b", 0, 30*minute, other)
}

func TestDedupHashKeepsScopesApart(t *testing.T) {
	seen := map[DedupHash]string{}
	for _, x := range [][2]string{{"", "a"}, {"a", ""}, {"a", "b"}, {"", "ab"}, {"ab", "c"}, {"a", "bc"}, {strings.Repeat("g", 128), strings.Repeat("i", 128)}} {
		h := HashDedup(x[0], x[1])
		if was, ok := seen[h]; ok {
			t.Errorf("%q and %q have one hash", was, x)
		}
		seen[h] = x[0] + "/" + x[1]
	}
}

func TestAttempts(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := open(t, fs, "data")
	first := Attempt{At: 5, Messages: []AttemptMessage{{Seq: 1, Nonce: 1<<64 - 1}, {Seq: 1 << 63, Nonce: 0}}}
	second := Attempt{At: 6, Messages: []AttemptMessage{{Seq: 3, Nonce: 4}}}
	s.write(t, func(fx *Batch) {
		fx.PutAttempt(1, "a", &second)
		fx.PutAttempt(1, "a", &first)
		fx.PutAttempt(1, "ab", &second)
		fx.PutAttempt(1, "gone", &second)
		fx.PutAttempt(2, "a", &second)
		fx.DeleteAttempt(1, "gone")
	})
	clone := fs.CrashClone(vfs.CrashCloneCfg{})
	s.Close()
	s = open(t, clone, "data")
	defer s.Close()
	for q, want := range map[QueueID]map[string]Attempt{1: {"a": first, "ab": second}, 2: {"a": second}, 3: {}} {
		got := map[string]Attempt{}
		if err := s.Attempts(q, func(id string, a *Attempt) { got[id] = *a }); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("queue %d: got %+v, %v, want %+v", q, got, err, want)
		}
	}
	s.write(t, func(fx *Batch) { fx.PurgeQueue(1) })
	if err := s.Attempts(1, func(id string, _ *Attempt) { t.Errorf("attempt %s outlived the purge", id) }); err != nil {
		t.Error(err)
	}
}

func TestDamagedDedupAndAttemptAreFound(t *testing.T) {
	s := open(t, vfs.NewMem(), "data")
	defer s.Close()
	h := HashDedup("", "a")
	entry := appendDedup(nil, &Dedup{Seq: 1, At: minute})
	attempt := appendAttempt(nil, &Attempt{At: 1, Messages: []AttemptMessage{{1, 2}}})
	entry[10] ^= 1
	attempt[3] ^= 1
	if err := errors.Join(s.db.Set(dedupKey(nil, 1, 1, h), entry, pebble.Sync), s.db.Set(attemptKey(nil, 1, "x"), attempt, pebble.Sync)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Dedup(1, h, 0, minute); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "minute 1 of queue 1") {
		t.Errorf("got %v", err)
	}
	if err := s.Attempts(1, func(string, *Attempt) {}); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), `"x" of queue 1`) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if _, err := s.Dedup(1, h, 0, minute); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: got %v", err)
	}
	if _, _, _, err := s.DedupBuckets(1); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: got %v", err)
	}
}
