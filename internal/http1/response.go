package http1

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// response is the answer to a request, as its handler sees it. Not for concurrent use.
type response struct {
	c       *conn
	body    *body // of the request
	header  http.Header
	status  int       // 0: not said yet
	length  int64     // that the handler announced, or -1
	written int64     // of the announced length
	pending []byte    // without an announced length, what was written so far
	by      time.Time // the handler's deadline for writing
	headed  bool      // the header is in out, or has left
	out     *[]byte   // what has not left yet; pooled
	close   bool      // the connection ends with this answer
	aborted bool
	err     error // of writing
}

// Header is the header of the answer.
func (w *response) Header() http.Header { return w.header }

// WriteHeader says what the status is. The header leaves with the first part of the body.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.close = strings.EqualFold(w.header.Get("Connection"), "close") || w.c.server.ended()
	if text := w.header.Get("Content-Length"); text != "" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			w.length = n
		} else {
			w.header.Del("Content-Length")
		}
	}
}

// Write takes the next part of the body.
func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case !bodyAllowed(w.status):
		return 0, http.ErrBodyNotAllowed
	case w.length < 0:
		w.pending = append(w.pending, p...)
		return len(p), nil
	case w.written+int64(len(p)) > w.length:
		return 0, http.ErrContentLength
	}
	w.written += int64(len(p))
	w.send(p)
	return len(p), w.err
}

// SetReadDeadline is for http.ResponseController. It holds for the body, and can be called while that is read.
func (w *response) SetReadDeadline(t time.Time) error {
	w.body.setDeadline(t)
	return nil
}

// EnableFullDuplex is for http.ResponseController: an answer can always leave before the body is read.
func (w *response) EnableFullDuplex() error { return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *response) SetWriteDeadline(t time.Time) error {
	w.by = t
	return nil
}

// FlushError is for http.ResponseController: what was written leaves now, if the length of the answer is known.
func (w *response) FlushError() error {
	if w.length >= 0 {
		w.flush()
	}
	return w.err
}

// finish sends what is not sent yet. An answer that is shorter than announced is an error: the client waits for more.
func (w *response) finish() error {
	defer w.release()
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.length < 0 {
		w.length = int64(len(w.pending))
		if bodyAllowed(w.status) {
			w.header["Content-Length"] = []string{strconv.FormatInt(w.length, 10)}
		}
		w.written = w.length
		w.send(w.pending)
	} else if !w.headed {
		w.send(nil)
	}
	w.flush()
	if w.err == nil && w.written < w.length {
		return http.ErrContentLength
	}
	return w.err
}

// buffers are for answers on their way.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxGathered is how much of an answer waits for its handler to return, so that it leaves in one piece. More leaves at
// once, without being copied, and so none of those buffers grows without bounds.
const maxGathered = 32 << 10

// send takes the next part of the answer, with the header before the first.
func (w *response) send(p []byte) {
	if w.err != nil {
		return
	}
	if w.out == nil {
		w.out = buffers.Get().(*[]byte)
		*w.out = (*w.out)[:0]
	}
	if !w.headed {
		w.headed = true
		*w.out = w.appendHeader(*w.out, p)
	}
	if len(*w.out)+len(p) <= maxGathered {
		*w.out = append(*w.out, p...)
		return
	}
	w.c.writeDeadline(roughly, w.by)
	_, w.err = (&net.Buffers{*w.out, p}).WriteTo(w.c.Conn)
	*w.out = (*w.out)[:0]
}

// flush writes what was gathered.
func (w *response) flush() {
	if w.out == nil || len(*w.out) == 0 || w.err != nil {
		return
	}
	w.c.writeDeadline(roughly, w.by)
	_, w.err = w.c.Write(*w.out)
	*w.out = (*w.out)[:0]
}

func (w *response) release() {
	if w.out != nil {
		buffers.Put(w.out)
		w.out = nil
	}
}

// appendHeader appends the header of the answer, whose body begins with p.
func (w *response) appendHeader(dst, p []byte) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(w.status), 10)
	dst = append(dst, ' ')
	dst = append(dst, http.StatusText(w.status)...)
	dst = append(dst, "\r\nDate: "...)
	dst = append(dst, dateAt(time.Now())...)
	dst = append(dst, "\r\n"...)
	var names [16]string
	keys := names[:0]
	for key := range w.header {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if key == "Connection" || key == "Date" || key == "Transfer-Encoding" || !all(key, isName) {
			continue // the first three are ours to say
		}
		for _, value := range w.header[key] {
			dst = appendField(dst, key, value)
		}
	}
	if len(p) > 0 && w.header["Content-Type"] == nil {
		dst = appendField(dst, "Content-Type", http.DetectContentType(p))
	}
	if w.close {
		dst = append(dst, "Connection: close\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// appendField appends a field. A value must not end the line.
func appendField(dst []byte, key, value string) []byte {
	dst = append(dst, key...)
	dst = append(dst, ": "...)
	if all(value, isValue) {
		dst = append(dst, value...)
	} else {
		dst = append(dst, strings.NewReplacer("\r", " ", "\n", " ").Replace(value)...)
	}
	return append(dst, "\r\n"...)
}

// bodyAllowed: some statuses have no body.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
