package gateway

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/obs"
)

// The log gets at most faultLines records of each kind in a faultWindow. A full disk fails every send, thousands of
// times a second: the first lines say all there is to say, and the next window says how many there were.
const (
	faultLines  = 10
	faultWindow = time.Minute
)

// faultLog records what is the server's fault.
type faultLog struct {
	log *slog.Logger
	now func() time.Time
	mu  struct {
		sync.Mutex
		windows map[string]*window // by kind: at most one for each row of the catalogue, and one for panics
	}
}

type window struct {
	began          time.Time
	lines, dropped int
}

func newFaultLog(log *slog.Logger, now func() time.Time) *faultLog {
	f := &faultLog{log: log, now: now}
	f.mu.windows = make(map[string]*window)
	return f
}

// report records a 5xx answer: its cause and what to do about it. Being unavailable is a state that passes, so it is
// a warning.
func (f *faultLog) report(x *exchange, e *api.Error) {
	dropped, ok := f.admit(e.Kind.Name())
	if !ok {
		return
	}
	level := slog.LevelError
	if e.Kind == api.ServiceUnavailable {
		level = slog.LevelWarn
	}
	cause := ""
	if e.Err != nil {
		cause = e.Err.Error()
	}
	record := []any{obs.KeyError, cause, obs.KeyRequestID, x.id, obs.KeyAction, x.action, "fault", e.Kind.Name()}
	if e.Hint != "" {
		record = append(record, obs.KeyHint, e.Hint)
	}
	if dropped > 0 {
		record = append(record, "suppressed", dropped)
	}
	f.log.Log(x.r.Context(), level, "request failed", record...)
}

// panicked records a panic.
func (f *faultLog) panicked(x *exchange, v any, stack []byte) {
	dropped, ok := f.admit("panic")
	if !ok {
		return
	}
	f.log.Error("request panicked", obs.KeyError, fmt.Sprint(v), obs.KeyRequestID, x.id, obs.KeyAction, x.action,
		"suppressed", dropped, obs.KeyStack, string(stack))
}

// admit reports whether a record of this kind may be written, and at the start of a window how many of the last one
// were not.
func (f *faultLog) admit(kind string) (dropped int, ok bool) {
	now := f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.mu.windows[kind]
	if w == nil || now.Sub(w.began) >= faultWindow {
		if w != nil {
			dropped = w.dropped
		}
		w = &window{began: now}
		f.mu.windows[kind] = w
	}
	if w.lines == faultLines {
		w.dropped++
		return 0, false
	}
	w.lines++
	return dropped, true
}
