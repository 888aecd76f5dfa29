package gateway

import "time"

// answerMemory is what a receive pays for its messages out of: the memory of bodies. They are paid for before they are received:
// what cannot be paid for stays where it is, and the answer has what came before it. A receive that can pay for nothing waits for
// its turn, like a send, and without having taken anything.
type answerMemory exchange

const (
	// answerWeight is how often a message is in memory until its answer has left: as it is stored, and as it is written.
	answerWeight = 2
	// answerStep is what is paid for at once, so that ten small messages do not ask ten times.
	answerStep = 16 << 10
	// answerTurn is how much a receive that had to wait may get, if one message is not larger: all that it wants, in most cases. To
	// wait for each of ten in turn would cost ten times as much.
	answerTurn = 256 << 10
)

// Reserve reports whether there is memory for one more message of this size. The first freeBody bytes are free.
func (m *answerMemory) Reserve(bytes int64) bool {
	all := m.answer + answerWeight*bytes
	if need := all - m.reserved; all > freeBody && need > 0 {
		n := max(need, answerStep)
		if !m.memory.Take(n, receiving, 0, nil) {
			return false
		}
		m.taken += int(n)
		m.reserved += n
	}
	m.answer = all
	return true
}

// Return gives back what no message has used.
func (m *answerMemory) Return() {
	m.answer = 0
	if m.reserved > 0 {
		m.memory.Return(m.reserved)
		m.taken -= int(m.reserved)
		m.reserved = 0
	}
}

// Await waits for Options.Patience in all.
func (m *answerMemory) Await(least, most int64) bool {
	if m.taken > 0 { // its body: see take
		return false
	}
	if m.waitUntil.IsZero() {
		m.waitUntil = time.Now().Add(m.o.Patience)
	}
	n := max(answerWeight*least, min(answerWeight*most, answerTurn))
	if !m.memory.Take(n, receiving, time.Until(m.waitUntil), m.memory.makeWay) {
		return false
	}
	m.taken, m.reserved = int(n), n
	return true
}
