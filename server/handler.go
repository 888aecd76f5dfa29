package server

import (
	"net/http"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// retryAfter is what a client is told while the server starts or stops, in seconds.
const retryAfter = "1"

// Handler serves SQS, and the three health endpoints beside it: /livez, /readyz and /health. Those take no
// credentials. No queue can be in their way, since the path of a queue starts with its account, 12 digits.
//
// The handler works from the beginning: SQS requests get 503 ServiceUnavailable until Open is done and from Shutdown
// on.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveHTTP) }

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if probe, ok := probes[r.URL.Path]; ok {
		s.serveProbe(w, r, probe)
		return
	}
	if !s.begin() {
		s.refuse(w, r)
		return
	}
	defer s.requests.leave()
	s.core.Load().gateway.ServeHTTP(w, r)
}

// begin counts a request in, if it can be served. Those that are refused do not count: Shutdown, which waits for the
// count to be zero, would otherwise wait for clients to give up.
func (s *Server) begin() bool {
	s.requests.enter()
	if s.state.Load() == ready {
		return true
	}
	s.requests.leave()
	return false
}

// refuse answers in the protocol of the request, so that SDKs retry as they do with AWS.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	e := api.ServiceUnavailable.New("The server is " + s.status() + ". Please try again.")
	h := w.Header()
	h.Set("Retry-After", retryAfter)
	h.Set("Connection", "close") // the body was not read, and the next request may find somebody else
	if r.Header.Get("X-Amz-Target") != "" || strings.Contains(r.Header.Get("Content-Type"), "x-amz-json") {
		h.Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(e.Kind.Status)
		w.Write(wire.AppendJSONError(nil, e))
		return
	}
	h.Set("Content-Type", "text/xml")
	w.WriteHeader(e.Kind.Status)
	w.Write(wire.AppendXMLError(nil, e, "00000000-0000-0000-0000-000000000000"))
}
