package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// op is a kind of operation that is counted.
type op string

const (
	opSend           op = "send"
	opSendBatch      op = "send_batch"
	opFIFOBatch      op = "fifo_batch"
	opSendAgain      op = "send_again" // the same deduplication id
	opSendLate       op = "send_late"  // the same much later
	opReceive        op = "receive"
	opDelete         op = "delete"
	opDeleteMany     op = "delete_batch"
	opVisibility     op = "visibility"
	opVisibilityMany op = "visibility_batch"
	opDead           op = "dead_letter" // received from the dead-letter queue
	opMove           op = "move_task"
	opMoved          op = "moved" // received again after a move task
	opPurge          op = "purge"
	opFIFO           op = "fifo" // messages received from FIFO queues
)

// history is what the clients know. Times are since it began; 0 is never.
type history struct {
	mu       sync.Mutex
	began    time.Time
	messages map[string]*message // by body: no two that are sent have the same
	groups   map[string]*group   // of FIFO queues
	counts   map[op]int          // acknowledged
	unknown  int                 // operations whose answer never came
	broken   []string
	moving   bool // a move task was begun

	purgeable []*message // those of queuePurged
}

// message is one that was sent, or may have been.
type message struct {
	body, queue string
	group       *group
	place       int
	log         []string

	sent     time.Duration // acknowledged
	deleting time.Duration // the first delete was begun
	deleted  time.Duration // acknowledged
	purging  time.Duration // a purge was begun that may have it
	purged   time.Duration // acknowledged, of one that must have it

	changes int  // of its visibility, under way
	crossed bool // two of them were at the same time: nobody knows which came last

	ids  []string // as it was sent, and as move tasks have sent it again
	seen int      // greatest receive count of the last id
	last time.Duration
	out  *hold // latest delivery
}

// group is a message group.
type group struct {
	live []*message // in order, without those of which a delete was begun
	all  []*message
}

// hold is a delivery.
type hold struct {
	began, ended time.Duration
	visibility   time.Duration
	released     time.Duration // the first request was begun that may have ended it
}

// margin is for the time between the clocks of client and server, which count in milliseconds.
const margin = 20 * time.Millisecond

func newHistory() *history {
	return &history{began: time.Now(), messages: map[string]*message{}, groups: map[string]*group{}, counts: map[op]int{}}
}

func (h *history) now() time.Duration { return time.Since(h.began) }

func (h *history) count(o op) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counts[o]
}

func (h *history) done(o op, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[o] += n
}

func (h *history) lost() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unknown++
}

func (h *history) found() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.broken
}

// forgotten notes that the server refused what it cannot refuse unless it has lost a queue, or the key of its handles.
func (h *history) forgotten(queue string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.breaks(&message{body: queue}, "refused: %v", err)
}

// breaks notes a broken promise, with all that is known of the message.
func (h *history) breaks(m *message, format string, args ...any) {
	if len(h.broken) < 10 {
		h.broken = append(h.broken, fmt.Sprintf("%s: %s\n    %s", m.body, fmt.Sprintf(format, args...), strings.Join(m.log, "\n    ")))
	}
}

func (m *message) note(at time.Duration, format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf("%10.4fs %s", at.Seconds(), fmt.Sprintf(format, args...)))
}

// move notes that a move task is about to be begun.
func (h *history) move() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.moving = true
}

// sending notes the first attempt to send a message.
func (h *history) sending(body, queue, groupID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := &message{body: body, queue: queue}
	h.messages[body] = m
	m.note(h.now(), "send to %s", queue)
	if queue == queuePurged {
		h.purgeable = append(h.purgeable, m)
	}
	if groupID == "" {
		return
	}
	g := h.groups[queue+"/"+groupID]
	if g == nil {
		g = &group{}
		h.groups[queue+"/"+groupID] = g
	}
	m.group, m.place = g, len(g.all)
	g.all, g.live = append(g.all, m), append(g.live, m)
}

func (h *history) acknowledged(body, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.messages[body]
	m.note(h.now(), "sent, %s", id)
	if m.sent == 0 {
		m.sent = h.now()
	}
	if len(m.ids) > 0 && m.ids[0] != id {
		h.breaks(m, "sent again with the same deduplication id, it has another id: %s", id)
	}
	if len(m.ids) == 0 {
		m.ids = []string{id}
	}
}

// deleting notes that a delete is begun.
func (h *history) deleting(m *message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.now()
	m.note(at, "delete")
	if m.deleting == 0 {
		m.deleting = at
		if m.group != nil {
			m.group.live = slices.DeleteFunc(m.group.live, func(o *message) bool { return o == m })
		}
	}
	m.release(at)
}

func (h *history) deleted(m *message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.now()
	m.note(at, "deleted")
	// A message that has gone to another queue meanwhile is not deleted by the handle that it had before.
	if m.queue == queueSource && at >= m.out.began+m.out.visibility-margin {
		return
	}
	if m.deleted == 0 {
		m.deleted = at
	}
}

// changing notes that its visibility is about to be changed, and returns what notes whether that was acknowledged: then
// it is out for as long as was asked for.
func (h *history) changing(m *message, d time.Duration) (done func(acknowledged bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, out := h.now(), m.out
	m.note(at, "visible in %v", d)
	m.release(at)
	m.changes++
	m.crossed = m.crossed || m.changes > 1
	return func(acknowledged bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		now := h.now()
		// In time: nobody else can have had it in between.
		if acknowledged && m.out == out && !m.crossed && now < out.began+out.visibility-margin {
			m.note(now, "changed")
			m.out = &hold{began: at, ended: now, visibility: d}
		}
		if m.changes--; m.changes == 0 {
			m.crossed = false
		}
	}
}

func (m *message) release(at time.Duration) {
	if m.out != nil && m.out.released == 0 {
		m.out.released = at
	}
}

// purging notes a purge of queuePurged that is begun, and returns what notes that it was acknowledged.
func (h *history) purging() (done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.now()
	var there []*message
	h.purgeable = slices.DeleteFunc(h.purgeable, func(m *message) bool { return m.purged != 0 })
	for _, m := range h.purgeable {
		m.note(at, "purge")
		if m.purging == 0 {
			m.purging = at
		}
		m.release(at)
		if m.sent != 0 {
			there = append(there, m)
		}
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, m := range there {
			m.note(h.now(), "purged")
			m.purged = h.now()
		}
	}
}
