package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/bufeomq/bufeo/internal/config"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/server"
)

// reloadOnSignal applies the file of queues again on each SIGHUP. Without a file the signal keeps its meaning, and a
// server ends with its terminal.
func (p *Process) reloadOnSignal(ctx context.Context, c *config.Config, srv *server.Server, log *slog.Logger) {
	if c.Server.QueuesFile == "" {
		return
	}
	signals := make(chan os.Signal, 1) // one that is waiting stands for all that follow
	p.Reload(signals)
	go func() {
		select {
		case <-srv.Ready():
		case <-ctx.Done():
		}
		for {
			select {
			case s := <-signals:
				log.Info("reading the file of queues again", "file", c.Server.QueuesFile, obs.KeySignal, s.String())
				logReload(log, srv.ReloadQueues(ctx))
			case <-ctx.Done():
				return
			}
		}
	}()
}

// logReload says why queues are as they were before. Each mistake in the file is a record of its own.
func logReload(log *slog.Logger, err error) {
	if err == nil {
		return
	}
	if mistakes, ok := errors.AsType[server.QueueProblems](err); ok {
		for _, m := range mistakes {
			log.Error("file of queues has a mistake", "file", m.File, "line", m.Line, obs.KeyError, m.Text)
		}
		err = fmt.Errorf("%d mistake(s)", len(mistakes))
	}
	log.Error("file of queues was not applied", obs.KeyError, err.Error(), obs.KeyHint, "mend it and send SIGHUP again")
}

// errDifferent ends --queues-check when there is something to do. It is no failure, so nothing is said about it.
var errDifferent = errors.New("queues are not as declared")

// checkError is a failure of --queues-check.
type checkError struct{ error }

func (e *checkError) Unwrap() error { return e.error }

// checkQueues prints what the file of queues would change in the data folder, or in the server that has it.
func (p *Process) checkQueues(ctx context.Context, c *config.Config) error {
	if c.Server.QueuesFile == "" {
		return &usageError{"--queues-check wants a file to check", "name it with --queues (BUFEO_QUEUES)"}
	}
	c.Server.Log = slog.New(slog.DiscardHandler) // nobody is interested in how a store is opened for a look
	plan, err := server.CheckQueues(ctx, &c.Server, "")
	if errors.Is(err, server.ErrLocked) {
		plan, err = p.checkRunning(ctx, c)
	}
	if err != nil {
		return &checkError{err}
	}
	if _, err := plan.WriteTo(p.Stdout); err != nil {
		return &checkError{err}
	}
	create, change, ok := plan.Count()
	fmt.Fprintf(p.Stderr, "%d to create, %d to change, %d ok\n", create, change, ok)
	if create+change > 0 {
		return errDifferent
	}
	return nil
}

// checkRunning asks the server that has the data folder. It listens where --listen says, if it was started with the same
// options, which is what somebody does who checks a file before SIGHUP.
func (p *Process) checkRunning(ctx context.Context, c *config.Config) (*server.QueuePlan, error) {
	base := "http://" + c.Listen
	if host, port, err := net.SplitHostPort(c.Listen); err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		base = "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	plan, err := server.CheckQueues(ctx, &c.Server, base)
	switch {
	case err == nil:
		fmt.Fprintf(p.Stderr, "%s is in use: compared with the server at %s\n", c.Server.DataDir, base)
	case !errors.Is(err, server.ErrQueues):
		err = &server.Error{
			Text: "the data folder " + c.Server.DataDir + " is in use, and its server cannot be asked at " + base,
			Hint: "give --listen (BUFEO_LISTEN) the address of the running server, or stop it first",
			Err:  err,
		}
	}
	return plan, err
}
