package harness

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
)

// Fault is what the proxy does to one request.
type Fault int

// The faults. Each leaves the client with a different truth about whether its write happened.
const (
	Pass        Fault = iota // hand it through
	ServerError              // answer 500 and keep it from the server: the write did not happen
	Unavailable              // answer 503, likewise
	CutBefore                // close the connection and keep it from the server: the write did not happen
	CutAfter                 // let the server answer, then close the connection: the write happened, unanswered
	WrongDigest              // change every MD5 in the server's answer: the write happened, its answer is damaged
)

// Proxy stands between a client and a server and breaks requests by order of arrival.
type Proxy struct {
	URL string

	target *http.Transport
	server string
	mu     struct {
		sync.Mutex
		faults []Fault // what becomes of the next requests
		always Fault   // what becomes of those after
		seen   int
	}
}

// NewProxy starts a proxy in front of s that ends with the test. It hands everything through until told otherwise.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	p := &Proxy{server: s.URL, target: &http.Transport{}}
	front := httptest.NewServer(p)
	p.URL = front.URL
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		p.target.CloseIdleConnections()
	})
	return p
}

// Next says what becomes of the next requests, one each; those after them pass.
func (p *Proxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.faults, p.mu.always, p.mu.seen = faults, Pass, 0
}

// Always says what becomes of every request from now on.
func (p *Proxy) Always(fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.faults, p.mu.always, p.mu.seen = nil, fault, 0
}

// Seen is the number of requests since Next or Always, retries included.
func (p *Proxy) Seen() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mu.seen
}

func (p *Proxy) fault() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.seen++
	if len(p.mu.faults) == 0 {
		return p.mu.always
	}
	fault := p.mu.faults[0]
	p.mu.faults = p.mu.faults[1:]
	return fault
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	fault := p.fault()
	switch fault {
	case ServerError, Unavailable:
		status := http.StatusInternalServerError
		if fault == Unavailable {
			status = http.StatusServiceUnavailable
		}
		w.WriteHeader(status)
		return
	case CutBefore:
		cut(w)
		return
	case Pass, CutAfter, WrongDigest:
	}
	status, header, answer, err := p.forward(r, body)
	if err != nil || fault == CutAfter {
		cut(w)
		return
	}
	if fault == WrongDigest {
		answer = digest.ReplaceAll(answer, []byte("${1}00000000000000000000000000000000"))
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	w.Write(answer)
}

// digest finds the MD5s of both protocols: "MD5OfBody":"…" and <MD5OfBody>….
var digest = regexp.MustCompile(`(MD5Of[A-Za-z]*(?:":\s*"|>))[0-9a-f]{32}`)

// forward asks the server. The client's Host goes with the request, so queue URLs in the answer name the proxy.
func (p *Proxy) forward(r *http.Request, body []byte) (int, http.Header, []byte, error) {
	onward, err := http.NewRequestWithContext(r.Context(), r.Method, p.server+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	onward.Header, onward.Host = r.Header.Clone(), r.Host
	answer, err := p.target.RoundTrip(onward)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return answer.StatusCode, answer.Header, text, nil
}

// cut closes the client's connection without an answer.
func cut(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		connection.Close()
	}
}
