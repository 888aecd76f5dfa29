package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// boundary is what a power failure leaves that comes right before a change of the file system.
type boundary struct {
	op      errorfs.Op
	percent int // of what was not synced is there nevertheless
	fs      *vfs.MemFS
	early   []*call // that were answered
	at      int64
}

// changesFiles are the operations between which there are boundaries.
var changesFiles = []errorfs.OpKind{
	errorfs.OpCreate, errorfs.OpLink, errorfs.OpRemove, errorfs.OpRemoveAll, errorfs.OpRename, errorfs.OpReuseForWrite, errorfs.OpMkdirAll,
	errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo,
}

// watch collects the boundaries while calls run. Two are taken each time: one has what was synced and nothing else, one
// a part of the rest, or all of it.
func (r *runner) watch(calls []*call, f func()) (all []boundary) {
	rng := rand.New(rand.NewPCG(r.rng.Uint64(), 3))
	under, fs := slices.Concat(calls, r.polls), r.fs // as f and the store's goroutines run at once
	take := func(op errorfs.Op) {
		b := boundary{op: op, at: r.now()}
		for _, c := range under {
			if c.done.Load() {
				b.early = append(b.early, c)
			}
		}
		for _, percent := range []int{0, []int{50, 50, 100}[rng.IntN(3)]} {
			b.percent, b.fs = percent, fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng})
			all = append(all, b)
		}
	}
	see := func(op errorfs.Op) {
		if slices.Contains(changesFiles, op.Kind) {
			r.mu.Lock()
			defer r.mu.Unlock()
			take(op)
		}
	}
	r.gate.see.Store(&see)
	f()
	synctest.Wait()
	r.gate.see.Store(nil)
	take(errorfs.Op{Path: "the end"})
	return all
}

// explain wants a boundary to be on the way from one of the worlds over calls, and not before those that were answered.
func (r *runner) explain(worlds []*world, calls []*call, b boundary) {
	r.t.Helper()
	st, err := store.Open("data", &store.Options{FS: b.fs, Log: r.o.Log})
	if err != nil {
		r.fail("%s: the store does not open: %v", b, err)
	}
	defer st.Close()
	found, wrong, err := readDisk(st)
	if err != nil || len(wrong) > 0 {
		r.fail("%s: the disk does not add up: %v %v", b, wrong, err)
	}
	s := &search{found: found}
	for _, c := range slices.Concat(calls, r.polls) {
		if c.early = slices.Contains(b.early, c); c.done.Load() {
			s.calls = append(s.calls, c)
		} else {
			s.blocked = append(s.blocked, c)
		}
	}
	from := clones(worlds)
	for _, w := range from {
		w.now = b.at
	}
	if s.run(from); len(s.after) == 0 {
		r.fail("%s: no world explains the disk:\n%v", b, slices.Compact(found.why))
	}
}

func (b boundary) String() string {
	return fmt.Sprintf("power failure before operation %d on %s, with %d %% of what was not synced", b.op.Kind, b.op.Path, b.percent)
}

// TestPowerFailsAtEveryWrite makes calls one after the other. For each it looks at what a power failure would leave before
// every single write and sync of it, and after its answer; and the same for restarts.
func TestPowerFailsAtEveryWrite(t *testing.T) {
	const first, seeds, steps = 8, 10, 60 // seeds 10, 12 and 15 move dead letters, 12 has move tasks
	boundaries := 0
	for seed := uint64(first); seed < first+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRunner(t, seed)
				r.together = 1
				r.openEngine(r.openStore())
				defer r.close()
				for n := range steps {
					r.note("%d:", n)
					boundaries += r.watchedStep()
				}
			})
		})
	}
	t.Logf("%d boundaries", boundaries)
	if boundaries < 2*seeds*steps {
		t.Errorf("looked at %d boundaries only", boundaries)
	}
}

// watchedStep makes a call or a restart, or does what else there is now and then. It returns how many boundaries it has
// looked at.
func (r *runner) watchedStep() int {
	before := clones(r.worlds)
	switch n := r.rng.IntN(100); {
	case n < 15:
		r.step()
		return 0
	case n < 20 && len(r.polls) == 0 && !r.world().busy():
		bs := r.watch(nil, r.restart)
		for _, b := range bs {
			r.explain(before, nil, b)
		}
		return len(bs)
	}
	calls := []*call{r.operation()}
	bs := r.watch(calls, func() { r.start(calls, true) })
	if calls[0].cycles { // it leaves no trace of how far it came
		bs = bs[len(bs)-1:]
	}
	for _, b := range bs {
		r.explain(before, calls, b)
	}
	r.settle(calls, nil)
	return len(bs)
}

func clones(worlds []*world) []*world {
	out := make([]*world, len(worlds))
	for i, w := range worlds {
		out[i] = w.clone()
	}
	return out
}

// busy reports whether a move task runs.
func (w *world) busy() bool {
	for _, q := range w.queues {
		if q.running() != nil {
			return true
		}
	}
	return false
}
