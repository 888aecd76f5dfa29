package cli

import (
	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/internal/obs"
)

const rootLong = `bufeo is a message queue that speaks the protocols of Amazon SQS: any SQS client works with it unchanged.

Exit codes: 0 done, 1 failed, 2 wrong command line, 70 the store failed.`

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
		// Completion comes with the commands that are worth completing.
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetArgs(p.Args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(versionLine(obs.ThisBuild()) + "\n")
	help := newHelp()
	root.SetHelpCommand(help)
	root.AddCommand(newServe(p), newVersion(p))
	addToggle(root.Flags(), "version", "", "say which bufeo this is")
	for _, c := range append(root.Commands(), root, help) {
		addToggle(c.Flags(), "help", "h", "describe the command")
	}
	return root
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
	}
}
