package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/sqs"
)

// client reaches the service that flags, environment and profile name. Making one sends nothing.
type client struct {
	p *Process
	printer
	endpoint string // that was named; "" if none was
	aws      bool   // --aws
	region   string // that was set; "" if none was
	flag     string // --region, which a URL or an ARN must not contradict
	keys     keys   // that were found
	options  []func(*sqs.Options)
}

func (t *target) client() (*client, error) {
	getenv := t.p.Getenv
	pr, err := t.p.readProfile(t.profile)
	if err != nil {
		return nil, err
	}
	c := &client{p: t.p, printer: t.printer(), aws: bool(*t.aws), flag: t.region}
	if c.endpoint, err = t.namedEndpoint(t.rungs(getenv, pr)); err != nil {
		return nil, err
	}
	c.region = firstOf(getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION"), pr.region)
	if u, _ := url.Parse(c.endpoint); c.endpoint != "" && isAmazon(u.Hostname()) {
		c.region = firstOf(regionOf(u.Hostname()), c.region)
	} else if !c.aws {
		c.region = firstOf(getenv("BUFEO_REGION"), c.region)
	}
	c.region = firstOf(t.region, c.region)

	k := firstKeys(keys{getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")}, pr.keys)
	if t.profile != "" { // who names a profile means its keys, too
		k = firstKeys(pr.keys, k)
	}
	if c.keys = k; k.id != "" {
		c.options = append(c.options, sqs.WithCredentials(k.id, k.secret, k.token))
	}
	if n, err := strconv.Atoi(getenv("AWS_MAX_ATTEMPTS")); err == nil {
		c.options = append(c.options, sqs.WithMaxAttempts(n))
	}
	if t.protocol.value == "query" {
		c.options = append(c.options, sqs.WithProtocol(sqs.ProtocolQuery))
	}
	c.options = append(c.options, sqs.WithMessageClass(sqs.RawMessage{}))
	return c, nil
}

// connection is for what concerns no queue, or one that has no URL yet.
func (c *client) connection() (*sqs.Connection, error) {
	switch {
	case c.endpoint != "":
		return c.connect(c.endpoint, c.region)
	case !c.aws:
		return c.connect(localServer, c.region)
	case c.region == "":
		return nil, &usageError{"--aws wants a region", "name it with --region (AWS_REGION), as in --region eu-west-1"}
	}
	return c.connect("", c.region)
}

// connect is for one endpoint and region; "" is Amazon's endpoint for the region, or the default region.
func (c *client) connect(endpoint, region string) (*sqs.Connection, error) {
	options := append(c.options[:len(c.options):len(c.options)], sqs.WithEndpoint(endpoint), sqs.WithRegion(region))
	if u, _ := url.Parse(endpoint); endpoint != "" && !isAmazon(u.Hostname()) {
		// Services of other people's make do with any keys, but some want to see some.
		options = append([]func(*sqs.Options){sqs.WithCredentials("bufeo", "bufeo", "")}, options...)
	}
	return sqs.New(options...)
}

// queue finds a queue by its name, URL or ARN.
//
// Only the path of a URL counts if an endpoint was named, as in the rest of the library. If none was, the URL names it,
// Amazon's only with --aws. An ARN names the region.
func (c *client) queue(ctx context.Context, arg string) (*sqs.Queue, error) {
	switch {
	case strings.Contains(arg, "://"):
		return c.queueOfURL(arg)
	case strings.HasPrefix(arg, "arn:"):
		return c.queueOfARN(ctx, arg)
	}
	conn, err := c.connection()
	if err != nil {
		return nil, err
	}
	return conn.Queue(ctx, arg)
}

func (c *client) queueOfURL(text string) (*sqs.Queue, error) {
	u, err := baseURL(text)
	if err != nil || strings.Count(strings.Trim(u.Path, "/"), "/") != 1 {
		return nil, &usageError{fmt.Sprintf("%q is not the URL of a queue", text), "`bufeo queue list` shows the URLs"}
	}
	amazon, region := isAmazon(u.Hostname()), regionOf(u.Hostname())
	switch {
	case c.endpoint != "":
		conn, err := c.connection()
		if err != nil {
			return nil, err
		}
		return conn.QueueFromURL(text), nil
	case amazon && !c.aws:
		return nil, &usageError{text + " is a queue of Amazon SQS", "add --aws if you mean that one"}
	case !amazon && c.aws:
		return nil, &usageError{text + " is no queue of Amazon SQS", "leave --aws out"}
	case c.contradicts(region):
		return nil, &usageError{text + " is in another region than --region " + c.flag, "leave --region out"}
	}
	conn, err := c.connect(u.Scheme+"://"+u.Host, firstOf(region, c.region))
	if err != nil {
		return nil, err
	}
	return conn.QueueFromURL(text), nil
}

func (c *client) queueOfARN(ctx context.Context, arn string) (*sqs.Queue, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[2] != "sqs" || parts[3] == "" || parts[5] == "" {
		return nil, &usageError{fmt.Sprintf("%q is not the ARN of a queue", arn), "it looks like arn:aws:sqs:us-east-1:000000000000:name"}
	}
	region, account, name := parts[3], parts[4], parts[5]
	if c.contradicts(region) {
		return nil, &usageError{arn + " is in another region than --region " + c.flag, "leave --region out"}
	}
	there := *c
	there.region = region
	conn, err := there.connection()
	if err != nil {
		return nil, err
	}
	return conn.Queue(ctx, name, sqs.WithOwner(account))
}

// besides finds a queue that another one is used with. A name means one at the same place.
func (c *client) besides(ctx context.Context, q *sqs.Queue, arg string) (*sqs.Queue, error) {
	if strings.Contains(arg, ":") {
		return c.queue(ctx, arg)
	}
	return q.Connection().Queue(ctx, arg)
}

// contradicts reports whether a URL or an ARN is in a region that the flag does not name.
func (c *client) contradicts(region string) bool {
	return c.flag != "" && region != "" && region != c.flag
}

// place says where a queue is, for questions and reports.
func place(q *sqs.Queue) string {
	return fmt.Sprintf("queue %s (account %s, region %s) at %s", q.Name(), q.Account(), q.Connection().Region(), q.Connection().Endpoint())
}
