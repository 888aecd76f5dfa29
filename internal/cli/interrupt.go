package cli

import (
	"context"
	"errors"
	"os"
)

// errInterrupted ends a command that was told to stop.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that ends with the first signal to stop. A second one ends the process at once.
func (p *Process) interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	done := ctx.Done()
	signals := make(chan os.Signal, 2)
	p.Notify(signals)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-done:
			return
		}
		<-signals
		p.Exit(exitFailed)
	}()
	return ctx, cancel
}
