package sqs

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is one action, encoded; each attempt makes an http.Request of it.
type request struct {
	action      string
	url         url.URL
	contentType string
	target      string // X-Amz-Target; "" in Query
	body        []byte
}

// answer is what came back, read to its end.
type answer struct {
	status    int
	query     bool
	requestID string
	body      []byte
}

// maxAnswer bounds what an answer may make us hold. The largest legal one is ten messages of 1 MiB in which every byte
// is escaped with six, and their attributes count towards the MiB.
const maxAnswer = 64 << 20

// userAgent does not carry a version: what servers count by it is clients, and the module's version is not known to a
// library at run time in every build.
const userAgent = "bufeo-sqs (Go)"

// send makes one attempt. An error is a *sendError when there was no whole answer, an *Error when the answer was not 2xx.
func (c *Connection) send(ctx context.Context, r *request) (*answer, error) {
	start := time.Now()
	a, err := c.exchange(ctx, r)
	c.logAttempt(ctx, r, a, err, time.Since(start))
	return a, err
}

func (c *Connection) exchange(ctx context.Context, r *request) (*answer, error) {
	req, err := r.http(ctx)
	if err != nil {
		return nil, &unsentError{err}
	}
	if err := c.sign(ctx, req, r.body, time.Now()); err != nil {
		return nil, &unsentError{err}
	}
	resp, err := c.options.HTTPClient.Do(req)
	if err != nil {
		return nil, &sendError{err}
	}
	defer resp.Body.Close()
	a := &answer{
		status:    resp.StatusCode,
		query:     c.options.Protocol == ProtocolQuery,
		requestID: resp.Header.Get("X-Amzn-Requestid"),
	}
	if a.body, err = readAnswer(resp); err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, a.fault(resp.Header.Get("X-Amzn-Query-Error"))
	}
	return a, nil
}

// http makes the request of one attempt. Its URL is not parsed again, and its headers are written as they are: their
// names are in canonical form.
func (r *request) http(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.URL = new(r.url)
	req.Host = strings.TrimSuffix(r.url.Host, ":")
	req.Header = make(http.Header, 8) // with those of a signature
	req.Header["Content-Type"] = []string{r.contentType}
	req.Header["User-Agent"] = userAgents
	if r.target != "" {
		req.Header["X-Amz-Target"] = []string{r.target}
		// Asks AWS for the x-amzn-query-error header, from which Error.QueryCode comes.
		req.Header["X-Amzn-Query-Mode"] = queryMode
	}
	return req, nil
}

// Values of headers that are the same in all requests. HTTP clients do not write into them.
var (
	userAgents = []string{userAgent}
	queryMode  = []string{"true"}
)

// readAnswer is io.ReadAll with a limit, and with room from the start for an answer that says its length.
func readAnswer(resp *http.Response) ([]byte, error) {
	room := int64(512)
	if n := resp.ContentLength; n > 0 && n <= maxAnswer {
		room = n + 1 // for the read that finds the end
	}
	body := make([]byte, 0, room)
	for {
		n, err := resp.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, &sendError{err}
		case len(body) > maxAnswer:
			return nil, fmt.Errorf("answer is longer than %d bytes", maxAnswer)
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

// sendError marks what the SDK's retryer is to see as a connection error: by itself it knows refused and reset ones, but
// not a connection that the server closed while it was idle (EOF), which is the most frequent of all.
type sendError struct{ err error }

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// ConnectionError reports whether to repeat. A certificate that is not trusted now is not trusted in a second either.
func (e *sendError) ConnectionError() bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](e.err)
	return !untrusted
}

// unsentError marks what went wrong before anything was sent.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// mayHaveArrived reports whether the server may have carried out a request that ended with err. A refusal in SQS's words
// is certain; a proxy's 504, a lost connection and an answer that cannot be read are not.
func mayHaveArrived(err error) bool {
	if err == nil {
		return false
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code == "" && e.Status >= http.StatusInternalServerError
	}
	if _, unsent := errors.AsType[*unsentError](err); unsent {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	return !ok || op.Op != "dial"
}
