package engine

import (
	"sync"
	"time"
)

// clock tells the wall-clock time without its jumps: the wall clock at start plus the monotonic time since, moved
// slowly towards the wall clock. A step of the system's clock would otherwise expire messages or freeze visibility
// timeouts all at once.
type clock struct {
	mu    sync.Mutex
	start time.Time     // with monotonic reading
	slew  time.Duration // what has been added so far
	seen  time.Duration // monotonic time of the latest look
}

// slewRate is how much of a difference is made up per elapsed time: 1/200, the order of what ntpd allows itself.
const slewRate = 200

func newClock() *clock { return &clock{start: time.Now()} }

func (c *clock) now() time.Time {
	wall := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	elapsed := wall.Sub(c.start) // monotonic
	ours := c.start.Add(elapsed + c.slew)
	if off := wall.Round(0).Sub(ours.Round(0)); off != 0 {
		step := min(max(off, -(elapsed-c.seen)/slewRate), (elapsed-c.seen)/slewRate)
		c.slew += step
		ours = ours.Add(step)
	}
	c.seen = elapsed
	return ours
}
