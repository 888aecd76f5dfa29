package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"syscall"
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

// livez: 200 for as long as the process can answer. What it says does not depend on the store: after a failed write the
// server opens its data anew by itself, and a restart does no more than that.
func (s *Server) livez(w http.ResponseWriter) {
	text(w, http.StatusOK, "ok")
}

// readyz: 200 while receives and deletes work, else 503. With a disk that is almost full they do, and only sends are
// refused.
func (s *Server) readyz(w http.ResponseWriter) {
	status, code := s.statusCode()
	text(w, code, status)
}

// Health is the answer of /health.
type Health struct {
	Status  string  `json:"status"`         // starting, ready, failing or stopping
	Version string  `json:"version"`        // of bufeo
	Uptime  float64 `json:"uptime_seconds"` // since New
	Fault   string  `json:"fault"`          // what is wrong: disk full, writes fail, or data damaged; otherwise empty

	Connections  Usage `json:"connections"`         // Options.MaxConnections; refused: had to wait, or to push out an idle one
	Queues       Usage `json:"queues"`              // Options.MaxQueues
	Storage      Usage `json:"storage_bytes"`       // Options.MaxStorage
	QueueStorage Limit `json:"queue_storage_bytes"` // Options.MaxQueueStorage
}

// Limit is how much there may be of something, 0 for no limit, and how many requests were refused because of that since the
// data was opened.
type Limit struct {
	Limit   int64 `json:"limit"`
	Refused int64 `json:"refused"`
}

// Usage is a limit of something that is counted.
type Usage struct {
	Used int64 `json:"used"`
	Limit
}

// health: what readyz says and more, as JSON, with the same code.
func (s *Server) health(w http.ResponseWriter) {
	status, code := s.statusCode()
	h := Health{
		Status:  status,
		Version: obs.ThisBuild().Version,
		Uptime:  s.now().Sub(s.born).Truncate(time.Millisecond).Seconds(),
	}
	h.Connections = s.conns.usage()
	if c := s.core.Load(); c != nil && status != "stopping" {
		h.Fault = c.fault()
		h.limits(&s.o, c.engine.Usage())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(h) // who asked may have gone
}

func (h *Health) limits(o *Options, u engine.Usage) {
	h.Queues = Usage{u.Queues, Limit{int64(max(0, o.MaxQueues)), u.QueuesRefused}}
	h.Storage = Usage{u.Storage, Limit{o.MaxStorage, u.StorageRefused}}
	h.QueueStorage = Limit{o.MaxQueueStorage, u.QueueStorageRefused}
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
	case failing:
		return "failing"
	}
	if s.core.Load().engine.Health() != nil { // which will be noticed in a moment
		return "failing"
	}
	return "ready"
}

// fault names the failures that an operator can tell apart. The cause itself is in the log: it may hold paths.
func (c *core) fault() string {
	switch err := c.engine.Health(); {
	case errors.Is(err, syscall.ENOSPC), err == nil && c.engine.DiskFull():
		return "disk full"
	case err != nil:
		return "writes fail"
	case c.engine.Damaged():
		return "data damaged"
	}
	return ""
}

func text(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	w.Write([]byte(s + "\n"))
}
