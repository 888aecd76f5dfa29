package cli

import (
	"context"
	"time"
)

// pace holds sends to a rate. The zero value lets everything through.
type pace struct {
	rate int // messages a second
	next time.Time
}

// chunk is how many messages to send at a time: a tenth of a second's worth, so that low rates are even.
func (p *pace) chunk() int {
	if p.rate == 0 {
		return 10
	}
	return max(1, min(10, p.rate/10))
}

// wait returns when n messages may be sent.
func (p *pace) wait(ctx context.Context, n int) error {
	if p.rate == 0 {
		return ctx.Err()
	}
	now := time.Now()
	if p.next.Before(now) { // what was not used up is not caught up with
		p.next = now
	}
	t := time.NewTimer(p.next.Sub(now))
	defer t.Stop()
	p.next = p.next.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
