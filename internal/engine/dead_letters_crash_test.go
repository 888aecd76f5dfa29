package engine

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// TestCrashInTheMiddleOfAMove takes a move apart: the source's batch is appended, is on disk, the target has taken its inbox
// in, that is on disk. What a power failure leaves at each of these moments has the message once.
func TestCrashInTheMiddleOfAMove(t *testing.T) {
	for _, fifo := range []bool{false, true} {
		name, suffix, kind := "standard", "", "FifoQueue=false"
		if fifo {
			name, suffix, kind = "fifo", ".fifo", "FifoQueue=true"
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, mem := &gate{}, vfs.NewCrashableMem()
				st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(mem, g)})
				if err != nil {
					t.Fatal(err)
				}
				h := &harness{t: t, fs: mem}
				if h.e, err = Open(st, nil); err != nil {
					t.Fatal(err)
				}
				defer h.close()
				h.create("dead"+suffix, kind)
				q := h.create("q"+suffix, kind, redriveTo("dead"+suffix, 1))
				if fifo {
					h.sendTo(q, "a-1", "a-2")
				} else {
					h.send(q, "a-1", "a-2")
				}
				h.receiveFor(q, 1, 0, 0)

				// left are the crash clones, by the moment at which they were taken.
				left := map[string]*vfs.MemFS{}
				at := func(moment string) {
					synctest.Wait()
					left[moment] = mem.CrashClone(vfs.CrashCloneCfg{})
				}
				g.shut()
				a := q.attempt(&ReceiveParams{Max: 1, Visibility: time.Hour}, &waiter{}, nil)
				for a.again() { // the body is to be read first
					if err := q.fetch(t.Context(), &a); err != nil {
						t.Fatal(err)
					}
					a = q.attempt(&ReceiveParams{Max: 1, Visibility: time.Hour}, &waiter{}, nil)
				}
				at("before the source's batch is on disk")
				g.open()
				at("before the target took it in")
				g.shut()
				a.letters.arrive()
				at("before that is on disk")
				g.open()
				at("after that is on disk")

				for moment, fs := range left {
					after := &harness{t: t, fs: fs}
					after.open()
					moved := moment != "before the source's batch is on disk"
					after.wantMoved(moment, suffix, moved)
					after.crash() // the records of the first start are in order, too
					after.wantMoved(moment+", twice", suffix, moved)
					after.close()
				}
			})
		})
	}
}

// wantMoved wants a-1 in one of two queues, and a-2 in the source, and all counters to agree.
func (h *harness) wantMoved(moment, suffix string, moved bool) {
	h.t.Helper()
	h.t.Log(moment)
	q, dead := h.queue("q"+suffix), h.queue("dead"+suffix)
	var inQ, inDead []string
	for queue, bodies := range map[*Queue]*[]string{q: &inQ, dead: &inDead} {
		page, err := queue.Peek(h.t.Context(), 10)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, p := range page {
			*bodies = append(*bodies, p.Body)
		}
	}
	counts := func(queue *Queue) Counts {
		c, err := queue.Counts(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		return c
	}
	c := counts(q)
	if n := c.Visible + c.InFlight; n != len(inQ) || stored(q) != int64(n) {
		h.t.Errorf("the source counts %+v and has %q", c, inQ)
	}
	if n := counts(dead).Visible; n != len(inDead) || stored(dead) != int64(n) {
		h.t.Errorf("the target counts %d and has %q", n, inDead)
	}
	want := []string{"a-1 a-2", ""}
	if moved {
		want = []string{"a-2", "a-1"}
	}
	if got := []string{strings.Join(inQ, " "), strings.Join(inDead, " ")}; !slices.Equal(got, want) {
		h.t.Errorf("got %q, want %q", got, want)
	}
}
