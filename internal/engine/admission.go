package engine

// Of what the store wants to have waiting for the disk at most, sends are refused beyond once, receives beyond twice as
// much. Deletes and visibility changes are served as long as the store is: they are small, and end something.
const (
	sendBacklog    = 1
	receiveBacklog = 2
)

// AdmitSend is the error that a send would get now, before any lock is taken: new messages are refused while too much waits
// for the disk or too little space is left. Everything that frees space or memory is let through.
func (e *Engine) AdmitSend() error {
	if e.st.Backlog() > sendBacklog {
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
