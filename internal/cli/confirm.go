package cli

import (
	"bufio"
	"context"
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
func (p *Process) confirm(ctx context.Context, what string, q *sqs.Queue, yes bool) error {
	fmt.Fprintf(p.Stderr, "bufeo: this %s %s\n", what, place(q))
	if yes {
		return nil
	}
	if !p.Terminal(p.Stdin) || !p.Terminal(p.Stderr) {
		return &usageError{"there is no terminal to ask on, so nothing was done", "add --yes to do it without being asked"}
	}
	fmt.Fprint(p.Stderr, "Go on? [y/N] ")
	answers := make(chan string, 1)
	go func() { // a read of a terminal cannot be interrupted
		answer, err := bufio.NewReader(p.Stdin).ReadString('\n')
		if err != nil {
			fmt.Fprintln(p.Stderr)
		}
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.Stderr)
		return ctx.Err()
	case a := <-answers:
		if a == "y" || a == "yes" {
			return nil
		}
	}
	return errDeclined
}
