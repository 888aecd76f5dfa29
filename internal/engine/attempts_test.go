package engine

import (
	"fmt"
	"slices"
	"testing"

	"github.com/bufeomq/bufeo/internal/store"
)

// attemptTest has attempts on a real store, and the messages that they are about.
type attemptTest struct {
	h    *harness
	as   *attempts
	held map[uint64]*entry
	now  int64
}

func runAttempts(t *testing.T, f func(a *attemptTest)) {
	t.Helper()
	run(t, Options{}, func(h *harness) {
		a := &attemptTest{h: h, held: map[uint64]*entry{}, now: h.e.now()}
		a.load()
		f(a)
	})
}

func (a *attemptTest) load() {
	a.h.t.Helper()
	as, err := loadAttempts(a.h.e.st, 1, a.now)
	if err != nil {
		a.h.t.Fatal(err)
	}
	a.as = as
}

// do makes a change durable.
func (a *attemptTest) do(f func(fx *store.Batch)) {
	a.h.t.Helper()
	fx := store.NewBatch()
	f(fx)
	if err := a.h.e.st.Append(fx).Wait(); err != nil {
		a.h.t.Fatal(err)
	}
}

// receive hands out messages for 30 s.
func (a *attemptTest) receive(id string, seqs ...uint64) {
	a.h.t.Helper()
	a.do(func(fx *store.Batch) {
		var ms []store.AttemptMessage
		for _, seq := range seqs {
			e := a.held[seq]
			if e == nil {
				e = &entry{seq: seq, received: true}
				a.held[seq] = e
			}
			e.state.Nonce++
			e.state.VisibleAt = a.now + 30_000
			ms = append(ms, store.AttemptMessage{Seq: seq, Nonce: e.state.Nonce})
		}
		a.as.put(a.now, id, ms, fx)
	})
}

func (a *attemptTest) want(id string, at int64, want ...uint64) {
	a.h.t.Helper()
	past, es := a.as.find(a.now, id, func(seq uint64) *entry { return a.held[seq] })
	var got []uint64
	for _, e := range es {
		got = append(got, e.seq)
	}
	var gotAt int64
	if past != nil {
		past.repeated, gotAt = true, past.At
	}
	if !slices.Equal(got, want) || gotAt != at {
		a.h.t.Errorf("attempt %s: got messages %d of %d, want %d of %d", id, got, gotAt, want, at)
	}
}

func TestAttemptIsRepeated(t *testing.T) {
	runAttempts(t, func(a *attemptTest) {
		at := a.now
		a.want("x", 0)
		a.receive("x", 2, 1)
		a.receive("y", 3)
		if a.as.repeated(1) {
			t.Error("repeated before it was")
		}
		a.now += 29_999
		a.want("x", at, 2, 1)
		a.want("x", at, 2, 1)
		if !a.as.repeated(1) || a.as.repeated(3) || a.as.repeated(4) {
			t.Error("the wrong messages are known as handed out twice")
		}
		a.h.crash()
		a.load()
		a.want("x", at, 2, 1)
		a.want("y", at, 3)
	})
}

func TestAttemptIsOver(t *testing.T) {
	for name, change := range map[string]func(a *attemptTest){
		"five minutes after the receive": func(a *attemptTest) {
			for _, e := range a.held {
				e.state.VisibleAt += 12 * 3_600_000
			}
			a.now += attemptWindow
		},
		"when a message is visible": func(a *attemptTest) { a.held[2].state.VisibleAt = a.now },
		"when a message was received again": func(a *attemptTest) {
			a.held[2].state.Nonce++
		},
		"when a message is gone": func(a *attemptTest) { delete(a.held, 2) },
		"when a message's timeout was changed": func(a *attemptTest) {
			a.do(func(fx *store.Batch) { a.as.forget(2, fx) })
		},
		"when another attempt has a message": func(a *attemptTest) { a.receive("y", 2) },
		"when the queue was purged": func(a *attemptTest) {
			a.do(func(fx *store.Batch) { fx.PurgeQueue(1) })
			a.as.purge()
		},
	} {
		t.Run(name, func(t *testing.T) {
			runAttempts(t, func(a *attemptTest) {
				a.receive("x", 1, 2)
				change(a)
				a.want("x", 0)
				a.h.crash()
				a.load()
				a.want("x", 0)
			})
		})
	}
}

// The id of an attempt that is over can be used for another.
func TestAttemptIsReplaced(t *testing.T) {
	runAttempts(t, func(a *attemptTest) {
		a.receive("x", 1, 2)
		a.now += 30_000
		a.want("x", 0)
		a.receive("x", 1)
		at := a.now
		a.want("x", at, 1)
		a.do(func(fx *store.Batch) { a.as.forget(2, fx) }) // belongs to none now
		a.want("x", at, 1)
		a.h.crash()
		a.load()
		a.want("x", at, 1)
	})
}

// Attempts that nothing happens to any more do not pile up, in memory or on disk, and a clock that went back does not
// keep them for longer.
func TestAttemptsDoNotPileUp(t *testing.T) {
	runAttempts(t, func(a *attemptTest) {
		for seq := range uint64(100) {
			a.receive(fmt.Sprint(seq), seq)
		}
		a.h.crash()
		a.now -= 3_600_000
		a.load()
		a.now += attemptWindow
		for seq := range uint64(20) {
			a.receive(fmt.Sprint("new", seq), 1000+seq)
		}
		onDisk := 0
		if err := a.h.e.st.Attempts(1, func(string, *store.Attempt) { onDisk++ }); err != nil {
			t.Fatal(err)
		}
		if n := a.as.order.Len(); n != 20 || len(a.as.byID) != n || len(a.as.bySeq) != n || onDisk != n {
			t.Errorf("%d attempts (%d ids, %d messages), %d on disk, want 20", n, len(a.as.byID), len(a.as.bySeq), onDisk)
		}
	})
}
