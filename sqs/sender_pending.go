package sqs

import (
	"container/list"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// pending is a message in a Sender.
type pending struct {
	entry  *api.SendMessageEntry
	group  string
	size   int // towards the 1 MiB of a request
	weight int // towards MaxBytes

	// Guarded by the sender's lock.
	state      pendingState
	number     uint64 // in order of arrival
	at         time.Time
	lane       *lane
	told       bool // its outcome, or that it may have been sent, has been returned
	prev, next *pending

	admitted chan struct{} // closed when there is room; nil if nobody asks
	done     chan struct{} // closed when it is settled, after which the following do not change
	success  api.SendMessageSuccess
	err      error
}

type pendingState uint8

const (
	blocked  pendingState = iota // waits for room
	queued                       // waits to leave
	departed                     // a request may have it
	settled
)

func newPending(e *api.SendMessageEntry, group string, ids int) *pending {
	size := entrySize(e)
	return &pending{entry: e, group: group, size: size, weight: size + len(group) + ids + messageOverhead, done: make(chan struct{})}
}

// pendings is a list of messages. A message is in one list at most.
type pendings struct {
	first, last *pending
}

func (l *pendings) push(p *pending) {
	p.prev, p.next = l.last, nil
	if l.last == nil {
		l.first = p
	} else {
		l.last.next = p
	}
	l.last = p
}

func (l *pendings) remove(p *pending) {
	if p.prev == nil {
		l.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.last = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
}

// lane is a run of messages that leave in order: a group of a FIFO queue, or everything that goes to a standard queue.
type lane struct {
	key     string
	queue   pendings
	items   int           // in queue
	bytes   int           // of those, towards the 1 MiB of a request
	turn    *list.Element // in the list of lanes that can send; nil while it cannot
	busy    bool          // a request with messages of it is under way; standard queues do not care
	untold  int           // messages that failed, and whose senders do not know it yet: the group is closed
	failure error         // of the first of them
}
