package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/internal/wire"
)

// xmlType is the content type of every answer in Query, but for those of peek to clients that want JSON. The JSON
// rendition that AWS has of all actions, for Accept: application/json, is not built: no SDK asks for it.
const xmlType = "text/xml"

// noAction is the whole answer to a Query request without Action, whatever it accepts (recorded).
const noAction = "<UnknownOperationException/>"

// answers are the buffers that answers are encoded into.
var answers = sync.Pool{New: func() any { return new([]byte) }}

// succeed writes the output of an action. Those without one have no body in JSON.
func (x *exchange) succeed(rt *route, out any) {
	x.send(http.StatusOK, func(dst []byte) []byte {
		if x.protocol == api.JSON {
			return wire.AppendJSON(dst, out)
		}
		return wire.AppendXML(dst, rt.name, out, x.id)
	})
	x.trace(http.StatusOK, "")
}

// fail writes an error, and logs it when it is the server's.
func (x *exchange) fail(err error) {
	if err == errNoAction {
		x.send(http.StatusNotFound, func(dst []byte) []byte { return append(dst, noAction...) })
		x.trace(http.StatusNotFound, "NoAction")
		return
	}
	e := x.fault(err)
	if !e.Kind.Sender() && x.r.Context().Err() == nil {
		x.faults.report(x, e)
	}
	if x.unread {
		x.decline(e)
	} else {
		x.sendError(e)
	}
	x.trace(e.Kind.Status, e.Kind.Name())
}

// fault turns any error into one of the catalogue. The end of the request's context is most often a client that left:
// then nobody reads the answer, and it is nobody's fault.
func (x *exchange) fault(err error) *api.Error {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return api.ServiceUnavailable.Wrap(err, "The request was cancelled before it was done. Please try again.")
	}
	return api.InternalError.Wrap(err)
}

// retryAfter is what a client is told when the server cannot do something now, in seconds. Every reason for that can be
// over the next moment.
const retryAfter = "1"

// sendError writes an error. Every JSON one has its Query code in a header: botocore shows that one.
func (x *exchange) sendError(e *api.Error) {
	if e.Kind.Status == http.StatusServiceUnavailable {
		x.w.Header().Set("Retry-After", retryAfter)
	}
	if x.protocol == api.JSON {
		x.w.Header().Set("X-Amzn-Query-Error", e.Kind.QueryCode+";"+e.Kind.Fault())
	}
	x.send(e.Kind.Status, func(dst []byte) []byte {
		if x.protocol == api.JSON {
			return wire.AppendJSONError(dst, e)
		}
		return wire.AppendXMLError(dst, e, x.id)
	})
}

// send writes an answer, as one piece with its length. It has Options.WriteTimeout to leave; net/http sends the end of
// it after the handler is done, so the deadline stays.
func (x *exchange) send(status int, encode func(dst []byte) []byte) {
	buffer := answers.Get().(*[]byte)
	body := encode((*buffer)[:0])
	if x.rendered {
		body = xmlAsJSON(body)
	}
	h := x.w.Header()
	h.Set("X-Amzn-Requestid", x.id)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Type", x.contentType())
	x.control.SetWriteDeadline(time.Now().Add(x.o.WriteTimeout))
	x.answered = true
	x.w.WriteHeader(status)
	x.w.Write(body) // an error means that the client is gone
	if cap(body) <= maxPooled {
		*buffer = body
		answers.Put(buffer)
	}
}

func (x *exchange) contentType() string {
	switch {
	case x.rendered:
		return plainJSONType
	case x.protocol == api.JSON:
		return jsonType
	}
	return xmlType
}

// recovered ends an exchange that panicked with a 500 and one record. What the client sent stays out of both.
func (x *exchange) recovered() {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	x.faults.panicked(x, v, debug.Stack())
	if !x.answered {
		x.sendError(api.InternalError.New())
	}
}

// trace writes the debug line of a request: names of ours and the status only. In particular no text of a fault, which
// repeats what the client sent.
func (x *exchange) trace(status int, fault string) {
	if !x.o.Log.Enabled(x.r.Context(), slog.LevelDebug) {
		return
	}
	x.o.Log.Debug("request answered", obs.KeyRequestID, x.id, obs.KeyAction, x.action,
		"protocol", x.protocol.String(), "status", status, "fault", fault)
}
