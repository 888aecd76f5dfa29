package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// stalled calls f with an engine whose disk does not sync between g.shut and g.open, and a queue on it. A hundred
// thousand bytes may wait for the disk.
func stalled(t *testing.T, o *Options, f func(h *harness, q *Queue, g *gate)) {
	synctest.Test(t, func(t *testing.T) {
		g, mem := &gate{}, vfs.NewMem()
		st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(mem, g), Pending: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		h := &harness{t: t, fs: mem}
		if h.e, err = Open(st, o); err != nil {
			t.Fatal(err)
		}
		defer h.close()
		f(h, h.create("q"), g)
	})
}

// results collects what calls return that wait for the disk.
type results chan error

func (r results) call(f func() error) { go func() { r <- f() }() }

func (r results) want(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := <-r; err != nil {
			t.Errorf("a call that was admitted: %v", err)
		}
	}
}

func sendOne(q *Queue, body string) func() error {
	return func() error {
		_, err := q.Send(context.Background(), []NewMessage{{Body: body}})
		return err
	}
}

func TestAdmission_counts_what_waits_for_the_disk(t *testing.T) {
	stalled(t, nil, func(h *harness, q *Queue, g *gate) {
		h.send(q, "a", "b")
		ds := h.receive(q, 2)
		body := strings.Repeat("x", 60_000)
		admitted := make(results)
		g.shut()
		admitted.call(sendOne(q, body))
		synctest.Wait()
		admitted.call(sendOne(q, body))
		synctest.Wait()
		if err := sendOne(q, "a little")(); !errors.Is(err, ErrOverloaded) {
			t.Errorf("a send beyond the limit: got %v, want %v", err, ErrOverloaded)
		}
		admitted.call(func() error {
			_, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Visibility: -1})
			return err
		})
		synctest.Wait()
		admitted.call(func() error { // as move tasks do, which nobody asks
			fx := store.NewBatch()
			fx.PutMessage(1<<40, 1, &Message{Body: strings.Repeat(body, 2)})
			return h.e.st.Append(fx).Wait()
		})
		synctest.Wait()
		if _, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Visibility: -1}); !errors.Is(err, ErrOverloaded) {
			t.Errorf("a receive beyond twice the limit: got %v, want %v", err, ErrOverloaded)
		}
		admitted.call(func() error { _, err := q.DeleteMessages(context.Background(), []string{ds[0].Handle}); return err })
		admitted.call(func() error { return h.change(q, ds[1], time.Minute) })
		synctest.Wait()
		g.open()
		admitted.want(t, 6)
		if err := sendOne(q, "y")(); err != nil {
			t.Errorf("at once after it: %v", err)
		}
	})
}
