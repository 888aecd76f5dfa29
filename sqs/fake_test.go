package sqs_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
	"github.com/bufeomq/bufeo/sqs"
)

// fake stands in for a server where a test wants to see a request, or an answer that a sound server does not give. It is
// an HTTP client without a network, so it works inside synctest bubbles.
type fake struct {
	answer func(r *request) (*http.Response, error)

	mu struct {
		sync.Mutex
		requests []*request
	}
}

// request is what the fake saw.
type request struct {
	*http.Request
	Action string
	Body   string
}

func (f *fake) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	seen := &request{Request: r, Body: string(body), Action: strings.TrimPrefix(r.Header.Get("X-Amz-Target"), api.TargetPrefix)}
	if seen.Action == "" {
		var p wire.Params
		if err := p.Add(seen.Body); err != nil {
			return nil, err
		}
		seen.Action = p.Get("Action")
	}
	f.mu.Lock()
	f.mu.requests = append(f.mu.requests, seen)
	f.mu.Unlock()
	return f.answer(seen)
}

func (f *fake) requests() []*request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.requests
}

// query reports which protocol the request is in.
func (r *request) query() bool { return r.Header.Get("X-Amz-Target") == "" }

// decode reads a JSON request.
func (r *request) decode(t testing.TB, into any) {
	t.Helper()
	if err := wire.DecodeJSON([]byte(r.Body), into); err != nil {
		t.Fatal(err)
	}
}

// ok answers with out, a structure of package api, in the protocol of the request.
func (r *request) ok(out any) (*http.Response, error) {
	if r.query() {
		return respond(200, string(wire.AppendXML(nil, r.Action, out, "request-1")), nil)
	}
	return respond(200, string(wire.AppendJSON(nil, out)), nil)
}

// fail answers with an error of the catalogue, in the protocol of the request.
func (r *request) fail(e *api.Error) (*http.Response, error) {
	if r.query() {
		return respond(e.Kind.Status, string(wire.AppendXMLError(nil, e, "request-1")), nil)
	}
	header := http.Header{
		"X-Amzn-Requestid":   {"request-1"},
		"X-Amzn-Query-Error": {e.Kind.QueryCode + ";" + e.Kind.Fault()},
	}
	return respond(e.Kind.Status, string(wire.AppendJSONError(nil, e)), header)
}

func respond(status int, body string, header http.Header) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode:    status,
		Header:        header,
		Body:          io.NopCloser(bytes.NewBufferString(body)),
		ContentLength: int64(len(body)),
	}, nil
}

// fakeQueue returns a queue called orders behind f. Its URL names a host that is not the connection's.
func fakeQueue(t testing.TB, f *fake, optFns ...func(*sqs.Options)) *sqs.Queue {
	t.Helper()
	optFns = append([]func(*sqs.Options){sqs.WithHTTPClient(f)}, optFns...)
	conn := connect(t, "http://sqs.test:9324", optFns...)
	return conn.QueueFromURL("https://sqs.us-east-1.amazonaws.com/123456789012/orders")
}
