package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/internal/config"
)

// usageError is a command line that cannot be understood.
type usageError struct {
	text, hint string
}

func (e *usageError) Error() string { return e.text }

// asUsage gives an error of cobra, which has no type, ours.
func asUsage(err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	return &usageError{err.Error(), "`bufeo help` lists the commands"}
}

// flagError explains why flags were not understood, and guesses what was meant. Cobra guesses for commands only.
func flagError(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf("`bufeo help%s` lists the flags", strings.TrimPrefix(cmd.CommandPath(), "bufeo"))
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return &usageError{err.Error(), hint}
	}
	name, dashes := unknown.GetSpecifiedName(), "--"
	if s := unknown.GetSpecifiedShortnames(); s != "" {
		name, dashes = s, "-"
	}
	text := "unknown flag " + dashes + name
	if sub := subcommandWith(cmd, name); sub != "" {
		return &usageError{text, fmt.Sprintf("it belongs to another command: `bufeo %s --%s`", sub, name)}
	}
	if near := config.Nearest(name, flagNames(cmd)); near != "" {
		text += "; did you mean --" + near + "?"
	}
	return &usageError{text, hint}
}

// subcommandWith finds the command that a flag was meant for.
func subcommandWith(cmd *cobra.Command, flag string) string {
	for _, c := range cmd.Commands() {
		if c.Flags().Lookup(flag) != nil {
			return c.Name()
		}
	}
	return ""
}

func flagNames(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// noCommand refuses arguments of the root command: they are commands that do not exist.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	if near := config.Nearest(args[0], commandNames(cmd)); near != "" {
		text += fmt.Sprintf("; did you mean `%s %s`?", cmd.CommandPath(), near)
	}
	return &usageError{text, fmt.Sprintf("`bufeo help%s` lists the commands", strings.TrimPrefix(cmd.CommandPath(), "bufeo"))}
}

func commandNames(cmd *cobra.Command) (names []string) {
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// noArguments refuses arguments of a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{
		fmt.Sprintf("%s takes flags only, but was given %q", cmd.Name(), args[0]),
		fmt.Sprintf("`bufeo help %s` lists them", cmd.Name()),
	}
}
