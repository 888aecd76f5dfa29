package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/bufeomq/bufeo/internal/obs"
)

// untilSignal returns a context that ends with the first signal to stop. A second one ends the process at once:
// whoever asks twice does not want to wait, and nothing that was answered is lost by it.
func (p *Process) untilSignal(parent context.Context, log *slog.Logger) (ctx context.Context, cancel context.CancelFunc) {
	ctx, cancel = context.WithCancel(parent)
	done := ctx.Done()
	signals := make(chan os.Signal, 2) // two, since the second one must not get lost
	p.Notify(signals)
	go func() {
		select {
		case s := <-signals:
			log.Info("stopping: finishing what was begun", obs.KeySignal, s.String())
			cancel()
		case <-done:
		}
		s := <-signals
		fmt.Fprintf(p.Stderr, "bufeo: %s while stopping, exiting at once\n", s)
		p.Exit(exitFailed)
	}()
	return ctx, cancel
}
