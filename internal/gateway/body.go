package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// checkMethod: JSON is posted, Query posted or got (boto2 gets nearly everything).
func (x *exchange) checkMethod() error {
	switch {
	case x.r.Method == http.MethodPost, x.r.Method == http.MethodGet && x.protocol == api.Query:
		return nil
	case x.protocol == api.Query:
		x.w.Header().Set("Allow", "GET, POST")
		return api.MethodNotAllowed.New(clip(x.r.Method), "GET or POST")
	}
	x.w.Header().Set("Allow", "POST")
	return api.MethodNotAllowed.New(clip(x.r.Method), "POST")
}

// readForm reads the parameters of a Query request: those of the URL, then those of the body, of which the last of a
// name counts. Only a form is a form: another content type leaves the body unread.
func (x *exchange) readForm() error {
	if err := x.params.Add(x.r.URL.RawQuery); err != nil {
		return err
	}
	if t := mediaType(x.r); x.r.Method != http.MethodPost || t != formType && t != "" {
		return nil
	}
	x.rank = x.guess()
	if err := x.readBody(); err != nil {
		return err
	}
	return x.params.Add(x.takeText())
}

// LimitBody gives the body of a request until timeout to arrive. It is for requests that nobody reads the body of, too:
// net/http reads up to 256 KiB of what a handler left, before it sends the answer (so that clients which send all before
// they read do not lock up) or, after a Connection: close, before it lets go of the connection. Without a deadline it
// would wait there for as long as the client likes, and Shutdown with it.
//
// Nothing has to lift the deadline: net/http sets its own when it waits for the next request, and none while it watches
// a connection whose request it has read to the end.
func LimitBody(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	if r.ContentLength != 0 {
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(timeout))
	}
}

// readBody reads the body into x.body, up to Options.MaxBody. The deadline is lifted when all of it is there: servers
// other than net/http's in HTTP/1.1 would otherwise end long polls with it. After an error it stays, for what net/http
// may read of the rest.
func (x *exchange) readBody() error {
	if x.r.ContentLength > int64(x.o.MaxBody) {
		return x.tooLong()
	}
	if err := x.admit(); err != nil {
		return err
	}
	x.body = newBuffer(x.firstSize())
	if x.r.Body == nil || x.r.ContentLength == 0 {
		return nil
	}
	if x.taken > 0 {
		x.memory.arrives(x)
	}
	err := x.fill()
	if x.taken > 0 {
		x.memory.arrived(x) // first: it may have set a deadline
	}
	if err != nil {
		return err
	}
	x.control.SetReadDeadline(time.Time{})
	return x.enter() // again, if the body was slow
}

// fill reads until the end of the body, or until it is too long.
func (x *exchange) fill() error {
	limit := x.o.MaxBody
	for reads := 1; ; reads++ {
		if x.body.Available() == 0 {
			if err := x.grow(); err != nil {
				return err
			}
		}
		room := x.body.AvailableBuffer()
		n, err := x.r.Body.Read(room[:min(cap(room), limit+1-x.body.Len())])
		x.body.Write(room[:n]) // it is there already: this counts it
		if x.taken > 0 {
			x.got.Store(int64(x.body.Len()))
		}
		if err == nil && x.placed.Load() > 0 && int64(x.body.Len()) != x.r.ContentLength {
			switch reads {
			case 1: // what came with the header; the rest may be there, too
				defer time.AfterFunc(placeGrace, x.leave).Stop()
			case 2:
				x.keepOne()
			}
		}
		switch {
		case x.body.Len() > limit:
			return x.tooLong()
		case err == io.EOF:
			return nil
		case err != nil:
			return x.broken(err)
		}
	}
}

func (x *exchange) tooLong() error {
	x.w.Header().Set("Connection", "close") // the rest of the body is not worth reading
	return api.RequestTooLong.New(x.o.MaxBody)
}

// broken is the fault of a body that did not arrive. Whose it was cannot be known, and often nobody is left to hear.
func (x *exchange) broken(err error) error {
	x.w.Header().Set("Connection", "close")
	if x.gaveWay.Load() {
		return noMemory()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return api.RequestTimeout.Wrap(err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok { // of a server that wraps this handler
		return api.RequestTooLong.Wrap(err, x.o.MaxBody)
	}
	return api.MalformedInput.Wrap(err, "it did not arrive as announced")
}
