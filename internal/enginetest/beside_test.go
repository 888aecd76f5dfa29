package enginetest

import (
	"slices"
	"strings"
)

// Calls are made several at a time. This file says which ones not, because no single moment explains what they do beside each
// other, and nobody is promised that one does.

// unclear reports whether c, beside other calls, would get an answer that says too little: a receive leaves out messages
// that are deleted before their bodies were read.
func (r *runner) unclear(calls []*call, c *call) bool {
	if len(calls) == 0 {
		return false
	}
	if c.hangsUp || calls[0].hangsUp { // a receive that has begun may be undone, or not
		return true
	}
	if c.tasks || calls[0].tasks { // with each message a step of its own, there are too many orders to try
		return true
	}
	mine := slices.Concat(calls, []*call{c})
	for _, a := range mine {
		for _, b := range mine {
			if a.queue == b.queue && a.receive && b.sets { // a receive that reads from the disk may see both settings
				return true
			}
			if a != b && a.keeps && b.keeps && a.queue == b.queue { // what has expired in between may be there yet
				return true
			}
			// A receive that reads from the disk comes to its first groups again, which no timeout locks, and takes what they
			// were sent meanwhile.
			if a.queue == b.queue && a.zero && b.sends && strings.HasSuffix(a.queue, ".fifo") {
				return true
			}
			if a != b && a.cycles && b.cycles { // two that send dead letters round and round
				return true
			}
		}
	}
	all, receives := slices.Concat(calls, []*call{c}, r.polls), 0
	for _, a := range all {
		if a.receive {
			receives++
		}
		for _, b := range all {
			if a.queue == b.queue && (a.receive && b.wipes || a.repeats && b.deletes || a.waits && b.setsWait) {
				return true
			}
			// One that reads from the disk has taken a part by then, which the other gets, too, or repeats.
			if a != b && a.queue == b.queue && (a.zero && b.receive || a.repeats && b.repeats) {
				return true
			}
		}
	}
	return receives > 3 // with dead letters, there are too many orders to try
}

// crowd notes which receives have other calls on their queue beside them. They may get fewer messages, and not the oldest:
// when they read from the disk others have their turn.
func (r *runner) crowd(calls []*call) {
	all := slices.Concat(calls, r.polls)
	for _, a := range all {
		for _, b := range all {
			if a != b && a.receive && a.queue == b.queue {
				a.crowded = true
			}
		}
	}
}
