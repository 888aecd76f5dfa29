package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// errDeclined ends a command whose question was not answered with yes.
var errDeclined = errors.New("nothing was done")

func addYes(flags *pflag.FlagSet) *toggle {
	return addToggle(flags, "yes", "y", "do it without asking; needed where nobody can be asked")
}

// confirm stands before everything that destroys: it says on stderr what is about to happen ("deletes all messages of"),
// and to which queue where. On a terminal it asks; elsewhere only --yes goes on.
func (p *Process) confirm(what string, q *sqs.Queue, yes bool) error {
	return p.confirmText("this "+what+" "+place(q), yes)
}

func (p *Process) confirmText(text string, yes bool) error {
	fmt.Fprintf(p.Stderr, "bufeo: %s\n", text)
	if yes {
		return nil
	}
	if !p.Terminal(p.Stdin) || !p.Terminal(p.Stderr) {
		return &usageError{"there is no terminal to ask on, so nothing was done", "add --yes to do it without being asked"}
	}
	fmt.Fprint(p.Stderr, "Go on? [y/N] ")
	answer, err := bufio.NewReader(p.Stdin).ReadString('\n')
	if err != nil {
		fmt.Fprintln(p.Stderr)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}
