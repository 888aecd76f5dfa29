package cli

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// addTo declares the flags that say where the target of copy is.
func (p *Process) addTo(flags *pflag.FlagSet) *target {
	flags.SortFlags = false
	t := &target{
		p:        p,
		protocol: &oneOf{value: "json", words: []string{"json", "query"}, kind: "PROTOCOL"},
		output:   &oneOf{},
	}
	flags.StringVar(&t.endpointURL, "to-endpoint-url", "", "base `URL` of the target's service")
	t.aws = addToggle(flags, "to-aws", "", "allow Amazon SQS itself as the target")
	flags.StringVar(&t.region, "to-region", "", "`NAME` of the target's region (default "+sqs.DefaultRegion+")")
	flags.StringVar(&t.profile, "to-profile", "", "`NAME` of the target's profile")
	flags.Var(t.protocol, "to-protocol", "wire form of requests to the target: json or query")
	return t
}

// beside reaches the target's service, which is the source's if no flag says otherwise, and explains its errors.
func (t *target) beside(source *client, flags *pflag.FlagSet) (c *client, explain func(error) error, err error) {
	elsewhere := false
	flags.Visit(func(f *pflag.Flag) { elsewhere = elsewhere || strings.HasPrefix(f.Name, "to-") })
	if !elsewhere {
		return source, source.explain, nil
	}
	if c, err = t.client(); err != nil {
		return nil, nil, renamed(err)
	}
	return c, func(err error) error { return renamed(c.explain(err)) }, nil
}

var sourceFlags = strings.NewReplacer("--endpoint-url", "--to-endpoint-url", "--region", "--to-region", "--profile", "--to-profile", "--aws", "--to-aws")

// renamed has errors name the flags that are about the target.
func renamed(err error) error {
	if e, ok := errors.AsType[*usageError](err); ok {
		return &usageError{sourceFlags.Replace(e.text), sourceFlags.Replace(e.hint)}
	}
	if e, ok := errors.AsType[*serviceError](err); ok {
		return &serviceError{e.err, sourceFlags.Replace(e.hint)}
	}
	return err
}
