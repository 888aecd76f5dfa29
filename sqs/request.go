package sqs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
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

func (r *request) http(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", r.contentType)
	req.Header.Set("User-Agent", userAgent)
	if r.target != "" {
		req.Header.Set("X-Amz-Target", r.target)
		// Asks AWS for the x-amzn-query-error header, from which Error.QueryCode comes.
		req.Header.Set("X-Amzn-Query-Mode", "true")
	}
	return req, nil
}

// sign adds the signature, unless the connection has no keys. req must be complete but for it.
func (c *Connection) sign(ctx context.Context, req *http.Request, body []byte, now time.Time) error {
	if c.keys == nil {
		return nil
	}
	keys, err := c.keys.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), SigningName, c.options.Region, now); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

func readAnswer(resp *http.Response) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxAnswer {
		buf.Grow(int(n) + bytes.MinRead) // room for the read that finds the end, or Buffer would double
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &sendError{err}
	}
	if n > maxAnswer {
		return nil, fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	}
	return buf.Bytes(), nil
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
