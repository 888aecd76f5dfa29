package engine

import "runtime"

// sendsPerProcessor bounds, for each processor that Go uses, how many sends may be under way. A processor does some
// 15,000 single sends a second and shares a sync among all that wait, so as many as these are a few hundredths of a second
// of work, and a few tenths if they are batches. More would only make everybody wait longer: those who would come last
// are told to come again, before anything has happened. Receives, deletes and visibility changes do not count; there are
// no more of them than connections.
const sendsPerProcessor = 1024

// Of what the store wants to have waiting at most, sends are refused beyond once, receives beyond twice as much. Deletes
// and visibility changes are served as long as the store is: they are small, and end something.
const (
	sendBacklog    = 1
	receiveBacklog = 2
)

// AdmitSend is the error that a send would get now: new messages are refused while too much waits or too little space
// is left. Everything that frees space or memory is let through.
func (e *Engine) AdmitSend() error {
	if e.sending.Load() >= e.maxSending || e.st.Backlog() > sendBacklog {
		return ErrOverloaded
	}
	if e.st.Full() {
		return ErrDiskFull
	}
	return nil
}

// admitReceive refuses a receive before any lock is taken.
func (e *Engine) admitReceive() error {
	if e.st.Backlog() > receiveBacklog {
		return ErrOverloaded
	}
	return nil
}

// beginSend admits a send before any lock is taken; endSend is to be called after it.
func (e *Engine) beginSend() error {
	if err := e.AdmitSend(); err != nil {
		return err
	}
	if e.sending.Add(1) > e.maxSending {
		e.sending.Add(-1)
		return ErrOverloaded
	}
	return nil
}

func (e *Engine) endSend() { e.sending.Add(-1) }

func maxSending() int64 { return int64(sendsPerProcessor * runtime.GOMAXPROCS(0)) }
