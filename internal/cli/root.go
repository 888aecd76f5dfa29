package cli

import (
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/internal/obs"
)

const rootLong = `bufeo is a message queue that speaks the protocols of Amazon SQS: any SQS client works with it unchanged.

"bufeo serve" is the server. The other commands are clients, of bufeo, of Amazon SQS and of whatever else speaks its
protocols; "bufeo help queue" says where they work.

Exit codes: 0 done, 1 failed, 2 wrong command line or nobody to ask: nothing was done, 70 the store of serve failed.`

// newRoot is the command table.
func newRoot(p *Process) *cobra.Command {
	root := &cobra.Command{
		Use:           "bufeo",
		Short:         "A message queue that speaks Amazon SQS",
		Long:          rootLong,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       obs.ThisBuild().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		// There is a command of ours, whose help says what ours says.
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetArgs(p.Args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(versionLine(obs.ThisBuild()) + "\n")
	help := newHelp()
	root.SetHelpCommand(help)
	root.AddCommand(newBench(p), newCompletion(p), newCopy(p), newDump(p), newLoad(p), newMessage(p), newQueue(p), newReceive(p), newRedrive(p),
		newSave(p), newSend(p), newServe(p), newVersion(p))
	addToggle(root.Flags(), "version", "", "say which bufeo this is")
	root.AddCommand(help) // before its flag is added
	for c := range commands(root) {
		addToggle(c.Flags(), "help", "h", "describe the command")
	}
	return root
}

// commands yields a command and all below it.
func commands(c *cobra.Command) iter.Seq[*cobra.Command] {
	return func(yield func(*cobra.Command) bool) {
		if !yield(c) {
			return
		}
		for _, sub := range c.Commands() {
			for c := range commands(sub) {
				if !yield(c) {
					return
				}
			}
		}
	}
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Describe a command and its flags",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return noCommand(topic, rest)
			}
			return topic.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, c := range topic.Commands() {
				if strings.HasPrefix(c.Name(), typed) && c.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
