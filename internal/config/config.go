package config

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/server"
)

// Config is everything that `bufeo serve` can be told.
type Config struct {
	Server          server.Options
	Listen          string // host:port
	ShutdownTimeout time.Duration
	QueuesCheck     bool // compare Server.QueuesFile with what there is, instead of serving
	LogLevel        slog.Level
	LogFormat       obs.Format
}

// Error is a value that an option does not take.
type Error struct {
	Source  string // flag or variable, as the user wrote it
	Value   string
	Allowed string // what it takes
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s is %q, want %s", e.Source, e.Value, e.Allowed)
}

// Load makes a configuration. flag returns the values given for an option on the command line, none if it was not
// there; getenv is os.Getenv, and an empty variable counts as none.
func Load(flag func(name string) []string, getenv func(string) string) (*Config, error) {
	c := &Config{}
	for i := range Options {
		o := &Options[i]
		values, source := o.find(flag, getenv)
		for _, v := range values {
			if !o.set(c, v) {
				return nil, &Error{Source: source, Value: v, Allowed: o.Allowed}
			}
		}
	}
	return c, nil
}

// find returns the values of an option and where they come from.
func (o *Option) find(flag func(string) []string, getenv func(string) string) (values []string, source string) {
	if vs := flag(o.Name); len(vs) > 0 {
		return vs, "--" + o.Name
	}
	if v := getenv(o.Env()); v != "" {
		return []string{v}, o.Env()
	}
	if o.Default == "" {
		return nil, ""
	}
	return []string{o.Default}, "default of --" + o.Name
}
