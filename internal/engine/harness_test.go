package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// harness is an engine on a file system in memory, inside a synctest bubble: time passes when everybody waits.
type harness struct {
	t  *testing.T
	fs *vfs.MemFS
	e  *Engine
	o  Options
	// observe is told what the store does, from the next open on.
	observe func(store.Cost)
}

// run calls f in a bubble with an engine that is closed at the end.
func run(t *testing.T, o Options, f func(h *harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { newHarness(t, vfs.NewCrashableMem(), o).run(f) })
}

// runLarge is run on a file system that cannot crash, and syncs without copying. Restarts are close and open.
func runLarge(t *testing.T, o Options, f func(h *harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { newHarness(t, vfs.NewMem(), o).run(f) })
}

func newHarness(t *testing.T, fs *vfs.MemFS, o Options) *harness {
	return &harness{t: t, fs: fs, o: o}
}

func (h *harness) run(f func(h *harness)) {
	h.open()
	defer h.close()
	f(h)
}

func (h *harness) open() {
	h.t.Helper()
	h.o.Log = slog.New(slog.DiscardHandler)
	st, err := store.Open("data", &store.Options{FS: h.fs, Log: h.o.Log, Observe: h.observe})
	if err != nil {
		h.t.Fatal(err)
	}
	if h.e, err = Open(st, &h.o); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) close() {
	h.t.Helper()
	if err := h.e.Close(); err != nil {
		h.t.Fatal(err)
	}
}

// crash goes on with what a power failure at this moment leaves: exactly what was synced.
func (h *harness) crash() {
	h.t.Helper()
	clone := h.fs.CrashClone(vfs.CrashCloneCfg{})
	h.close()
	h.fs = clone
	h.open()
}

func key(name string) Key { return Key{Account: "000000000000", Region: "us-east-1", Name: name} }

func (h *harness) create(name string, attributes ...string) *Queue {
	h.t.Helper()
	var d Definition
	for _, a := range attributes {
		name, value, _ := strings.Cut(a, "=")
		d.Attributes = append(d.Attributes, api.Attribute{Name: name, Value: value})
	}
	q, err := h.e.Create(context.Background(), key(name), d, func(Definition) error { return errors.New("exists") })
	if err != nil {
		h.t.Fatal(err)
	}
	return q
}

func (h *harness) queue(name string) *Queue {
	h.t.Helper()
	q, err := h.e.Queue(key(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return q
}

func (h *harness) send(q *Queue, bodies ...string) {
	h.t.Helper()
	h.sendDelayed(q, -1, bodies...)
}

func (h *harness) sendDelayed(q *Queue, delay time.Duration, bodies ...string) {
	h.t.Helper()
	for chunk := range slices.Chunk(bodies, 10) {
		ms := make([]NewMessage, len(chunk))
		for i, b := range chunk {
			ms[i] = NewMessage{Body: b, Delay: delay}
		}
		if _, err := q.Send(context.Background(), ms); err != nil {
			h.t.Fatal(err)
		}
	}
}

// receive asks for max messages with the queue's visibility timeout.
func (h *harness) receive(q *Queue, max int) []Delivery {
	h.t.Helper()
	return h.receiveFor(q, max, -1, 0)
}

func (h *harness) receiveFor(q *Queue, max int, visibility, wait time.Duration) []Delivery {
	h.t.Helper()
	ds, err := q.Receive(context.Background(), ReceiveParams{Max: max, Visibility: visibility, Wait: wait})
	if err != nil {
		h.t.Fatal(err)
	}
	return ds
}

func (h *harness) delete(q *Queue, ds ...Delivery) {
	h.t.Helper()
	handles := make([]string, len(ds))
	for i := range ds {
		handles[i] = ds[i].Handle
	}
	errs, err := q.DeleteMessages(context.Background(), handles)
	if err := errors.Join(append(errs, err)...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) change(q *Queue, d Delivery, timeout time.Duration) error {
	h.t.Helper()
	errs, err := q.ChangeVisibility(context.Background(), []VisibilityChange{{d.Handle, timeout}})
	if err != nil {
		h.t.Fatal(err)
	}
	return errs[0]
}

func (h *harness) wantCounts(q *Queue, visible, inFlight, delayed int) {
	h.t.Helper()
	got, err := q.Counts(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	if want := (Counts{visible, inFlight, delayed}); got != want {
		h.t.Errorf("counts: got %+v, want %+v", got, want)
	}
}

// want checks bodies and receive counts, written "body" or "body*count".
func (h *harness) want(ds []Delivery, want ...string) {
	h.t.Helper()
	got := make([]string, len(ds))
	for i, d := range ds {
		got[i] = d.Body
		if d.ReceiveCount != 1 {
			got[i] += fmt.Sprintf("*%d", d.ReceiveCount)
		}
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("received %q, want %q", got, want)
	}
}

func numbered(n int) []string {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = fmt.Sprintf("m%d", i)
	}
	return bodies
}
