package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/obs"
)

// probes are the endpoints for whoever watches the process. They must stay cheap, and must not tell strangers more
// than they need: no paths, no causes.
var probes = map[string]func(*Server, http.ResponseWriter){
	"/livez":  (*Server).livez,
	"/readyz": (*Server).readyz,
	"/health": (*Server).health,
}

func (s *Server) serveProbe(w http.ResponseWriter, r *http.Request, probe func(*Server, http.ResponseWriter)) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	probe(s, w)
}

// livez: 200 for as long as the process can answer. What it says does not depend on the store: a restart heals no disk.
func (s *Server) livez(w http.ResponseWriter) {
	text(w, http.StatusOK, "ok")
}

// readyz: 200 while requests are served and writes succeed, else 503.
func (s *Server) readyz(w http.ResponseWriter) {
	status, code := s.statusCode()
	text(w, code, status)
}

// Health is the answer of /health.
type Health struct {
	Status  string  `json:"status"`         // starting, ready, failing or stopping
	Version string  `json:"version"`        // of bufeo
	Uptime  float64 `json:"uptime_seconds"` // since New
	Fault   string  `json:"fault"`          // why the status is failing; otherwise empty
}

// health: what readyz says and more, as JSON, with the same code.
func (s *Server) health(w http.ResponseWriter) {
	status, code := s.statusCode()
	h := Health{
		Status:  status,
		Version: obs.ThisBuild().Version,
		Uptime:  s.now().Sub(s.born).Truncate(time.Millisecond).Seconds(),
	}
	if status == "failing" {
		h.Fault = fault(s.engine.Health())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(h) // who asked may have gone
}

func (s *Server) statusCode() (string, int) {
	status := s.status()
	if status != "ready" {
		return status, http.StatusServiceUnavailable
	}
	return status, http.StatusOK
}

func (s *Server) status() string {
	switch s.state.Load() {
	case starting:
		return "starting"
	case stopping:
		return "stopping"
	}
	if s.engine.Health() != nil {
		return "failing"
	}
	return "ready"
}

// fault names the failures that an operator can tell apart. The cause itself is in the log: it may hold paths.
func fault(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, engine.ErrDiskFull):
		return "disk full"
	case errors.Is(err, engine.ErrOverloaded):
		return "overloaded"
	}
	return "writes fail"
}

func text(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	w.Write([]byte(s + "\n"))
}
