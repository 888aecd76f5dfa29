package load

import (
	"math/rand/v2"
	"testing"
)

// TestOrder: of two messages of a group, only those whose order is known can be out of order.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	// Requests of two messages, four groups: 0, 4, 8 … are of the first one; 0 and 1 are one request.
	for _, c := range []struct {
		name  string
		steps func(l *Ledger, got func(ids ...uint64))
		want  int
	}{
		{"in order", func(l *Ledger, got func(...uint64)) { l.sent(0, 2); got(0, 4, 8) }, 0},
		{"other groups", func(l *Ledger, got func(...uint64)) { l.sent(0, 2); got(5, 0, 7, 2) }, 0},
		{"at the same time", func(l *Ledger, got func(...uint64)) {
			l.next.Store(6) // 4 had begun when 0 was answered
			l.sent(0, 2)
			got(4, 0)
		}, 0},
		{"not answered yet", func(l *Ledger, got func(...uint64)) { got(4, 0) }, 0},
		{"one after the other", func(l *Ledger, got func(...uint64)) {
			l.next.Store(2)
			l.sent(0, 2)
			l.next.Store(6)
			got(4, 0)
		}, 1},
		{"far behind", func(l *Ledger, got func(...uint64)) {
			l.next.Store(2)
			l.sent(0, 2)
			l.next.Store(3 * orderPage)
			l.sent(2*orderPage, 2)
			got(2*orderPage, 0, 4)
		}, 1},
	} {
		l := NewOrderedLedger(4, 2)
		l.next.Store(100)
		c.steps(l, func(ids ...uint64) {
			for _, id := range ids {
				l.got(newBody(rng, MinBody, id))
			}
		})
		if got := l.Totals().Disorder; got != c.want {
			t.Errorf("%s: got %d out of order, want %d", c.name, got, c.want)
		}
	}
	t.Run("in one request", func(t *testing.T) {
		l := NewOrderedLedger(1, 10)
		l.next.Store(10)
		l.got(newBody(rng, MinBody, 5))
		l.got(newBody(rng, MinBody, 4))
		l.got(newBody(rng, MinBody, 4)) // doubled, which is another fault
		if got := l.Totals(); got.Disorder != 1 || got.Doubled != 1 {
			t.Errorf("got %+v, want one out of order and one doubled", got)
		}
	})
}
