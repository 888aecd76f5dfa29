package gateway

import (
	"testing"
	"testing/synctest"
	"time"
)

// A receive waits for memory for as long as its patience in all, gets enough for what it wants, if that is little, and holds
// nothing while it waits.
func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Handler{o: Options{Patience: 5 * time.Second}, memory: newMemory(func() int64 { return 8 << 20 }, 1<<20)}
		ask := func(x *exchange, least, most int64) (bool, time.Duration) {
			began := time.Now()
			ok := (*answerMemory)(x).Await(least, most)
			return ok, time.Since(began)
		}
		h.memory.Take(7<<20-300<<10, receiving, 0, nil) // an eighth is not for receives
		x := &exchange{Handler: h}
		if ok, took := ask(x, 10<<10, 100<<10); !ok || took != 0 || x.taken != 200<<10 {
			t.Errorf("got %v after %v, %d bytes: want twice what it wants at most", ok, took, x.taken)
		}
		if m := (*answerMemory)(x); !m.Reserve(60<<10) || !m.Reserve(40<<10) || x.taken != 200<<10 {
			t.Errorf("the messages were not paid for out of that: %d bytes", x.taken)
		}
		(*answerMemory)(x).Return()
		if ok, _ := ask(x, 10<<10, 1<<20); !ok || x.taken != answerTurn {
			t.Errorf("got %v, %d bytes: want no more than %d", ok, x.taken, answerTurn)
		}

		second := &exchange{Handler: h}
		go func() { time.Sleep(3 * time.Second); x.giveBack() }()
		if ok, took := ask(second, 100<<10, 100<<10); !ok || took != 3*time.Second {
			t.Errorf("got %v after %v, want it after 3 s, when the other was done", ok, took)
		}
		(*answerMemory)(second).Return()
		h.memory.Take(300<<10, receiving, 0, nil)
		if ok, took := ask(second, 1, 1); ok || took != 2*time.Second {
			t.Errorf("got %v after %v, want it to give up after 2 s, 5 s in all", ok, took)
		}

		third := &exchange{Handler: h, taken: 10 << 10}
		if ok, took := ask(third, 1, 1); ok || took != 0 {
			t.Errorf("got %v after %v, want nothing at once: it has paid for a body, for which others may wait", ok, took)
		}
	})
}
