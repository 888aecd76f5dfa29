package sqs

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// call performs one action: encode once, attempt as often as the retryer allows, decode. path is that of the queue's
// URL, "" for actions of the service. The error is an *Error when the server refused, and names the action always.
func call[In, Out any](ctx context.Context, c *Connection, action api.Action[In, Out], path string, in *In) (*Out, error) {
	return callWatched(ctx, c, action, path, in, func(error) {})
}

// callWatched is call with a look at each attempt: what the last one says may not be true of those before it.
func callWatched[In, Out any](
	ctx context.Context, c *Connection, action api.Action[In, Out], path string, in *In, watch func(error),
) (*Out, error) {
	r := c.newRequest(action.Name, path, in)
	var out *Out
	err := c.attempts(ctx, func(ctx context.Context) error {
		answer, err := c.send(ctx, r)
		if err == nil {
			out = new(Out)
			err = answer.decode(out)
		}
		watch(err)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sqs: %s: %w", action.Name, err)
	}
	return out, nil
}

// newRequest puts an action into the connection's protocol. JSON requests go to the service's address and name the
// queue inside; Query requests go to the queue's path, on the connection's host (boto ignored the host of queue URLs
// too, which is what makes one connection work through tunnels and proxies).
func (c *Connection) newRequest(action, path string, in any) *request {
	r := &request{action: action, url: *c.base}
	r.url.Path += "/"
	if c.options.Protocol == ProtocolQuery {
		if path != "" {
			r.url.Path = joinPath(c.base.Path, path)
		}
		r.contentType = "application/x-www-form-urlencoded; charset=utf-8"
		r.body = encoded(func(b []byte) []byte { return wire.AppendQuery(b, action, in) })
	} else {
		r.contentType = "application/x-amz-json-1.0"
		r.target = api.TargetPrefix + action
		r.body = encoded(func(b []byte) []byte { return wire.AppendJSON(b, in) })
	}
	return r
}

// encoded returns what encode appends, in a slice of its length: the transport may read a body after the answer has come,
// so only the buffer in which it grew can be used again.
func encoded(encode func([]byte) []byte) []byte {
	const keep = 64 << 10 // a rare long body is not worth keeping its buffer
	buf := encodeBuffers.Get().(*[]byte)
	grown := encode((*buf)[:0])
	body := bytes.Clone(grown)
	if cap(grown) <= keep {
		*buf = grown
	}
	encodeBuffers.Put(buf)
	return body
}

var encodeBuffers = sync.Pool{New: func() any { return new(make([]byte, 0, 1024)) }}

// decode fills out from an answer of 2xx.
func (a *answer) decode(out any) error {
	if _, nothing := out.(*api.None); nothing {
		return nil
	}
	var err error
	if a.query {
		_, err = wire.DecodeXML(a.body, out)
	} else {
		err = wire.DecodeJSONAnswer(a.body, out)
	}
	if err != nil {
		return fmt.Errorf("unreadable answer (status %d, request id %s): %w", a.status, a.requestID, err)
	}
	return nil
}
