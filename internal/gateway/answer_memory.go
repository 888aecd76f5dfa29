package gateway

// The messages of an answer are paid for out of the memory of bodies, too, before they are received: what cannot be paid for
// stays where it is, and the answer has what came before it, or is 503. Nobody waits for that: the next receive may come to
// another server, or later.
const (
	// answerWeight is how often a message is in memory until its answer has left: as it is stored, and as it is written.
	answerWeight = 2
	// answerStep is what is paid for at once, so that ten small messages do not ask ten times.
	answerStep = 16 << 10
)

// reserve reports whether there is memory for one more message of this size. The first freeBody bytes are free.
func (x *exchange) reserve(bytes int64) bool {
	all := x.answer + answerWeight*bytes
	if need := all - x.reserved; all > freeBody && need > 0 {
		n := max(need, answerStep)
		if !x.memory.Take(n, receiving, 0, nil) {
			return false
		}
		x.taken += int(n)
		x.reserved += n
	}
	x.answer = all
	return true
}
