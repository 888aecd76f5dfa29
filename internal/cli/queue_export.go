package cli

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/bufeomq/bufeo/sqs"
)

const queueExportLong = `Write queues down as the YAML file that "bufeo serve --queues" reads: attributes, dead-letter queues and tags, but no
messages. Without QUEUE, all of them.

Region and account are left out, so that the file makes the same queues wherever it is used; --place writes them, too.`

const queueExportExample = `  bufeo queue export > queues.yaml
  bufeo queue export orders orders-dead
  bufeo queue export --aws --region eu-west-1 > queues.yaml && bufeo serve --queues queues.yaml`

func newQueueExport(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export [QUEUE...]",
		Short:   "Write queues as a file for serve --queues",
		Long:    queueExportLong,
		Example: queueExportExample,
	}
	place := addToggle(cmd.Flags(), "place", "", "with the region and account of each queue")
	t := p.addPlace(cmd.Flags())
	t.complete(cmd, t.queueNames(true))
	cmd.RunE = t.run(func(ctx context.Context, c *client, args []string) error {
		queues, err := c.queues(ctx, args)
		if err != nil {
			return err
		}
		all := make([]*yaml.Node, 0, len(queues))
		for _, q := range queues {
			entry, err := export(ctx, q, bool(*place))
			if errors.Is(err, sqs.ErrQueueDoesNotExist) && len(args) == 0 {
				continue // deleted since
			} else if err != nil {
				return err
			}
			all = append(all, entry)
		}
		return writeYAML(p.Stdout, mapping("queues", &yaml.Node{Kind: yaml.SequenceNode, Content: all}))
	})
	return cmd
}

// queues finds the queues that are named, or all.
func (c *client) queues(ctx context.Context, args []string) (all []*sqs.Queue, err error) {
	for _, arg := range args {
		q, err := c.queue(ctx, arg)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	if len(args) > 0 {
		return all, nil
	}
	conn, err := c.connection()
	if err != nil {
		return nil, err
	}
	return conn.AllQueues(ctx, "")
}

// notDeclared are the attributes that say how a queue is and not how it is to be; and what its name says.
var notDeclared = []string{
	sqs.AttributeMessages, sqs.AttributeMessagesDelayed, sqs.AttributeMessagesNotVisible, sqs.AttributeCreatedTimestamp,
	sqs.AttributeLastModifiedTimestamp, sqs.AttributeQueueARN, sqs.AttributeFIFOQueue,
}

// export is the entry of one queue.
func export(ctx context.Context, q *sqs.Queue, place bool) (*yaml.Node, error) {
	as, err := q.Attributes(ctx)
	if err != nil {
		return nil, err
	}
	tags, err := q.Tags(ctx)
	if err != nil {
		return nil, err
	}
	arn := as[sqs.AttributeQueueARN]
	for _, name := range notDeclared {
		delete(as, name)
	}
	entry := mapping("name", text(q.Name()))
	if parts := strings.Split(arn, ":"); place && len(parts) == 6 {
		entry.Content = append(entry.Content, mapping("region", text(parts[3]), "account", text(parts[4])).Content...)
	}
	if dead, ok := besides(arn, as); ok {
		policy, _ := as.RedrivePolicy()
		delete(as, sqs.AttributeRedrivePolicy)
		d := mapping("queue", text(dead), "maxReceiveCount", plain(strconv.Itoa(policy.MaxReceiveCount)))
		d.Style = yaml.FlowStyle
		entry.Content = append(entry.Content, text("deadLetter"), d)
	}
	if len(as) > 0 {
		entry.Content = append(entry.Content, text("attributes"), values(as, func(v string) *yaml.Node {
			if isNumber(v) || v == "true" || v == "false" {
				return plain(v)
			}
			return text(v)
		}))
	}
	if len(tags) > 0 {
		entry.Content = append(entry.Content, text("tags"), values(tags, text))
	}
	return entry, nil
}

func values(all map[string]string, node func(string) *yaml.Node) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m.Content = append(m.Content, text(name), node(all[name]))
	}
	return m
}

// besides returns the dead-letter queue's name if it is in the region and account of the queue, which a file can say in
// its own way.
func besides(arn string, as sqs.Attributes) (name string, ok bool) {
	policy, err := as.RedrivePolicy()
	if err != nil {
		return "", false
	}
	home, _ := cutLast(arn)
	there, name := cutLast(policy.DeadLetterTargetARN)
	return name, there == home
}

// cutLast takes the name off an ARN.
func cutLast(arn string) (before, name string) {
	i := strings.LastIndexByte(arn, ':')
	return arn[:max(i, 0)], arn[i+1:]
}

func isNumber(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && strconv.Itoa(n) == v
}

// mapping makes a YAML mapping of names and nodes.
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range pairs {
		switch p := p.(type) {
		case string:
			m.Content = append(m.Content, text(p))
		case *yaml.Node:
			m.Content = append(m.Content, p)
		}
	}
	return m
}

// text is a string, with quotes where YAML would read something else.
func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// plain is a number or a switch.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

func writeYAML(w io.Writer, n *yaml.Node) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return err
	}
	return e.Close()
}
