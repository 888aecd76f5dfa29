package cli

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/sqs"
)

const completionLong = `Print the completion of commands, flags and the names of queues for a shell.

bash:        source <(bufeo completion bash)
zsh:         source <(bufeo completion zsh)
fish:        bufeo completion fish | source
powershell:  bufeo completion powershell | Out-String | Invoke-Expression

To have it in every session, put the line into ~/.bashrc, ~/.zshrc (after compinit), ~/.config/fish/config.fish or
$PROFILE. In bash it needs the package bash-completion. The names of queues come from where the command that is being typed
would work.`

// scripts are the shells that cobra can write for.
var scripts = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"zsh":        (*cobra.Command).GenZshCompletion,
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
}

func newCompletion(p *Process) *cobra.Command {
	shells := slices.Sorted(maps.Keys(scripts))
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print the completion for bash, zsh, fish or powershell",
		Long:      completionLong,
		Example:   "  source <(bufeo completion bash)\n  bufeo completion zsh > \"${fpath[1]}/_bufeo\"",
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || scripts[args[0]] == nil {
				return &usageError{"completion wants the name of a shell: " + strings.Join(shells, ", "), "`bufeo help completion` shows how to use it"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return scripts[args[0]](cmd.Root(), p.Stdout) },
	}
}

// patience is how long somebody who has typed Tab waits for the names of queues.
const patience = 2 * time.Second

// completed is what shells want: names, and what else they may offer.
type completed = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// queueNames completes an argument that is a queue, the first one or, with all, each. What goes wrong is nobody's business
// in the middle of a command line: there are no names then.
func (t *target) queueNames(all bool) completed {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 && !all {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return t.queuesLike(cmd.Context(), typed), cobra.ShellCompDirectiveNoFileComp
	}
}

func (t *target) queuesLike(ctx context.Context, typed string) (names []string) {
	c, err := t.client()
	if err != nil {
		return nil
	}
	c.options = append(c.options, sqs.WithMaxAttempts(1))
	conn, err := c.connection()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for q, err := range conn.Queues(ctx, typed) {
		if err != nil {
			return nil
		}
		names = append(names, q.Name())
	}
	return names
}

// complete has shells offer what a command and its flags take. nil is nothing.
func (t *target) complete(cmd *cobra.Command, arguments completed) {
	if cmd.ValidArgsFunction = arguments; arguments == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	flags := cmd.Flags()
	complete := func(name string, f completed) {
		if flags.Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, f) // which fails for flags that do not exist
		}
	}
	words := func(words ...string) completed {
		return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return startingWith(typed, words), cobra.ShellCompDirectiveNoFileComp
		}
	}
	for _, name := range []string{"output", "protocol", "class", "format", "progress", "to-protocol"} {
		if f := flags.Lookup(name); f != nil {
			complete(name, words(f.Value.(*oneOf).words...))
		}
	}
	for _, name := range []string{"dead-letter", "to"} {
		complete(name, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return t.queuesLike(cmd.Context(), typed), cobra.ShellCompDirectiveNoFileComp
		})
	}
	var regions []string
	for _, r := range sqs.Regions() {
		regions = append(regions, r.Name)
	}
	complete("region", words(regions...))
	complete("to-region", words(regions...))
	complete("profile", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return startingWith(typed, t.p.profiles()), cobra.ShellCompDirectiveNoFileComp
	})
	for _, name := range []string{
		"endpoint-url", "attribute", "tag", "group", "dedup-id", "delay", "wait", "visibility", "max", "count", "for", "rate",
		"filter", "filter-attribute", "edit", "separator", "limit", "to-endpoint-url", "batch", "connections", "size", "duration",
		"warm-up", "backlog", "groups", "server-pid", "min",
	} {
		complete(name, words())
	}
}

func startingWith(typed string, words []string) (some []string) {
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			some = append(some, w)
		}
	}
	return some
}

// profiles are the names in ~/.aws/config.
func (p *Process) profiles() (names []string) {
	config, err := p.awsFile("AWS_CONFIG_FILE", "config")
	if err != nil {
		return nil
	}
	for _, s := range config.SectionStrings() {
		if name, ok := strings.CutPrefix(s, "profile "); ok || s == "default" {
			names = append(names, name)
		}
	}
	return names
}
