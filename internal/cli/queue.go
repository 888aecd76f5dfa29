package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const queueLong = `Make, list, look at, change and delete queues, on any service that speaks SQS.

A queue is given as its name, its URL or its ARN. The service is the first of these that is set: --endpoint-url,
BUFEO_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, the endpoint_url of the profile (--profile, AWS_PROFILE); if
none is, the host of the queue's URL, or else a bufeo on this machine, http://127.0.0.1:9324. Amazon SQS is reached with
--aws, or if one of these names it.`

func newQueue(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queue",
		Short: "Make, list, look at, change and delete queues",
		Long:  queueLong,
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newQueueCreate(p), newQueueDelete(p), newQueueExport(p), newQueueList(p), newQueuePurge(p), newQueueSet(p),
		newQueueShow(p), newQueueTag(p), newQueueUntag(p))
	return cmd
}

// arguments checks how many there are; names say what each is for, as in the usage line.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := fmt.Sprintf("usage: %s", cmd.UseLine())
		path := strings.TrimPrefix(cmd.CommandPath(), "bufeo ")
		switch {
		case len(args) < least && least == 1:
			return &usageError{path + " wants the queue: its name, URL or ARN", hint}
		case len(args) < least:
			return &usageError{fmt.Sprintf("%s wants %d arguments or more, was given %d", path, least, len(args)), hint}
		case most >= 0 && len(args) > most:
			return &usageError{fmt.Sprintf("%s does not know what %q is for", path, args[most]), hint}
		}
		return nil
	}
}

// queueNamed is a queue in lists and as the answer to its creation.
type queueNamed struct {
	QueueName string `json:"QueueName"`
	QueueURL  string `json:"QueueUrl"`
}

// pairs reads NAME=VALUE, of a flag that can be repeated or of arguments.
func pairs(flag string, given []string) (map[string]string, error) {
	all := map[string]string{}
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok || name == "" {
			return nil, &usageError{fmt.Sprintf("%s is %q, want NAME=VALUE", flag, g), "one pair for each, as in NAME=VALUE; quote values with spaces"}
		}
		all[name] = value
	}
	return all, nil
}
