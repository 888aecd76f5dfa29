package load

import (
	"math/rand/v2"
	"testing"
)

func TestLedger(t *testing.T) {
	l := NewLedger()
	rng := rand.New(rand.NewPCG(1, 2))
	first, err := l.reserve(100)
	if err != nil || first != 0 {
		t.Fatalf("got %d, %v, want ids from 0 on", first, err)
	}
	l.sent(0, 90)
	for id := range uint64(95) {
		if id == 7 || id == 64 {
			continue
		}
		l.got(newBody(rng, 200, id))
	}
	l.got(newBody(rng, MinBody, 3)) // again
	l.got(newBody(rng, 200, 100))   // not reserved yet
	l.got([]byte("somebody else's message"))
	l.got(nil)

	// 90 to 94 were never acknowledged, and may arrive all the same: an answer can be lost on its way.
	want := Totals{Acked: 90, Received: 93, Missing: 2, Doubled: 1, Strangers: 3}
	if got := l.Totals(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLedger_is_bounded(t *testing.T) {
	l := NewLedger()
	if _, err := l.reserve(maxMessages); err != nil {
		t.Fatal(err)
	}
	if _, err := l.reserve(1); err == nil {
		t.Error("got an id beyond the bitmaps, want an error")
	}
}

func TestBody_id_round_trips(t *testing.T) {
	for _, id := range []uint64{0, 1, 0xb0f0_5eed_0000_0009, 1<<64 - 1} {
		b := newBody(rand.New(rand.NewPCG(1, 2)), 20, id)
		if got, err := parseID(b); got != id || err != nil || len(b) != 20 {
			t.Errorf("got %x, %v from %q, want %x", got, err, b, id)
		}
	}
}
