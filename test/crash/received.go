package main

import (
	"slices"
	"strconv"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// received compares the answer to a receive with what is known, and returns the messages as the history has them. The
// receive was begun at began; what others have done until now may have come before it or after.
func (h *history) received(queue string, got []*sqs.Message, began, visibility time.Duration) []*message {
	h.mu.Lock()
	defer h.mu.Unlock()
	ended := h.now()
	h.counts[opReceive]++
	var ms []*message
	byGroup := map[*group][]*message{}
	for _, d := range got {
		m := h.messages[d.Body]
		if m == nil {
			h.breaks(&message{body: d.Body}, "received from %s, and never sent", queue)
			continue
		}
		n, _ := strconv.Atoi(d.Attributes[sqs.SystemAttributeReceiveCount])
		m.note(ended, "received from %s by %s since %.4fs, count %d, hidden for %v", queue, d.ID, began.Seconds(), n, visibility)
		h.gone(m, began)
		h.once(m, queue, d.ID, began)
		h.counted(m, queue, d.ID, n, began, ended)
		if slices.Contains(ms, m) {
			h.breaks(m, "received twice in one answer")
		}
		ms = append(ms, m)
		if m.group != nil {
			h.counts[opFIFO]++
			byGroup[m.group] = append(byGroup[m.group], m)
		} else {
			h.hidden(m, []*message{m}, began, ended, visibility)
		}
	}
	for g, of := range byGroup {
		h.inOrder(g, of)
		for _, m := range of {
			h.hidden(m, g.live, began, ended, visibility) // of the others a delete was begun, which releases them
		}
	}
	for _, m := range ms {
		m.out = &hold{began: began, ended: ended, visibility: visibility}
	}
	return ms
}

// gone: what was deleted or purged does not come back.
func (h *history) gone(m *message, began time.Duration) {
	switch {
	case m.deleted != 0 && m.deleted < began:
		h.breaks(m, "received after its delete was acknowledged")
	case m.purged != 0 && m.purged < began:
		h.breaks(m, "received after a purge was acknowledged")
	}
}

// once: a message is there once. Only a move task gives it another id.
func (h *history) once(m *message, queue, id string, began time.Duration) {
	switch {
	case len(m.ids) == 0:
		m.ids = []string{id} // its send was not acknowledged
	case slices.Contains(m.ids, id):
		if m.ids[len(m.ids)-1] != id && m.last < began {
			h.breaks(m, "received by the id that it had before it was moved")
		}
	case (queue == queueSource || queue == queueDead) && h.moving:
		m.ids, m.seen = append(m.ids, id), 0
		h.counts[opMoved]++
	default:
		h.breaks(m, "it is there twice: %s and %s", m.ids[0], id)
	}
}

// counted: every receive counts, also those before a crash, and the last one is the maxReceiveCount-th.
func (h *history) counted(m *message, queue, id string, n int, began, ended time.Duration) {
	if m.seen >= n && m.last < began && m.ids[len(m.ids)-1] == id {
		h.breaks(m, "receive count %d after %d", n, m.seen)
	}
	if n > m.seen {
		m.seen, m.last = n, ended
	}
	switch {
	case queue == queueSource && n > maxReceives:
		h.breaks(m, "received %d times, and not in the dead-letter queue", n)
	case queue == queueDead:
		h.counts[opDead]++
		if n <= maxReceives {
			h.breaks(m, "in the dead-letter queue after %d receives", n-1)
		}
	}
}

// hidden: while one of these messages was out, m cannot have been handed out, nor the other way round.
func (h *history) hidden(m *message, these []*message, began, ended, visibility time.Duration) {
	for _, o := range these {
		if o.out == nil || o.out.began == began || o.place > m.place { // a group gives those before the first that is out
			continue
		}
		after := ended >= o.out.began+o.out.visibility-margin || o.out.released != 0 && o.out.released <= ended
		before := o.out.ended >= began+visibility-margin // this answer may have come late
		if !after && !before {
			h.breaks(m, "received while %s was out", o.body)
		}
	}
}

// inOrder: of a group comes what is first, and then what follows.
func (h *history) inOrder(g *group, of []*message) {
	next := 0
	for i, m := range of {
		if i > 0 && of[i-1].place > m.place {
			h.breaks(m, "received after %s, which was sent later", of[i-1].body)
		}
		if m.deleting != 0 {
			continue // it may have been there
		}
		if next >= len(g.live) || g.live[next] != m {
			h.breaks(m, "received before %s, which was sent earlier", g.live[min(next, len(g.live)-1)].body)
			return
		}
		next++
	}
}

// unaccounted says which messages must be there and were not found at the end.
func (h *history) unaccounted(found map[string]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.messages {
		n := found[m.body]
		switch {
		case n > 1:
			h.breaks(m, "found %d times at the end", n)
		case n == 0 && m.sent != 0 && m.deleting == 0 && m.purging == 0:
			h.breaks(m, "its send was acknowledged, and it is lost")
		}
	}
}
