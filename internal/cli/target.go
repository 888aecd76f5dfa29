package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// target is what the flags of a client command say about where it works and how it prints.
type target struct {
	p                            *Process
	endpointURL, region, profile string
	aws                          *toggle
	protocol, output             *oneOf
}

// addTarget declares the flags that all client commands have. They come after the command's own.
func (p *Process) addTarget(flags *pflag.FlagSet) *target {
	t := p.addPlace(flags)
	flags.Var(t.output, "output", "print json, table or text (default table on a terminal, else json)")
	return t
}

// addPlace is addTarget for commands that print nothing, or in a form of their own.
func (p *Process) addPlace(flags *pflag.FlagSet) *target {
	flags.SortFlags = false
	t := &target{
		p:        p,
		protocol: &oneOf{value: "json", words: []string{"json", "query"}, kind: "PROTOCOL"},
		output:   &oneOf{words: []string{"json", "table", "text"}, kind: "FORM"},
	}
	flags.StringVar(&t.endpointURL, "endpoint-url", "", "base `URL` of the service; without it, see \"bufeo help queue\"")
	t.aws = addToggle(flags, "aws", "", "allow Amazon SQS itself, in the region that is set")
	flags.StringVar(&t.region, "region", "", "`NAME` of the region (or BUFEO_REGION, AWS_REGION, the profile's; default "+sqs.DefaultRegion+")")
	flags.StringVar(&t.profile, "profile", "", "`NAME` of the profile in ~/.aws/config (or AWS_PROFILE)")
	flags.Var(t.protocol, "protocol", "wire form of requests: json or query")
	return t
}

// clientBody is what a client command does.
type clientBody func(ctx context.Context, c *client, args []string) error

// run makes a command of it: it finds out where to work, sees to Ctrl-C, and explains what a service refuses.
func (t *target) run(body clientBody) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := t.client()
		if err != nil {
			return err
		}
		ctx, stop := t.p.interruptible(cmd.Context())
		defer stop()
		err = body(ctx, c, args)
		if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return errInterrupted
		}
		return c.explain(err)
	}
}
