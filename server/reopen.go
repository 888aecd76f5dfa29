package server

import (
	"errors"
	"syscall"
	"time"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

const (
	firstReopen = 100 * time.Millisecond
	lastReopen  = 5 * time.Second
	// reopenReport is how often a server that cannot open its data says so.
	reopenReport = time.Minute
)

// tend opens the data anew after a write has failed. Memory is ahead of the disk by then, and nobody can tell how far: the
// failed write may be on disk or not. What was acknowledged is there, so all is built again from that. Requests are
// refused meanwhile, and those that waited for the failed write get an error.
//
// What does not come this far is the failure to write Pebble's manifest, which ends the process with code 70: it can
// happen under locks of Pebble's that nobody can release.
func (s *Server) tend() {
	for {
		c := s.core.Load()
		select {
		case <-c.engine.Failed():
		case <-s.closing:
			return
		}
		if !s.state.CompareAndSwap(ready, failing) {
			return
		}
		err := c.engine.Health()
		s.o.Log.Error("a write failed: opening the data anew", obs.KeyError, err.Error(), obs.KeyHint, reopenHint(err))
		if err := c.engine.Close(); err != nil {
			s.o.Log.Warn("closing the data failed, as was to be expected", obs.KeyError, err.Error())
		}
		if !s.reopen() || !s.state.CompareAndSwap(failing, ready) {
			return
		}
		s.o.Log.Info("the data is open again")
	}
}

// reopen tries until it succeeds, or until the server is shut down.
func (s *Server) reopen() bool {
	var reported time.Time
	for wait := firstReopen; ; wait = min(2*wait, lastReopen) {
		e, err := s.openWritable()
		if err == nil {
			s.core.Store(s.newCore(e, service.New(e, &service.Options{Log: s.o.Log})))
			return true
		}
		if time.Since(reported) >= reopenReport {
			reported = time.Now()
			s.o.Log.Error("the data cannot be opened yet", obs.KeyError, err.Error(), obs.KeyHint, reopenHint(err))
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-s.closing:
			pause.Stop()
			return false
		}
	}
}

func (s *Server) openWritable() (*engine.Engine, error) {
	if err := store.Writable(s.o.DataDir, fileSystem(&s.o)); err != nil {
		return nil, err
	}
	return openEngine(&s.o)
}

func reopenHint(err error) string {
	if errors.Is(err, syscall.ENOSPC) {
		return "free space on the volume of the data folder: nothing that was acknowledged is lost, and no restart is needed"
	}
	return "check the disk of the data folder: nothing that was acknowledged is lost, and no restart is needed once it works"
}
