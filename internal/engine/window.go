package engine

import "slices"

// window is the front of the messages that were never received and were not delayed, in order of their sequence
// numbers. Behind it, from end on, they are on disk only; refill brings them in.
type window struct {
	items []*entry
	head  int
	end   uint64 // the least sequence number that the window has not looked at
}

// maxWindow bounds the window of one queue: some 200 receives of ten ahead.
const maxWindow = 2048

func (w *window) len() int { return len(w.items) - w.head }

func (w *window) top() *entry {
	if w.head == len(w.items) {
		return nil
	}
	return w.items[w.head]
}

func (w *window) push(e *entry) {
	e.in = inFresh
	w.items = append(w.items, e)
}

func (w *window) pop() *entry {
	e := w.items[w.head]
	w.items[w.head] = nil
	w.head++
	e.in = nowhere
	if w.head == len(w.items) || w.head >= maxWindow {
		n := copy(w.items, w.items[w.head:])
		clear(w.items[n:])
		w.items, w.head = w.items[:n], 0
	}
	return e
}

// merge takes in due messages, which are sorted.
func (w *window) merge(es []*entry) {
	for _, e := range es {
		e.in = inDue
	}
	old := len(w.items) - 1
	w.items = append(w.items, es...)
	for i := len(w.items) - 1; len(es) > 0; i-- {
		if last := len(es) - 1; old < w.head || w.items[old].seq < es[last].seq {
			w.items[i], es = es[last], es[:last]
		} else {
			w.items[i] = w.items[old]
			old--
		}
	}
}

// low is the least sequence number that the window is responsible for.
func (w *window) low() uint64 {
	if e := w.top(); e != nil {
		return e.seq
	}
	return w.end
}

// take removes the entry with this number, wherever it is. Only expiry needs it, nearly always for the first.
func (w *window) take(seq uint64) *entry {
	for i := w.head; i < len(w.items) && w.items[i].seq <= seq; i++ {
		if e := w.items[i]; e.seq == seq {
			copy(w.items[w.head+1:i+1], w.items[w.head:i])
			w.items[w.head] = e
			return w.pop()
		}
	}
	return nil
}

// unpop puts back what pop took.
func (w *window) unpop(e *entry) {
	e.in = inFresh
	if w.head > 0 {
		w.head--
		w.items[w.head] = e
		return
	}
	w.items = slices.Insert(w.items, 0, e)
}

// cut removes the entries with from <= seq < to.
func (w *window) cut(from, to uint64) (cut []*entry) {
	kept := w.items[:w.head]
	for _, e := range w.items[w.head:] {
		if e.seq >= from && e.seq < to {
			e.in = nowhere
			cut = append(cut, e)
		} else {
			kept = append(kept, e)
		}
	}
	clear(w.items[len(kept):])
	w.items = kept
	return cut
}
