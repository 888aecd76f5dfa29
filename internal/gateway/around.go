package gateway

import (
	"context"

	"github.com/bufeomq/bufeo/internal/service"
)

// Request is a decoded request on its way to the service.
type Request struct {
	Action string        // as in the table of package api
	Call   *service.Call // who asks, and where
	In     any           // the input: a pointer to a type of package api
}

// Around is called in place of each action; next carries the action out. What Around returns is answered as if the
// service had returned it: outputs of the action's type, and *api.Error in the request's protocol. A panic with
// http.ErrAbortHandler cuts the connection. It is called by many goroutines at once.
//
// Package sqstest injects faults here: above the protocols, so that a fault is one thing in both of them, and below
// everything that a fault must not change, such as request ids and limits.
type Around func(ctx context.Context, r *Request, next func() (out any, err error)) (any, error)
