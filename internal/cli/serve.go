package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/internal/config"
	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/server"
)

const serveLong = `Serve queues to any SQS client, until SIGINT or SIGTERM. A second signal does not wait for anything.

When the server is ready, it prints on stdout where it listens, where its data is, and two commands to try. Logs go to
stderr. GET /livez, /readyz and /health say how it is.

With --queues, the queues of a YAML file are created, or changed to be as it says, before the server is ready, and again
on SIGHUP. --queues-check prints what that would do, and serves nothing.

Every flag can be set by a variable, too: --log-level by BUFEO_LOG_LEVEL. A flag beats its variable.`

const serveExample = `  bufeo serve
  bufeo serve --listen 127.0.0.1:0 --data /var/lib/bufeo
  bufeo serve --queues queues.yaml
  bufeo serve --queues queues.yaml --queues-check
  BUFEO_LOG_FORMAT=json bufeo serve --public-url https://sqs.example.org`

func newServe(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the server",
		Long:    serveLong,
		Example: serveExample,
		Args:    noArguments,
	}
	flag := addOptions(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(flag, p.Getenv)
		if err != nil {
			return err
		}
		if c.QueuesCheck {
			return p.checkQueues(cmd.Context(), c)
		}
		return p.serve(cmd.Context(), c)
	}
	return cmd
}

func (p *Process) serve(ctx context.Context, c *config.Config) error {
	log := obs.NewLogger(p.Stderr, c.LogLevel, c.LogFormat)
	warnOfMisspelt(p.Environ, log)
	c.Server.Log = log
	if c.Server.MemoryLimit == 0 {
		c.Server.MemoryLimit = memory.Available(os.DirFS("/"))
	}
	tuneMemory(memory.Split(c.Server.MemoryLimit), p.Getenv)
	srv, err := server.New(&c.Server)
	if err != nil {
		return err
	}
	tuneProcessors(p.Getenv) // after New, which divides what it has by the processors that there are
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	ctx, cancel := p.untilSignal(ctx, log)
	defer cancel()
	p.reloadOnSignal(ctx, c, srv, log)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	case <-srv.Ready():
		log.Info("ready", obs.KeyAddress, l.Addr().String(), obs.KeyData, c.Server.DataDir,
			obs.KeyVersion, obs.ThisBuild().Version)
		io.WriteString(p.Stdout, banner(l.Addr(), c))
		select {
		case err = <-served: // it can no longer accept connections
			served <- err
		case <-ctx.Done():
		}
	}

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()
	if err := errors.Join(srv.Shutdown(grace), <-served); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

func warnOfMisspelt(environ []string, log *slog.Logger) {
	found := config.MisspeltVariables(environ)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		log.Warn("unknown variable is ignored", "variable", name, obs.KeyHint, "did you mean "+found[name]+"?")
	}
}
