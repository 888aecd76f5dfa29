package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// Target is an endpoint under load. Its methods are the few calls that set a run up and check it afterwards; each has a
// connection of its own. Safe for concurrent use.
type Target struct {
	Addr     string // host:port that is connected to, whatever the URLs of its queues say
	Protocol Protocol

	// Not required.
	Host   string      // as requests name it; Addr if empty
	Path   string      // of requests that are not for a queue's own path; "/" if empty
	TLS    *tls.Config // nil: plain HTTP
	Header string      // lines, each with its line end, that go with every request as they are
	Signer *Signer     // signs each request; nil: none is signed, which is what is measured at full speed
}

// NewTarget returns the target that an endpoint's URL names.
func NewTarget(endpoint string, p Protocol) (*Target, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no http:// or https:// URL of an endpoint", endpoint)
	}
	t := &Target{Addr: u.Host, Host: u.Host, Path: u.EscapedPath(), Protocol: p}
	if u.Scheme == "https" {
		t.TLS = &tls.Config{ServerName: u.Hostname()}
	}
	if u.Port() == "" {
		t.Addr = net.JoinHostPort(u.Hostname(), u.Scheme) // the name of the scheme is that of its port
	}
	return t, nil
}

// controlTimeout bounds one set-up or checking call. 30 s: counting a deep queue is exact in some servers and slow.
const controlTimeout = 30 * time.Second

func (t *Target) call(ctx context.Context, c *Call) ([]byte, error) {
	cl := client{target: t, deadline: time.Now().Add(controlTimeout)}
	defer cl.close()
	return cl.do(ctx, c.Action, t.Protocol.Append(nil, t, c))
}

// CreateQueue returns the URL of a queue whose messages stay in flight for an hour once received. A name that ends in
// .fifo makes a FIFO queue.
func (t *Target) CreateQueue(ctx context.Context, name string) (queueURL string, err error) {
	answer, err := t.call(ctx, &Call{Action: CreateQueue, QueueName: name})
	if err != nil {
		return "", err
	}
	return t.Protocol.QueueURL(answer)
}

// DeleteQueue deletes it with all that is in it.
func (t *Target) DeleteQueue(ctx context.Context, queueURL string) error {
	_, err := t.call(ctx, &Call{Action: DeleteQueue, QueueURL: queueURL})
	return err
}

// Counts are the messages of a queue.
type Counts struct{ Visible, InFlight, Delayed int }

// Counts asks for them. Some servers know nothing of messages in flight or delayed; those count as none.
func (t *Target) Counts(ctx context.Context, queueURL string) (Counts, error) {
	answer, err := t.call(ctx, &Call{Action: GetQueueAttributes, QueueURL: queueURL})
	if err != nil {
		return Counts{}, err
	}
	visible, err1 := t.Protocol.Attribute(attrVisible, answer)
	inFlight, err2 := optional(t.Protocol.Attribute(attrInFlight, answer))
	delayed, err3 := optional(t.Protocol.Attribute(attrDelayed, answer))
	return Counts{visible, inFlight, delayed}, errors.Join(err1, err2, err3)
}

func optional(n int, err error) (int, error) {
	if errors.Is(err, errNoAttribute) {
		return 0, nil
	}
	return n, err
}

// Stored is the number of messages in the queue: visible, in flight and delayed.
func (t *Target) Stored(ctx context.Context, queueURL string) (int, error) {
	c, err := t.Counts(ctx, queueURL)
	return c.Visible + c.InFlight + c.Delayed, err
}
