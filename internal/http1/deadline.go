package http1

import "time"

// precision says whether a deadline that is set already is good enough. Setting one costs as much as parsing a header.
type precision bool

const (
	exactly precision = false
	roughly precision = true // up to an eighth of the time earlier
)

// readDeadline sets the deadline for reading.
func (c *conn) readDeadline(p precision, t time.Time) {
	if !near(p, c.readBy, t) {
		c.readBy = t
		c.SetReadDeadline(t) //nolint:errcheck // the next read will say so
	}
}

// writeDeadline sets the deadline for writing.
func (c *conn) writeDeadline(p precision, t time.Time) {
	if !near(p, c.writeBy, t) {
		c.writeBy = t
		c.SetWriteDeadline(t) //nolint:errcheck // the next write will say so
	}
}

func near(p precision, have, want time.Time) bool {
	if p == exactly || have.IsZero() || want.IsZero() {
		return have.Equal(want)
	}
	return !have.After(want) && want.Sub(have) <= time.Until(want)/8
}

// after is the deadline for something that may take d; 0 and less mean as long as it likes.
func after(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}
