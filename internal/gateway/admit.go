package gateway

import (
	"io"
	"net/http"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/room"
)

// A request that cannot be served now is refused from its headers, before its body is read: that is when refusing is
// cheap. In JSON the action is a header. In Query it may be in the body only; there the length tells sends that are longer
// than anything else, and what is shorter costs little to read.

// guess is the rank of a Query request whose body was not read yet.
func (x *exchange) guess() room.Rank {
	if action, ok := x.params.Lookup("Action"); ok {
		return rankOf(action)
	}
	if x.r.ContentLength > urgentForm {
		return sending
	}
	return urgent
}

// admit waits until there is memory for the body, and a place if it is a send; or it refuses the request.
func (x *exchange) admit() (err error) {
	if x.rank == sending {
		err = x.service.AdmitSend()
	}
	if err == nil {
		err = x.pay(x.firstSize())
	}
	if err == nil {
		err = x.enter()
	}
	x.unread = err != nil && x.r.ContentLength != 0
	return err
}

// maxDrains bounds how many bodies are thrown away at a time: each takes a buffer of 8 KiB of package io.
const maxDrains = 128

// drainTime is how long what is left of a refused request may take to arrive, so that its connection is good for another.
const drainTime = 3 * time.Second

// decline answers before the body has arrived. Clients that send all before they read see the answer best when what they
// send goes somewhere, and keep their connection then; so the body is read and thrown away for a moment. A client that
// waits for "100 Continue" has not sent it, and net/http closes the connection.
func (x *exchange) decline(e *api.Error) {
	drain := x.r.Header.Get("Expect") == "" && x.r.ContentLength <= int64(x.o.MaxBody)
	if drain {
		select {
		case x.drains <- struct{}{}:
			defer func() { <-x.drains }()
		default:
			drain = false
		}
	}
	drain = x.control.EnableFullDuplex() == nil && drain
	if !drain {
		x.w.Header().Set("Connection", "close")
	}
	x.sendError(e)
	x.control.Flush() //nolint:errcheck // the client is gone then
	if !drain {
		x.control.SetReadDeadline(time.Now()) // net/http would wait for it
		return
	}
	x.control.SetReadDeadline(time.Now().Add(drainTime))
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(nil, x.r.Body, int64(x.o.MaxBody))); err != nil {
		// In full duplex, net/http would take what comes next for another request, if it is less than 256 KiB.
		panic(http.ErrAbortHandler)
	}
	x.control.SetReadDeadline(time.Time{})
}
