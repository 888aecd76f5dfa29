package sqstest

import (
	"log/slog"
	"testing"

	"github.com/bufeomq/bufeo/server"
)

// Options say how a Server behaves. The zero value means the defaults.
type Options struct {
	// Region is that of Config, and of requests that are not signed for another. Default: us-east-1.
	Region string
	// Account is the account id of every queue, 12 digits. Default: 000000000000.
	Account string
	// Log takes the server's records. Default: warnings and errors go to the output of the test.
	Log *slog.Logger
}

func (o Options) withDefaults(t testing.TB) Options {
	if o.Region == "" {
		o.Region = server.DefaultRegion
	}
	if o.Account == "" {
		o.Account = server.DefaultAccount
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	return o
}
