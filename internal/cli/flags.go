package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/internal/config"
)

// given collects what the command line says about one option. What it means is decided in package config, together
// with the environment.
type given struct {
	option *config.Option
	values []string
}

var _ pflag.Value = (*given)(nil)

// String is the default: pflag asks for it before any value is set.
func (g *given) String() string {
	if len(g.values) == 0 {
		return g.option.Default
	}
	return strings.Join(g.values, ",")
}

// Set takes one more value; the last one counts where an option has only one.
func (g *given) Set(v string) error {
	g.values = append(g.values, v)
	return nil
}

// Type is how help texts name the value.
func (g *given) Type() string {
	if g.option.Switch() {
		return "bool"
	}
	return g.option.Value
}

// addOptions declares a flag for every row of the table, and returns what looks up their values.
func addOptions(flags *pflag.FlagSet) func(name string) []string {
	all := map[string]*given{}
	for i := range config.Options {
		o := &config.Options[i]
		g := &given{option: o}
		all[o.Name] = g
		f := flags.VarPF(g, o.Name, "", o.Help)
		if o.Switch() {
			f.NoOptDefVal = "true"
		}
	}
	flags.SortFlags = false
	return func(name string) []string { return all[name].values }
}

// toggle is a flag that needs no value. It is a Bool of pflag without the "[=true|false]" in help texts.
type toggle bool

var _ pflag.Value = (*toggle)(nil)

func addToggle(flags *pflag.FlagSet, name, short, help string) *toggle {
	t := new(toggle)
	flags.VarPF(t, name, short, help).NoOptDefVal = "true"
	return t
}

func (t *toggle) String() string { return strconv.FormatBool(bool(*t)) }

// Set takes what strconv.ParseBool takes.
func (t *toggle) Set(v string) error {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return errors.New("want true or false")
	}
	*t = toggle(b)
	return nil
}

// Type is what cobra looks for in its flag --help.
func (t *toggle) Type() string { return "bool" }
