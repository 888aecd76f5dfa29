package service

import (
	"log/slog"
	"sync"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/obs"
)

// maxStrays bounds the lines that strays ever logs, and what it remembers. Ten different names are a wrong region; what
// follows them is the same mistake.
const maxStrays = 10

// strays notices clients that look for a queue in the wrong region. Every SDK has a region from somewhere, bufeo keeps
// regions apart as AWS does, and "the queue does not exist" of a queue that plainly exists costs people an afternoon.
// So the first miss of each name is logged; after maxStrays names it falls silent, so no client can flood the log.
type strays struct {
	log *slog.Logger
	mu  struct {
		sync.Mutex
		names map[string]struct{}
	}
}

func newStrays(log *slog.Logger) *strays {
	st := &strays{log: log}
	st.mu.names = make(map[string]struct{})
	return st
}

// report is called with a key that has no queue; regions tells where else the name exists.
func (st *strays) report(k engine.Key, regions func(account, name string) []string) {
	elsewhere := regions(k.Account, k.Name)
	if len(elsewhere) == 0 || !st.first(k.Name) {
		return
	}
	st.log.Warn("queue was asked for in a region where it does not exist",
		obs.KeyQueue, k.Name, obs.KeyRegion, k.Region, "exists_in", elsewhere,
		obs.KeyHint, "set the client's region to one that has the queue, or create the queue in this one")
}

// first reports whether name is new, and remembers it.
func (st *strays) first(name string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if _, known := st.mu.names[name]; known || len(st.mu.names) >= maxStrays {
		return false
	}
	st.mu.names[name] = struct{}{}
	return true
}
