package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// dedupTest sends to a queue nothing but deduplication ids, and holds each answer against a list of what was accepted.
type dedupTest struct {
	h     *harness
	q     *Queue
	d     *dedup
	limit int

	// guarded by the queue's lock
	seq      uint64
	accepted map[string]*store.Dedup
	reads    int // how many sends needed the disk
}

func runDedup(t *testing.T, limit int, f func(s *dedupTest)) {
	t.Helper()
	run(t, Options{RelaxedCooldowns: true}, func(h *harness) {
		h.create("q")
		s := &dedupTest{h: h, limit: limit, accepted: map[string]*store.Dedup{}}
		s.load()
		f(s)
	})
}

func (s *dedupTest) load() {
	s.h.t.Helper()
	s.q = s.h.queue("q")
	s.d = newDedup(s.q)
	s.d.limit = s.limit
}

func (s *dedupTest) crash() {
	s.h.t.Helper()
	s.h.crash()
	s.load()
}

// send returns how many of the ids were accepted, when that is durable.
func (s *dedupTest) send(ids ...string) int {
	s.h.t.Helper()
	c, err := s.d.lock(s.check(ids).hashes)
	if err != nil {
		s.h.t.Error(err)
		return 0
	}
	n, pending := s.decideLocked(c, ids)
	s.q.unlock(c.now)
	if err := s.h.e.wait(pending); err != nil {
		s.h.t.Error(err)
	}
	return n
}

func (s *dedupTest) decideLocked(c *dedupCheck, ids []string) (n int, pending *store.Pending) {
	s.h.t.Helper()
	fx := store.NewBatch()
	if c.found != nil {
		s.reads++
	}
	for i, id := range ids {
		want := s.accepted[id]
		if want != nil && c.now >= want.At+dedupWindow {
			want = nil
		}
		got := c.original(i)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			s.h.t.Errorf("at %d: original of %s: got %+v, want %+v", c.now, id, got, want)
		}
		if got == nil {
			s.seq++
			n++
			s.accepted[id] = &store.Dedup{ID: [16]byte{byte(s.seq)}, Seq: s.seq, At: c.now}
			c.accept(i, s.accepted[id].ID, s.seq, fx)
		}
	}
	s.q.appendLocked(fx)
	return n, s.q.mu.last
}

func (s *dedupTest) want(n int, ids ...string) {
	s.h.t.Helper()
	if got := s.send(ids...); got != n {
		s.h.t.Errorf("of %q %d were accepted, want %d", ids, got, n)
	}
}

func (s *dedupTest) purge() {
	s.h.t.Helper()
	now, err := s.q.lock()
	if err != nil {
		s.h.t.Fatal(err)
	}
	fx := store.NewBatch()
	fx.PurgeQueue(s.q.id)
	s.d.purge()
	s.q.appendLocked(fx)
	clear(s.accepted)
	pending := s.q.mu.last
	s.q.unlock(now)
	if err := s.h.e.wait(pending); err != nil {
		s.h.t.Error(err)
	}
}

// sendMany sends n ids that begin with prefix, in batches of ten.
func (s *dedupTest) sendMany(prefix string, n int) {
	s.h.t.Helper()
	for i := 0; i < n; i += 10 {
		var ids []string
		for j := i; j < min(i+10, n); j++ {
			ids = append(ids, fmt.Sprint(prefix, j))
		}
		s.send(ids...)
	}
}

func TestDedupCountsFromTheFirstSend(t *testing.T) {
	for name, pause := range map[string]func(s *dedupTest){
		"running":   func(*dedupTest) {},
		"restarted": func(s *dedupTest) { s.crash() },
	} {
		t.Run(name, func(t *testing.T) {
			runDedup(t, maxRecent, func(s *dedupTest) {
				s.want(2, "a", "b", "a")
				pause(s)
				time.Sleep(4 * time.Minute)
				s.want(1, "a", "c")
				pause(s)
				time.Sleep(time.Minute - time.Millisecond)
				s.want(0, "a", "b", "c")
				pause(s)
				time.Sleep(time.Millisecond)
				s.want(2, "a", "b", "c", "b")
				pause(s)
				time.Sleep(4 * time.Minute)
				s.want(1, "a", "b", "c")
			})
		})
	}
}

// A queue whose ids of five minutes fit into memory never asks the disk, but for the first five minutes after a start
// that found something there.
func TestDedupReadsTheDiskOnlyWhenItMust(t *testing.T) {
	runDedup(t, maxRecent, func(s *dedupTest) {
		wantReads := func(n int) {
			t.Helper()
			if s.reads != n {
				t.Errorf("%d sends read the disk, want %d", s.reads, n)
			}
			s.reads = 0
		}
		s.sendMany("a", 1000)
		s.sendMany("a", 1000)
		wantReads(0)
		s.crash()
		s.sendMany("a", 1000)
		wantReads(100)
		time.Sleep(6 * time.Minute)
		s.sendMany("a", 1000)
		wantReads(0)
		s.crash()
		time.Sleep(6 * time.Minute)
		s.sendMany("a", 1000)
		wantReads(0)
	})
}

// More ids than memory keeps need the disk where they are duplicates, and hardly otherwise.
func TestDedupBeyondMemoryHardlyReadsTheDisk(t *testing.T) {
	runDedup(t, 100, func(s *dedupTest) {
		s.sendMany("a", 5000)
		if s.reads > 50 {
			t.Errorf("%d of 500 sends of new ids read the disk", s.reads)
		}
		time.Sleep(time.Minute)
		s.reads = 0
		s.sendMany("a", 5000)
		if s.reads < 450 {
			t.Errorf("%d of 500 sends of duplicates read the disk", s.reads)
		}
		time.Sleep(4 * time.Minute)
		s.reads = 0
		s.sendMany("a", 1000)
		if s.reads > 0 {
			t.Errorf("%d sends read the disk for ids that are over", s.reads)
		}
	})
}

func TestDedupMemoryIsBounded(t *testing.T) {
	runDedup(t, 100, func(s *dedupTest) {
		s.sendMany("a", 1000)
		s.send("b") // by now all of the others is on disk
		if len(s.d.recent) > 101 || len(s.d.serials) != len(s.d.recent) {
			t.Errorf("%d entries and %d ids in memory", len(s.d.recent), len(s.d.serials))
		}
		s.sendMany("a", 1000)
		s.crash()
		s.sendMany("a", 1000)
		time.Sleep(5 * time.Minute)
		s.want(1, "c")
		if len(s.d.recent) != 1 || len(s.d.serials) != 1 {
			t.Errorf("%d entries and %d ids in memory after five minutes", len(s.d.recent), len(s.d.serials))
		}
	})
}

// runGated is runDedup on a disk that can be held back.
func runGated(t *testing.T, limit int, f func(s *dedupTest, g *gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(vfs.NewMem(), g)})
		if err != nil {
			t.Fatal(err)
		}
		h := &harness{t: t}
		if h.e, err = Open(st, nil); err != nil {
			t.Fatal(err)
		}
		defer h.close()
		h.create("q")
		s := &dedupTest{h: h, limit: limit, accepted: map[string]*store.Dedup{}}
		s.load()
		f(s, g)
	})
}

// What cannot be read from disk yet stays in memory, however much it is.
func TestDedupForgetsNothingThatIsNotApplied(t *testing.T) {
	runGated(t, 2, func(s *dedupTest, g *gate) {
		s.want(1, "first")
		g.shut()
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() { s.send(fmt.Sprint(i % 10)) })
			synctest.Wait()
		}
		if n := len(s.d.recent); n != 10 && n != 11 {
			t.Errorf("%d entries in memory, want those of 10 ids", n)
		}
		g.open()
		calls.Wait()
		s.want(1, "last")
		s.want(0, "0")
		if n := len(s.d.recent); n > 3 {
			t.Errorf("%d entries in memory after all of them are on disk", n)
		}
	})
}

func TestDedupPurge(t *testing.T) {
	for name, prepare := range map[string]func(s *dedupTest){
		"in memory":            func(*dedupTest) {},
		"on disk":              func(s *dedupTest) { s.crash(); s.want(0, "a") },
		"on disk, never asked": func(s *dedupTest) { s.crash() },
	} {
		t.Run(name, func(t *testing.T) {
			runDedup(t, maxRecent, func(s *dedupTest) {
				s.want(2, "a", "b")
				prepare(s)
				s.purge()
				s.want(1, "a")
				s.crash()
				s.want(1, "a", "b")
			})
		})
	}
}

// A purge counts at once, although the disk still shows what it removes.
func TestDedupPurgeThatIsNotApplied(t *testing.T) {
	runGated(t, 2, func(s *dedupTest, g *gate) {
		s.want(1, "a")
		s.load() // as after a restart: memory knows nothing
		g.shut()
		var calls sync.WaitGroup
		for _, step := range []func(){
			func() { // keeps the committer busy
				if err := s.q.Update(context.Background(), func(d Definition) (Definition, error) { return d, nil }); err != nil {
					t.Error(err)
				}
			},
			s.purge,
			func() { s.want(1, "a") },
		} {
			calls.Go(step)
			synctest.Wait()
		}
		g.open()
		calls.Wait()
	})
}

// What was read from disk may be out of date when the lock is taken again.
func TestDedupLooksAgain(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(s *dedupTest)
		again     bool // the disk has to be read once more
	}{
		"nothing happened":                           {func(*dedupTest) {}, false},
		"others were accepted":                       {func(s *dedupTest) { s.send("x", "y") }, false},
		"it was accepted":                            {func(s *dedupTest) { s.send("new") }, false},
		"it was accepted and forgotten":              {func(s *dedupTest) { s.send("new"); s.sendMany("x", 50); s.send("y") }, true},
		"what was in memory is forgotten":            {func(s *dedupTest) { s.send("x", "y", "z", "u") }, false},
		"the queue was purged":                       {func(s *dedupTest) { s.purge() }, false},
		"it was purged, and the old accepted anew":   {func(s *dedupTest) { s.purge(); s.send("old") }, false},
		"it was purged, and the old forgotten":       {func(s *dedupTest) { s.purge(); s.send("old"); s.sendMany("x", 50); s.send("y") }, true},
		"five minutes passed":                        {func(*dedupTest) { time.Sleep(5 * time.Minute) }, false},
		"five minutes passed, the old was sent anew": {func(s *dedupTest) { time.Sleep(5 * time.Minute); s.send("old") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			runDedup(t, 4, func(s *dedupTest) {
				s.send("old", "other")
				s.crash()
				s.send("recent")
				ids := []string{"new", "old", "recent"}
				check := s.check(ids)
				if s.known(check) {
					t.Fatal("the disk was not asked")
				}
				s.read(check)
				c.meanwhile(s)
				known := s.known(check)
				if known == c.again {
					t.Errorf("the disk is read again: got %v, want %v", !known, c.again)
				}
				for ; !known; known = s.known(check) {
					s.read(check)
				}
				s.decideLocked(check, ids)
				s.q.unlock(check.now)
			})
		})
	}
}

// check, known and read are the steps of dedup.lock. The lock is held after known.
func (s *dedupTest) check(ids []string) *dedupCheck {
	c := &dedupCheck{d: s.d}
	for _, id := range ids {
		c.hashes = append(c.hashes, store.HashDedup("", id))
	}
	return c
}

func (s *dedupTest) known(c *dedupCheck) bool {
	s.h.t.Helper()
	now, err := s.q.lock()
	if err != nil {
		s.h.t.Fatal(err)
	}
	c.now = now
	s.d.expire(now)
	s.d.forget(s.h.e.st.Barrier)
	return c.known()
}

func (s *dedupTest) read(c *dedupCheck) {
	s.h.t.Helper()
	s.q.unlock(c.now)
	if err := c.read(s.q); err != nil {
		s.h.t.Fatal(err)
	}
}

func TestDedupDropsBuckets(t *testing.T) {
	runDedup(t, maxRecent, func(s *dedupTest) {
		wantAge := func(least, most int64) {
			t.Helper()
			oldest, newest, _, err := s.h.e.st.DedupBuckets(s.q.id)
			if age := newest - oldest; err != nil || age < least || age > most {
				t.Errorf("buckets of %d minutes are on disk (%v), want %d to %d", age, err, least, most)
			}
		}
		for i := range 400 { // little: once an hour
			s.send(fmt.Sprint(i))
			time.Sleep(20 * time.Second)
		}
		wantAge(6, 68)
		for range 5 { // much: as soon as a bucket can go
			s.sendMany("a", dropEntries)
			time.Sleep(5 * time.Minute)
		}
		s.send("b")
		wantAge(5, 12)
		s.crash()
		time.Sleep(2 * time.Hour)
		s.send("c")
		wantAge(0, 0)
	})
}

// A clock that is corrected at a restart neither lets duplicates through, nor do ids that it dated hours ahead count when
// their time comes: that would swallow messages.
func TestDedupAfterTheClockWentBack(t *testing.T) {
	for _, back := range []time.Duration{30 * time.Second, 4 * time.Minute, time.Hour} {
		t.Run(back.String(), func(t *testing.T) {
			run(t, Options{}, func(h *harness) {
				h.create("q")
				h.close()
				h.o.Now = func() time.Time { return time.Now().Add(back) }
				h.open()
				s := &dedupTest{h: h, limit: 10, accepted: map[string]*store.Dedup{}}
				s.load()
				s.send("a")
				h.close()
				h.o.Now = nil
				h.open()
				s.load()
				if back < dedupWindow*time.Millisecond {
					s.want(0, "a")
				} else {
					clear(s.accepted)
				}
				s.want(1, "b")
				time.Sleep(back + time.Minute)
				s.sendMany("x", 30) // more than memory has room for: the disk is asked
				s.send("y")
				if back == time.Hour {
					s.want(1, "a")
				}
			})
		})
	}
}

// TestDedupRandom sends few ids from many goroutines, with hardly any memory, with purges and crashes. Each answer is
// checked under the queue's lock, see decideLocked.
func TestDedupRandom(t *testing.T) {
	for range 5 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			runDedup(t, 1+r.IntN(20), func(s *dedupTest) {
				for range 6 {
					s.randomRound(r)
					if r.IntN(2) == 0 {
						s.crash()
					}
					time.Sleep(time.Duration(r.IntN(200)) * time.Second)
				}
			})
		})
	}
}

func (s *dedupTest) randomRound(r *rand.Rand) {
	var calls sync.WaitGroup
	for range 8 {
		own := rand.New(rand.NewPCG(r.Uint64(), 2))
		calls.Go(func() {
			for range 30 {
				ids := make([]string, 1+own.IntN(10))
				for i := range ids {
					ids[i] = fmt.Sprint(own.IntN(100))
				}
				s.send(ids...)
				if own.IntN(100) == 0 {
					s.purge()
				}
				if own.IntN(4) == 0 {
					time.Sleep(time.Duration(own.IntN(5000)) * time.Millisecond)
				}
			}
		})
	}
	calls.Wait()
}
