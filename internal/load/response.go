package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Response is one HTTP answer. Body is valid until the next read from the same connection.
type Response struct {
	Status int
	Body   []byte
	Close  bool // the server ends the connection after this answer
}

const (
	// firstBuffer holds any answer but a receive of ten, which SQS writes in about 7 KB.
	firstBuffer = 16 << 10
	// maxResponse is twice the 1 MiB that SQS allows in a batch, plus room for escapes.
	maxResponse = 4 << 20
)

var errTooLong = fmt.Errorf("answer longer than %d bytes", maxResponse)

// responseReader reads HTTP/1 answers from one connection, in order. It understands what servers of SQS send:
// Content-Length, chunked bodies (net/http chunks what a handler writes piecemeal), interim 1xx answers, "Connection: close"
// and HTTP/1.0. A body that ends with the connection is refused: a cut-off could not be told from an end.
//
// All of an answer stays in buf, and positions are indexes, so that buf may be moved while it grows.
type responseReader struct {
	src  io.Reader
	buf  []byte
	r, w int // buf[r:w] is read from src and not yet consumed
}

func newResponseReader(src io.Reader) *responseReader {
	return &responseReader{src: src, buf: make([]byte, firstBuffer)}
}

// read returns the next answer. The error is io.EOF only if the connection ended between two answers.
func (rr *responseReader) read() (Response, error) {
	copy(rr.buf, rr.buf[rr.r:rr.w]) // a no-op unless the server answers more than it was asked
	rr.r, rr.w = 0, rr.w-rr.r
	for {
		resp, err := rr.readOne()
		if err == nil && resp.Status < 200 {
			continue
		}
		if errors.Is(err, io.EOF) && rr.w > 0 {
			err = io.ErrUnexpectedEOF
		}
		return resp, err
	}
}

func (rr *responseReader) readOne() (Response, error) {
	line, err := rr.line()
	if err != nil {
		return Response{}, err
	}
	resp := Response{}
	if resp.Status, err = parseStatus(line); err != nil {
		return resp, err
	}
	old := line[len("HTTP/1.")] == '0' // ends the connection unless it says otherwise
	f, err := rr.framing()
	if err != nil {
		return resp, err
	}
	resp.Close = f.close || old && !f.keep
	switch {
	case resp.Status < 200 || resp.Status == 204 || resp.Status == 304:
		return resp, nil // these never have a body, whatever the headers say
	case f.chunked:
		resp.Body, err = rr.chunks()
	case f.length >= 0:
		resp.Body, err = rr.take(f.length)
	default:
		err = errors.New("answer has neither Content-Length nor chunks")
	}
	return resp, err
}

// framing says where a body ends and whether another answer can follow.
type framing struct {
	length  int // -1 if not given
	chunked bool
	close   bool
	keep    bool
}

// framing consumes the header, blank line included.
func (rr *responseReader) framing() (framing, error) {
	f := framing{length: -1}
	for {
		line, err := rr.line()
		if err != nil || len(line) == 0 {
			return f, err
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok {
			return f, fmt.Errorf("malformed header line %.60q", line)
		}
		value = bytes.TrimSpace(value)
		// The lengths are compared first: almost every header is dismissed by that alone.
		switch {
		case len(name) == 14 && bytes.EqualFold(name, []byte("Content-Length")):
			n, err := strconv.ParseUint(string(value), 10, 31)
			if err != nil || f.length >= 0 && f.length != int(n) {
				return f, fmt.Errorf("malformed Content-Length %.60q", value)
			}
			f.length = int(n)
		case len(name) == 17 && bytes.EqualFold(name, []byte("Transfer-Encoding")):
			if !bytes.EqualFold(value, []byte("chunked")) {
				return f, fmt.Errorf("unknown Transfer-Encoding %.60q", value)
			}
			f.chunked = true
		case len(name) == 10 && bytes.EqualFold(name, []byte("Connection")):
			f.close, f.keep = bytes.EqualFold(value, []byte("close")), bytes.EqualFold(value, []byte("keep-alive"))
		}
	}
}

// parseStatus reads "HTTP/1.1 200 OK"; the reason may be missing.
func parseStatus(line []byte) (int, error) {
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return 0, fmt.Errorf("malformed status line %.60q", line)
	}
	n := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("malformed status line %.60q", line)
		}
		n = n*10 + int(c-'0')
	}
	return n, nil
}

// chunks consumes a chunked body, trailer included, and joins the chunks where the first one began.
func (rr *responseReader) chunks() ([]byte, error) {
	start := rr.r
	end := start
	for {
		line, err := rr.line()
		if err != nil {
			return nil, err
		}
		size, _, _ := bytes.Cut(line, []byte{';'})
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 31)
		if err != nil {
			return nil, fmt.Errorf("malformed chunk size %.60q", line)
		}
		if n == 0 {
			_, err := rr.framing() // the trailer looks like a header
			return rr.buf[start:end], err
		}
		chunk, err := rr.take(int(n))
		if err != nil {
			return nil, err
		}
		end += copy(rr.buf[end:], chunk)
		if line, err = rr.line(); err != nil || len(line) != 0 {
			return nil, errors.Join(errors.New("chunk is longer than its size"), err)
		}
	}
}

// line consumes one line and returns it without its end.
func (rr *responseReader) line() ([]byte, error) {
	for seen := 0; ; {
		if i := bytes.IndexByte(rr.buf[rr.r+seen:rr.w], '\n'); i >= 0 {
			line := rr.buf[rr.r : rr.r+seen+i]
			rr.r += seen + i + 1
			return bytes.TrimSuffix(line, []byte{'\r'}), nil
		}
		seen = rr.w - rr.r
		if err := rr.fill(); err != nil {
			return nil, err
		}
	}
}

// take consumes n bytes.
func (rr *responseReader) take(n int) ([]byte, error) {
	if n > maxResponse {
		return nil, errTooLong
	}
	for rr.w-rr.r < n {
		if err := rr.fill(); err != nil {
			return nil, err
		}
	}
	rr.r += n
	return rr.buf[rr.r-n : rr.r], nil
}

// fill reads once, into a larger buffer if this one is full.
func (rr *responseReader) fill() error {
	if rr.w == len(rr.buf) {
		if rr.w >= maxResponse {
			return errTooLong
		}
		rr.buf = append(rr.buf, make([]byte, len(rr.buf))...)
	}
	n, err := rr.src.Read(rr.buf[rr.w:])
	rr.w += n
	if n > 0 {
		return nil // an error that came along shows again at the next read
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}
