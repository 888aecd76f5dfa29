package sqstest

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/gateway"
)

// Fail makes requests go wrong as r says, in both protocols, until r has applied Times times. It fails the test if r makes
// no sense.
//
// With several rules, the first one that fits a request and is not used up decides, in the order in which they were given,
// so that rules make a script: two errors, then a lost answer. A rule of nothing but Duplicate and Reorder comes after all
// others and looks at answers, also at those to requests that were under way when it was given: a long poll that waits
// already is no way around it. Requests that are refused as malformed do not count.
func (s *Server) Fail(r Rule) *Fault {
	s.t.Helper()
	if err := r.validate(); err != nil {
		s.t.Fatalf("sqstest: Fail: %v", err)
	}
	return s.faults.add(r)
}

// Fault is a rule that was given to a server. Its methods may be called from any goroutine.
type Fault struct {
	faults *faults
	rule   Rule
	queue  string // the rule's, as a name
	fired  int    // guarded by faults.mu
}

// Fired returns how often the rule has applied.
func (f *Fault) Fired() int {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	return f.fired
}

// Stop withdraws the rule. Requests that are held by its Latency stay so.
func (f *Fault) Stop() {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	f.faults.mu.rules = slices.DeleteFunc(f.faults.mu.rules, func(other *Fault) bool { return other == f })
}

// faults is what stands between the gateway and the service of a server.
type faults struct {
	srv     *Server
	stopped chan struct{} // closed at the end of the test
	mu      struct {
		sync.Mutex
		rules []*Fault
	}
}

func newFaults(s *Server) *faults { return &faults{srv: s, stopped: make(chan struct{})} }

func (f *faults) stop() { close(f.stopped) }

func (f *faults) add(r Rule) *Fault {
	added := &Fault{faults: f, rule: r}
	_, added.queue = split(r.Queue, "")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.rules = append(f.mu.rules, added)
	return added
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.rules = nil
}

// around carries out a request, or not. See gateway.Around.
func (f *faults) around(ctx context.Context, r *gateway.Request, next func() (any, error)) (any, error) {
	k := target(r)
	rule := f.fire(r.Action, k.Name, func(r *Rule) bool { return !r.onAnswer() })
	if rule == nil {
		out, err := next()
		if err == nil {
			rule = f.fire(r.Action, k.Name, func(r *Rule) bool { return r.onAnswer() && r.changes(out) })
			f.change(rule, k, out)
		}
		return out, err
	}
	if err := f.hold(ctx, rule.Latency); err != nil {
		return nil, err
	}
	if rule.Error != "" {
		return nil, rule.fault()
	}
	if rule.Drop == DropRequest {
		panic(http.ErrAbortHandler)
	}
	out, err := next()
	if rule.Drop == DropAnswer {
		panic(http.ErrAbortHandler)
	}
	if err == nil {
		f.change(rule, k, out)
	}
	return out, err
}

// fire returns the first rule that fits a request and counts it as applied. nil: there is none.
func (f *faults) fire(action, queue string, fits func(*Rule) bool) *Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.mu.rules {
		r := &fault.rule
		switch {
		case r.Action != "" && r.Action != action, r.Queue != "" && fault.queue != queue:
		case r.Times > 0 && fault.fired >= r.Times:
		case fits(r):
			fault.fired++
			return r
		}
	}
	return nil
}

// hold waits for d, for the client to leave or for the end of the test.
func (f *faults) hold(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.stopped:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// target returns the key of the queue that a request is about, without a name if it is about none.
func target(r *gateway.Request) engine.Key {
	k := engine.Key{Account: r.Call.Account, Region: r.Call.Region}
	in := reflect.ValueOf(r.In).Elem()
	name, url := in.FieldByName("QueueName"), in.FieldByName("QueueURL")
	switch {
	case name.IsValid():
		k.Name = name.String()
	case !url.IsValid(): // ListQueues
	case url.String() != "":
		k.Account, k.Name = split(url.String(), k.Account)
	case r.Call.Protocol == api.Query:
		k.Account, k.Name = split(r.Call.Path, k.Account)
	}
	return k
}
