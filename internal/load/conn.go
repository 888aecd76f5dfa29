package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// conn is one keep-alive connection with at most one request under way.
type conn struct {
	net.Conn
	in     *responseReader
	forget func() bool // no longer ends with the context
}

// dial connects. Requests fail after deadline, which is set once because a timer for each request shows in the profile,
// and as soon as ctx ends.
func dial(ctx context.Context, t *Target, deadline time.Time) (*conn, error) {
	// 10 s: a listener on the same machine that takes longer is not one to measure.
	d := net.Dialer{Timeout: 10 * time.Second}
	c, err := d.DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return nil, err
	}
	if t.TLS != nil {
		secure := tls.Client(c, t.TLS)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c = secure
	}
	if err := c.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	forget := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // fails only if c is closed
	return &conn{Conn: c, in: newResponseReader(c), forget: forget}, nil
}

// do writes a whole request and reads its answer.
func (c *conn) do(request []byte) (Response, error) {
	if _, err := c.Write(request); err != nil {
		return Response{}, fmt.Errorf("write: %w", err)
	}
	resp, err := c.in.read()
	if err != nil {
		return resp, fmt.Errorf("read: %w", err)
	}
	return resp, nil
}

// client is a worker's side of a Target: it connects when needed and counts what it did. Not for concurrent use.
type client struct {
	target   *Target
	conn     *conn
	deadline time.Time // of each connection made
	requests int
	signed   []byte // the last request, if they are signed
}

// statusError is an answer other than 200. The connection is still good after it.
type statusError struct {
	action Action
	status int
	body   []byte
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s: status %d: %.300s", e.action, e.status, e.body)
}

// connect makes sure that there is a connection.
func (c *client) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	var err error
	c.conn, err = dial(ctx, c.target, c.deadline)
	return err
}

// do sends one request and returns the body of an answer with status 200, valid until the next call.
func (c *client) do(ctx context.Context, a Action, request []byte) ([]byte, error) {
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	if s := c.target.Signer; s != nil {
		var err error
		if c.signed, err = s.sign(ctx, c.signed[:0], request, time.Now()); err != nil {
			return nil, err
		}
		request = c.signed
	}
	c.requests++
	resp, err := c.conn.do(request)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if resp.Close {
		c.close()
	}
	if resp.Status != 200 {
		return nil, &statusError{action: a, status: resp.Status, body: append([]byte(nil), resp.Body...)}
	}
	return resp.Body, nil
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.forget()
		_ = c.conn.Close() // nothing is lost by a failed close: every answer was read
		c.conn = nil
	}
}
