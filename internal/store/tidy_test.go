package store

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// heap is a store with queues of large messages that cannot be compressed.
type heap struct {
	*testing.T
	*Store
	rng *rand.ChaCha8
}

const large = 256 << 10

// attempts counts what the store says of tidying.
type attempts struct {
	slog.Handler
	n atomic.Int64
}

func (a *attempts) Enabled(context.Context, slog.Level) bool { return true }

func (a *attempts) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "the space of deleted messages") {
		a.n.Add(1)
	}
	return nil
}

// fill gives a queue n messages, the first of which has number from.
func (h *heap) fill(q QueueID, from, n uint64) {
	h.Helper()
	for seq := from; seq < from+n; seq++ {
		b, body := NewBatch(), make([]byte, large)
		h.rng.Read(body)
		b.PutMessage(q, seq, &Message{Body: string(body)})
		h.put(b)
	}
}

func (h *heap) put(b *Batch) {
	h.Helper()
	if err := h.Append(b).Wait(); err != nil {
		h.Fatal(err)
	}
}

// count writes the counters of a queue with n messages.
func (h *heap) count(q QueueID, next, n uint64) *Batch {
	b := NewBatch()
	b.PutCounters(q, &Counters{NextSeq: next, Live: int64(n), Bytes: int64(n) * large})
	return b
}

// TestTidy: the space of what was deleted comes back when writes have become few, and what is live stays.
func TestTidy(t *testing.T) {
	const n, few = 400, 20 // 100 MiB, and 10 that stay
	for name, remove := range map[string]func(h *heap){
		"deleted": func(h *heap) {
			for seq := range uint64(n) {
				b := NewBatch()
				b.DeleteMessage(2, seq)
				h.put(b)
			}
			h.put(h.count(2, n, 0))
		},
		"purged": func(h *heap) {
			b := h.count(2, n, 0)
			b.PurgeQueue(2)
			h.put(b)
		},
		"dropped": func(h *heap) {
			b := NewBatch()
			b.DropQueue(2)
			h.put(b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := Open("data", &Options{FS: vfs.NewMem(), Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				h := &heap{t, s, rand.NewChaCha8([32]byte{1})}
				for q, messages := range map[QueueID]uint64{1: few, 2: n, 3: few} {
					h.fill(q, 0, messages)
					h.put(h.count(q, messages, messages))
				}
				if err := s.db.Flush(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(3 * tidyInterval)
				before := s.tableBytes()
				if live := uint64(n+2*few) * large; before < live {
					t.Fatalf("%d bytes of tables for %d", before, live)
				}
				remove(h)
				if now := s.tableBytes(); name == "deleted" && now < before {
					t.Fatalf("%d bytes without tidying: this test needs no tidy", now)
				}
				time.Sleep(3 * tidyInterval)
				if now, most := s.tableBytes(), uint64(2*few*large+tidyPart); now > most {
					t.Errorf("%d bytes of tables for %d, %d before", now, 2*few*large, before)
				}
				for _, q := range []QueueID{1, 3} {
					if m, err := s.Message(q, few-1); m == nil || len(m.Body) != large {
						t.Errorf("queue %d: %v, %v", q, m, err)
					}
				}
				if m, err := s.Message(2, 5); m != nil || err != nil {
					t.Errorf("a deleted message: %v, %v", m, err)
				}
			})
		})
	}
}

// A store that is mostly live is left alone: compacting it would write everything anew and free nothing. So is one that is
// busy.
func TestTidy_leaves_alone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := &attempts{}
		s, err := Open("data", &Options{FS: vfs.NewMem(), Log: slog.New(tries)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		h := &heap{t, s, rand.NewChaCha8([32]byte{1})}
		h.fill(1, 0, 600)
		h.put(h.count(1, 600, 240)) // the rest is garbage, more than is live, and less than that and a bit
		if err := s.db.Flush(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * tidyInterval)
		if tries.n.Load() > 0 {
			t.Error("what is mostly live was compacted")
		}
		h.put(h.count(1, 600, 0))
		b := NewBatch()
		b.PurgeQueue(1)
		h.put(b)
		looks := func() bool {
			s.tidy.Lock()
			defer s.tidy.Unlock()
			return s.tidy.timer != nil
		}
		for range 5 {
			h.fill(2, 0, 17) // more than calm
			time.Sleep(tidyInterval)
		}
		if !looks() {
			t.Error("busy, and it does not look again")
		}
		time.Sleep(2 * tidyInterval)
		if looks() {
			t.Error("nothing is written, and it looks on")
		}
	})
}

// Where there is more than the sums say, an attempt frees nothing, and is not made again for that.
func TestTidy_does_not_try_in_vain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := &attempts{}
		s, err := Open("data", &Options{FS: vfs.NewMem(), Log: slog.New(tries)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		h := &heap{t, s, rand.NewChaCha8([32]byte{1})}
		h.fill(1, 0, 400)
		h.put(h.count(1, 400, 20))
		time.Sleep(3 * tidyInterval)
		if tries.n.Load() != 1 {
			t.Fatalf("%d attempts", tries.n.Load())
		}
		h.put(h.count(1, 400, 20))
		time.Sleep(3 * tidyInterval)
		if tries.n.Load() != 1 {
			t.Errorf("%d attempts", tries.n.Load())
		}
		b := h.count(1, 400, 0)
		b.PurgeQueue(1)
		h.put(b)
		h.fill(2, 0, 280) // which makes it more garbage than was left
		h.put(h.count(2, 280, 0))
		time.Sleep(3 * tidyInterval)
		if now := s.tableBytes(); now > 280*large+tidyPart {
			t.Errorf("%d bytes of tables", now)
		}
	})
}
