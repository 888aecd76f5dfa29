package load

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
)

// maxMessages is what one Ledger can follow: an hour at 18,000 messages a second, in two bitmaps that grow to 8 MiB.
const maxMessages = 1 << 26

// Ledger remembers, for one queue, which messages were acknowledged and which were received. Safe for concurrent use:
// a message is often received by another worker than the one that sent it.
type Ledger struct {
	next      atomic.Uint64
	acked     bitmap
	received  bitmap
	doubled   atomic.Int64
	strangers atomic.Int64
	order     *order // nil: none is expected
}

// bitmap holds a bit for each message, in pages that are there when the first of their messages is noted.
type bitmap [maxMessages / pageBits]atomic.Pointer[[pageBits / 64]atomic.Uint64]

const pageBits = 1 << 16

func (b *bitmap) set(i uint64) (was bool) {
	page := &b[i/pageBits]
	if page.Load() == nil {
		page.CompareAndSwap(nil, &[pageBits / 64]atomic.Uint64{})
	}
	m := uint64(1) << (i % 64)
	return page.Load()[i%pageBits/64].Or(m)&m != 0
}

// word returns the bits from 64*i on.
func (b *bitmap) word(i uint64) uint64 {
	page := b[i*64/pageBits].Load()
	if page == nil {
		return 0
	}
	return page[i*64%pageBits/64].Load()
}

// NewLedger returns an empty one.
func NewLedger() *Ledger { return &Ledger{} }

// reserve returns the first of n ids that no one else has.
func (l *Ledger) reserve(n int) (uint64, error) {
	end := l.next.Add(uint64(n))
	if end > maxMessages {
		return 0, fmt.Errorf("more than %d messages: shorten the run", maxMessages)
	}
	return end - uint64(n), nil
}

// sent notes that n messages from first on were acknowledged.
func (l *Ledger) sent(first uint64, n int) {
	if l.order != nil {
		l.order.sent(first, n, l.next.Load())
	}
	for id := first; id < first+uint64(n); id++ {
		l.acked.set(id)
	}
}

// got notes a delivery.
func (l *Ledger) got(body []byte) {
	id, err := parseID(body)
	if err != nil || id >= l.next.Load() {
		l.strangers.Add(1)
		return
	}
	if l.received.set(id) {
		l.doubled.Add(1)
		return
	}
	if l.order != nil {
		l.order.got(id)
	}
}

// Totals is what a Ledger knows when all workers have stopped.
type Totals struct {
	Acked     int // acknowledged sends
	Received  int // distinct messages delivered
	Missing   int // acknowledged and never delivered
	Doubled   int // deliveries of a message that was delivered before
	Strangers int // deliveries of something that was never sent
	Disorder  int // deliveries after a later message of their group
}

// Totals counts.
func (l *Ledger) Totals() Totals {
	t := Totals{Doubled: int(l.doubled.Load()), Strangers: int(l.strangers.Load())}
	if l.order != nil {
		t.Disorder = int(l.order.broken.Load())
	}
	for i := range (min(l.next.Load(), maxMessages) + 63) / 64 {
		a, r := l.acked.word(i), l.received.word(i)
		t.Acked += bits.OnesCount64(a)
		t.Received += bits.OnesCount64(r)
		t.Missing += bits.OnesCount64(a &^ r)
	}
	return t
}

// A message's body is its id in idLen hex digits, then filler.
const idLen = 16

// MinBody is the smallest body: the id alone.
const MinBody = idLen

// putID writes id over the first idLen bytes of dst.
func putID(dst []byte, id uint64) {
	const hexDigits = "0123456789abcdef"
	for i := idLen - 1; i >= 0; i-- {
		dst[i] = hexDigits[id&15]
		id >>= 4
	}
}

func parseID(body []byte) (uint64, error) {
	if len(body) < idLen {
		return 0, fmt.Errorf("body %.60q is too short for an id", body)
	}
	return strconv.ParseUint(string(body[:idLen]), 16, 64)
}

// newBody returns a body of size bytes with id in it. The filler is random letters and digits: repeated filler would be
// compressed away on its way to disk, and neither protocol escapes letters or digits, so id stands as it is in a request.
func newBody(rng *rand.Rand, size int, id uint64) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, size)
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
	}
	putID(b, id)
	return b
}
