package enginetest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/store"
)

// runner drives an engine on a file system in memory, inside a synctest bubble, and the model beside it.
type runner struct {
	t        *testing.T
	together int // most calls at once
	rng      *rand.Rand
	fs       *vfs.MemFS
	gate     *gate
	e        *engine.Engine
	closed   bool         // e is
	st       *store.Store // opened, and not yet e's
	o        engine.Options
	names    []string // of the queues
	tenants  bool     // messages of standard queues have groups
	room     int      // messages in a queue from which on it gets no more

	worlds []*world // those that the engine can be in
	polls  []*call  // long polls that wait
	issued []*issued
	known  map[string]bool // handles that were ever issued
	handed int
	bodies int // messages that were ever sent

	mu      sync.Mutex
	queues  map[int]*engine.Queue // by number
	numbers int

	history []string
}

// gate is a file system whose syncs can be held back, and that can be watched.
type gate struct {
	shut atomic.Pointer[chan struct{}]
	see  atomic.Pointer[func(errorfs.Op)]
}

func (g *gate) String() string { return "gate" }

func (g *gate) MaybeError(op errorfs.Op) error {
	if see := g.see.Load(); see != nil {
		(*see)(op)
	}
	if op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo {
		if c := g.shut.Load(); c != nil {
			<-*c
		}
	}
	return nil
}

func (g *gate) close() { c := make(chan struct{}); g.shut.Store(&c) }
func (g *gate) open()  { close(*g.shut.Swap(nil)) }

// newRunner draws the circumstances of a run.
func newRunner(t *testing.T, seed uint64) *runner {
	r := &runner{t: t, rng: rand.New(rand.NewPCG(seed, 1)), fs: vfs.NewCrashableMem(), gate: &gate{}, queues: map[int]*engine.Queue{},
		known: map[string]bool{}}
	chance := rand.New(rand.NewPCG(seed, 2))
	var mu sync.Mutex
	r.o = engine.Options{
		Log:              slog.New(slog.DiscardHandler),
		RelaxedCooldowns: r.chance(70),
		NoFairQueues:     r.chance(30),
		CacheBytes:       pick[int64](r, 0, 1, 2000),
		ExpiryGrace:      -1,
		Rand: func() uint64 {
			mu.Lock()
			defer mu.Unlock()
			return chance.Uint64()
		},
	}
	r.names = pick(r, []string{"a"}, []string{"a.fifo"}, []string{"a", "b", "c"}, []string{"a.fifo", "b.fifo", "c.fifo"},
		[]string{"a", "b", "a.fifo", "b.fifo"})
	r.tenants, r.room = r.chance(50), pick(r, 20, 20, 60)
	r.worlds = []*world{{relaxed: r.o.RelaxedCooldowns, fair: !r.o.NoFairQueues, queues: map[string]*queue{}, deleted: map[string]int64{}}}
	r.note("queues %v, cache %d, relaxed %v, fair %v, tenants %v", r.names, r.o.CacheBytes, r.o.RelaxedCooldowns, !r.o.NoFairQueues, r.tenants)
	return r
}

func (r *runner) note(format string, args ...any) {
	r.history = append(r.history, fmt.Sprintf(format, args...))
}

// fail ends the run and tells how it came to this.
func (r *runner) fail(format string, args ...any) {
	r.t.Helper()
	n := len(r.history) - *historyFlag
	for _, line := range r.history[max(n, 0):] {
		r.t.Log(line)
	}
	for i, w := range r.worlds {
		r.t.Logf("world %d of %d, before:\n%s", i+1, len(r.worlds), w)
	}
	r.t.Fatalf(format, args...)
}

func (r *runner) now() int64 { return time.Now().UnixMilli() }

func (r *runner) created(number int, q *engine.Queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queues[number] = q
}

// openStore opens what is on r.fs.
func (r *runner) openStore() *store.Store {
	r.t.Helper()
	st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(r.fs, r.gate), Log: r.o.Log})
	if err != nil {
		r.fail("the store does not open: %v", err)
	}
	r.st = st
	return st
}

// openEngine opens it and finds the queues again.
func (r *runner) openEngine(st *store.Store) {
	r.t.Helper()
	var err error
	if r.e, err = engine.Open(st, &r.o); err != nil {
		r.fail("the engine does not open: %v", err)
	}
	r.st, r.closed = nil, false
	for name, q := range r.world().queues {
		if r.queues[q.number], err = r.e.Queue(key(name)); err != nil {
			r.fail("queue %s: %v", name, err)
		}
	}
}

// close ends everything, wherever the run stopped.
func (r *runner) close() {
	if r.gate.shut.Load() != nil {
		r.gate.open()
	}
	if err := r.e.Close(); err != nil {
		r.t.Error(err)
	}
	if r.st != nil {
		if err := r.st.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

// step does one thing and compares.
func (r *runner) step() {
	var calls []*call
	draw := func(n int) {
		for range n {
			if c := r.operation(); !r.unclear(calls, c) {
				calls = append(calls, c)
			}
		}
	}
	switch n := r.rng.IntN(1000); {
	case n < 620:
		draw(1)
		r.start(calls, true)
		r.settle(calls, nil)
	case n < 750:
		draw(min(2+r.rng.IntN(3), r.together))
		r.start(calls, r.chance(50))
		r.settle(calls, nil)
	case n < 790:
		draw(min(1+r.rng.IntN(4), r.together))
		r.gate.close()
		r.start(calls, true)
		r.gate.open()
		synctest.Wait()
		r.settle(calls, nil)
	case n < 850:
		draw(r.rng.IntN(5))
		r.crash(slices.DeleteFunc(calls, func(c *call) bool { return c.cycles })) // which leave no trace of how far they came
	case n < 870:
		r.restart()
	case n < 940:
		r.pass(r.seconds(12) + time.Duration(r.rng.IntN(1000))*time.Millisecond)
	case n < 970:
		r.pass(time.Duration(r.rng.IntN(1000)) * time.Millisecond)
	case n < 995:
		r.pass(r.seconds(400))
	default:
		r.pass(r.seconds(6 * 86400))
	}
	if r.chance(70) || len(r.worlds) > 1 {
		r.recount()
	}
	if r.chance(15) || len(r.worlds) > 1 {
		r.look()
	}
}

// start makes calls: one after the other as far as each gets, or all at once.
func (r *runner) start(calls []*call, inOrder bool) {
	r.crowd(calls)
	for _, c := range calls {
		go func() {
			c.err = c.run(context.Background())
			c.at = r.now()
			c.done.Store(true)
		}()
		if inOrder {
			synctest.Wait()
		}
	}
	synctest.Wait()
}

// settle finds out what world this is, after calls were made and whatever long polls have got from that. With found,
// there was a crash before the last of them were answered, and that is what it left.
func (r *runner) settle(calls []*call, found *disk) {
	r.t.Helper()
	s := &search{found: found}
	for _, c := range slices.Concat(calls, r.polls) {
		switch {
		case c.done.Load():
			s.calls = append(s.calls, c)
			r.note("%s%s", c.text, r.outcome(c))
		case c.receive && c.deadline > r.now():
			s.blocked = append(s.blocked, c)
		default:
			r.note("%s", c.text)
			r.fail("%s: no answer", c.text)
		}
	}
	r.passed()
	complaint = ""
	s.run(r.worlds)
	if len(s.ends) == 0 {
		r.fail("no order explains the answers: %s", s.complaint)
	}
	r.worlds, r.polls = distinct(s.ends), s.blocked
	if found != nil {
		if len(s.after) == 0 {
			r.fail("no world explains the disk:\n%v", slices.Compact(found.why))
		}
		r.worlds, r.polls = distinct(s.after), nil
	}
	r.receipts(s.calls)
	if found != nil {
		return // a look follows
	}
	if !r.closed {
		r.tasks()
	}
	if len(s.calls) > 1 && slices.ContainsFunc(r.worlds, (*world).floats) {
		r.look()
		return
	}
	for _, w := range r.worlds {
		for _, q := range w.queues {
			for _, m := range q.msgs {
				m.floats = false
			}
		}
	}
}

func (w *world) floats() bool {
	for _, q := range w.queues {
		if slices.ContainsFunc(q.msgs, func(m *message) bool { return m.floats }) {
			return true
		}
	}
	return false
}

// passed tells the model the time.
func (r *runner) passed() {
	for _, w := range r.worlds {
		w.now, w.step = r.now(), w.step+1
		w.forget()
	}
}

func (r *runner) outcome(c *call) string {
	text := ""
	if c.early {
		text = ", answered before the crash"
	}
	if c.err != nil {
		return text + ": " + c.err.Error()
	}
	if !c.receive {
		return text + c.result
	}
	text += " ->"
	for i := range c.got {
		d := &c.got[i]
		text += fmt.Sprintf(" %s/%s*%d", d.Body[:min(8, len(d.Body))], d.GroupID, d.ReceiveCount)
	}
	return text
}

// receipts notes the handles that are out: of a receive that a crash undid, none.
func (r *runner) receipts(calls []*call) {
	for _, c := range calls {
		for i := range c.got {
			d := &c.got[i]
			id := engine.FormatID(d.ID)
			if r.known[d.Handle] ||
				!slices.ContainsFunc(r.worlds, func(w *world) bool { return w.hasHandle(d.Handle) }) {
				continue
			}
			r.handed++
			r.known[d.Handle] = true
			r.issued = append(r.issued, &issued{r.handed, d.Handle, c.number, id, c.at, r.moves(c.queue, id)})
			r.note("  #%d is %s", r.handed, d.Body[:min(8, len(d.Body))])
		}
	}
	for len(r.issued) > 60 {
		i := r.rng.IntN(len(r.issued))
		r.issued = slices.Delete(r.issued, i, i+1)
	}
}

// moves is how often a message has gone from queue to queue before it was received.
func (r *runner) moves(name, id string) int {
	for _, w := range r.worlds {
		if q := w.queues[name]; q != nil && q.message(id) != nil {
			return q.message(id).moves
		}
	}
	return 0
}

func (w *world) hasHandle(text string) bool {
	for _, q := range w.queues {
		if slices.ContainsFunc(q.msgs, func(m *message) bool { return m.handle == text }) {
			return true
		}
	}
	return false
}

// crash goes on with what a power failure leaves that comes while calls wait for the disk.
func (r *runner) crash(calls []*call) {
	r.gate.close()
	r.start(calls, true)
	for _, c := range slices.Concat(calls, r.polls) {
		c.early = c.done.Load()
	}
	percent := pick(r, 0, 0, 50, 100)
	clone := r.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: r.rng})
	r.note("crash, with %d %% of what was not synced, during %d calls", percent, len(calls))
	r.gate.open()
	synctest.Wait()
	old, polls := r.e, r.polls
	r.fs = clone
	st := r.openStore()
	found, wrong, err := readDisk(st)
	if err != nil || len(wrong) > 0 {
		r.fail("the disk does not add up: %v %v", wrong, err)
	}
	r.settle(calls, found)
	if err := old.Close(); err != nil {
		r.fail("%v", err)
	}
	r.end(polls, calls)
	r.resume(st)
}

// restart closes the engine and opens it again, maybe later.
func (r *runner) restart() {
	r.note("restart")
	for _, c := range r.polls {
		c.drained = true
	}
	if err := r.e.Close(); err != nil {
		r.fail("%v", err)
	}
	synctest.Wait()
	r.closed = true
	used := r.e.Usage()
	if len(r.polls) > 0 {
		r.settle(nil, nil)
	}
	if r.chance(50) {
		d := r.seconds(20)
		r.note("%v later", d)
		time.Sleep(d)
	}
	st := r.openStore()
	found, wrong, err := readDisk(st)
	if err != nil || len(wrong) > 0 {
		r.fail("the disk does not add up: %v %v", wrong, err)
	}
	if stored := found.bytes(); used.Storage != stored || used.Queues != int64(len(found.queues)) {
		r.fail("the engine counted %d bytes in %d queues, and there are %d in %d", used.Storage, used.Queues, stored, len(found.queues))
	}
	r.settle(nil, found)
	r.resume(st)
}

// resume opens the engine again. Tasks that were running go on at once.
func (r *runner) resume(st *store.Store) {
	r.t.Helper()
	r.openEngine(st)
	synctest.Wait()
	for _, w := range r.worlds {
		w.resume(r.now())
	}
	r.settle(nil, nil)
	r.look()
}

// resume is what a restart changes: a task's rate counts from then on, and the groups may come in another order.
func (w *world) resume(now int64) {
	for _, q := range w.queues {
		t := q.running()
		if t == nil {
			continue
		}
		t.from, t.base, t.group = now, t.moved, ""
	}
}

// end waits for the long polls of an engine that is closed.
func (r *runner) end(lists ...[]*call) {
	synctest.Wait()
	for _, c := range slices.Concat(lists...) {
		if !c.done.Load() {
			r.fail("%s: no answer after Close", c.text)
		}
	}
}

// pass lets time go by. While long polls wait it stops at every moment at which something can happen to them.
func (r *runner) pass(d time.Duration) {
	r.note("%v pass", d)
	until := r.now() + d.Milliseconds()
	for r.now() < until {
		next := until
		for _, c := range r.polls {
			next = min(next, c.deadline)
			for _, w := range r.worlds {
				next = min(next, w.nextVisible(c.queue))
			}
		}
		for _, w := range r.worlds {
			for _, q := range w.queues {
				if t := q.running(); t != nil {
					next = min(next, max(t.due(), r.now()+1))
				}
			}
		}
		time.Sleep(time.Duration(next-r.now()) * time.Millisecond)
		synctest.Wait()
		r.settle(nil, nil)
	}
}

// nextVisible is when a message becomes visible, after now.
func (w *world) nextVisible(name string) int64 {
	next := int64(1 << 62)
	if q := w.queues[name]; q != nil {
		for _, m := range q.msgs {
			if at := w.visibleFrom(q, m); at > w.now {
				next = min(next, at)
			}
			if at := m.sentAt + q.retention(); q.fifo && at > w.now {
				next = min(next, at)
			}
		}
	}
	return next
}

// recount compares the three counts of every queue.
func (r *runner) recount() {
	r.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(r.world().queues)) {
		got, err := r.queues[r.world().queues[name].number].Counts(context.Background())
		if err != nil {
			r.fail("counts of %s: %v", name, err)
		}
		r.keep(func(w *world) bool {
			w.queues[name].settleArrivals()
			return w.counts(w.queues[name], got)
		})
	}
}

// look compares all that is stored. The model learns in which order dead letters came in, where it could not know.
func (r *runner) look() {
	r.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(r.world().queues)) {
		got, err := r.queues[r.world().queues[name].number].Peek(context.Background(), 1000)
		if err != nil {
			r.fail("peek of %s: %v", name, err)
		}
		r.keep(func(w *world) bool {
			q := w.queues[name]
			if !q.adopt(w, got) {
				return false
			}
			if got := r.queues[q.number].Info().Attributes; !slices.Equal(got, q.attrs) {
				return w.no("attributes of %s: got %v, want %v", name, got, q.attrs)
			}
			return w.peek(q, got)
		})
	}
}

// keep drops the worlds that this cannot be.
func (r *runner) keep(is func(*world) bool) {
	r.t.Helper()
	why := ""
	kept := slices.DeleteFunc(slices.Clone(r.worlds), func(w *world) bool {
		ok := is(w)
		if !ok {
			why = w.complain
		}
		return !ok
	})
	if len(kept) == 0 {
		r.fail("%s", why)
	}
	r.worlds = distinct(kept)
}
