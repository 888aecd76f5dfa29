package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
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
	if err := x.readBody(); err != nil {
		return err
	}
	return x.params.Add(x.body.String()) // a copy: params may outlive the pooled buffer
}

// bodies are the buffers of request bodies.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// The buffers of bodies and answers grow to what is needed. What is larger than maxPooled is not kept, so that rare
// giants do not stay for good; firstRead bounds what a mere claim in Content-Length can make the server set aside.
const (
	maxPooled = 256 << 10
	firstRead = 64 << 10
)

// readBody reads the body into x.body, up to Options.MaxBody and within Options.BodyTimeout. The deadline is gone
// afterwards: it would otherwise end long polls, which look for the client's end of file all along.
func (x *exchange) readBody() error {
	x.body = bodies.Get().(*bytes.Buffer)
	x.body.Reset()
	limit := int64(x.o.MaxBody)
	if x.r.ContentLength > limit {
		return x.tooLong()
	}
	if x.r.Body == nil || x.r.ContentLength == 0 {
		return nil
	}
	x.control.SetReadDeadline(time.Now().Add(x.o.BodyTimeout))
	// MinRead: ReadFrom wants room to see the end.
	x.body.Grow(int(min(max(x.r.ContentLength, 0), firstRead)) + bytes.MinRead)
	n, err := x.body.ReadFrom(io.LimitReader(x.r.Body, limit+1))
	x.control.SetReadDeadline(time.Time{})
	if err != nil {
		return x.broken(err)
	}
	if n > limit {
		return x.tooLong()
	}
	return nil
}

func (x *exchange) tooLong() error {
	x.w.Header().Set("Connection", "close") // the rest of the body is not worth reading
	return api.RequestTooLong.New(x.o.MaxBody)
}

// broken is the fault of a body that did not arrive. Whose it was cannot be known, and often nobody is left to hear.
func (x *exchange) broken(err error) error {
	x.w.Header().Set("Connection", "close")
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return api.RequestTimeout.Wrap(err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok { // of a server that wraps this handler
		return api.RequestTooLong.Wrap(err, x.o.MaxBody)
	}
	return api.MalformedInput.Wrap(err, "it did not arrive as announced")
}

// release gives the body back.
func (x *exchange) release() {
	if x.body != nil && x.body.Cap() <= maxPooled {
		bodies.Put(x.body)
	}
	x.body = nil
}
