package server

import (
	"bytes"
	"log"
	"log/slog"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
)

// httpLog turns what net/http has to say into records. Nearly all of it is about one broken peer, and anybody can be
// one as often as they like: debug. A panic is our mistake. Failing to accept means that the process ran out of
// something, usually file descriptors; it repeats itself, so one record in ten seconds stands for all.
type httpLog struct {
	log *slog.Logger
	mu  struct {
		sync.Mutex
		acceptFailed time.Time
	}
}

const acceptFailedEvery = 10 * time.Second

func newHTTPLog(l *slog.Logger) *log.Logger { return log.New(&httpLog{log: l}, "", 0) }

// Write takes one message of net/http, which tells its messages apart by their text only.
func (h *httpLog) Write(p []byte) (int, error) {
	text := bytes.TrimSpace(p)
	switch {
	case bytes.HasPrefix(text, []byte("http: panic serving")):
		h.log.Error("request panicked", obs.KeyError, string(text))
	case bytes.HasPrefix(text, []byte("http: Accept error")) && h.acceptFailedIsNews():
		h.log.Warn("cannot accept connections", obs.KeyError, string(text))
	default:
		h.log.Debug("connection failed", obs.KeyError, string(text))
	}
	return len(p), nil
}

func (h *httpLog) acceptFailedIsNews() bool {
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.mu.acceptFailed) < acceptFailedEvery {
		return false
	}
	h.mu.acceptFailed = now
	return true
}
