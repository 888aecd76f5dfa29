package enginetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// call is one operation: how it is asked of the engine, and what its answer means in a world.
type call struct {
	text   string
	queue  string
	number int // which queue of that name
	run    func(context.Context) error
	apply  func(*world, *queue) []*world // nil or empty: the answer is wrong

	wipes     bool // deletes messages that may be visible
	setsWait  bool // changes how long receives wait
	deletes   bool
	sets      bool // changes an attribute
	keeps     bool // changes how long messages are kept
	tasks     bool // starts or cancels a move task
	hangsUp   bool // ends a long poll
	receive   bool
	sends     bool
	repeats   bool                      // or may be repeated
	cycles    bool                      // dead letters can come back
	moves     bool                      // may move dead letters
	zero      bool                      // may make messages visible at once
	waits     bool                      // as long as the queue says
	crowded   bool                      // beside others
	drained   bool                      // ended by a restart
	part      func(*world, *queue, int) // what a receive has done when it has got so many
	deadline  int64                     // of a long poll
	cancel    context.CancelFunc
	cancelled bool
	got       []engine.Delivery
	result    string // in words

	done  atomic.Bool
	early bool // answered before the crash
	err   error
	at    int64
}

// issued is a receipt handle.
type issued struct {
	n     int
	text  string
	queue int // number; 0: nobody issued it
	msg   string
	at    int64
	moves int // of the message, before the receive
}

// to applies an answer to a copy of w.
func (c *call) to(w *world) []*world {
	w = w.clone()
	q := w.queues[c.queue]
	switch {
	case c.number == 0: // it is about the name
	case q == nil || q.number != c.number:
		if c.err == engine.ErrNoQueue {
			return []*world{w}
		}
		w.no("the queue is deleted: got %v", c.err)
		return c.refuse(w)
	}
	if worlds := c.apply(w, q); len(worlds) > 0 {
		return worlds
	}
	return c.refuse(w)
}

func (c *call) refuse(w *world) []*world {
	if w.complain == "" {
		w.no("got %v", c.err)
	}
	complaint = fmt.Sprintf("%s: %s", c.text, w.complain)
	return nil
}

// complaint is the latest.
var complaint string

func one(w *world, ok bool) []*world {
	if !ok {
		return nil
	}
	return []*world{w}
}

func (r *runner) chance(percent int) bool { return r.rng.IntN(100) < percent }

func (r *runner) seconds(n int) time.Duration { return time.Duration(r.rng.IntN(n+1)) * time.Second }

func pick[T any](r *runner, of ...T) T { return of[r.rng.IntN(len(of))] }

// world is one that the engine can be in; nearly always there is no other.
func (r *runner) world() *world { return r.worlds[0] }

// operation draws one.
func (r *runner) operation() *call {
	name := pick(r, r.names...)
	q := r.world().queues[name]
	if q == nil {
		return r.create(name)
	}
	switch n := r.rng.IntN(1000); {
	case n < 300:
		return r.send(q)
	case n < 580:
		return r.receive(q)
	case n < 595:
		return r.startMove(q)
	case n < 600:
		return r.cancelMove(q)
	case n < 780:
		return r.delete(q)
	case n < 900:
		return r.change(q)
	case n < 970:
		return r.update(q)
	case n < 978:
		return r.purge(q)
	case n < 983:
		return r.drop(q)
	case n < 987:
		return r.create(name)
	}
	return r.hangUp()
}

func (r *runner) on(q *queue, text string, args ...any) (*call, *engine.Queue) {
	c := &call{text: q.name + " " + fmt.Sprintf(text, args...), queue: q.name, number: q.number}
	return c, r.queues[q.number]
}

func (r *runner) send(q *queue) *call {
	ms := make([]engine.NewMessage, pick(r, 1, 1, 1, 2, 3, 10))
	if len(q.msgs) > r.room {
		return r.receive(q)
	}
	for i := range ms {
		ms[i] = r.message(q)
	}
	c, eq := r.on(q, "send %s", describe(ms))
	c.sends = true
	var got []engine.Sent
	c.run = func(ctx context.Context) (err error) { got, err = eq.Send(ctx, ms); return err }
	c.apply = func(w *world, q *queue) []*world {
		q.settleArrivals()
		return one(w, c.err == nil && w.send(q, ms, got))
	}
	return c
}

func (r *runner) message(q *queue) engine.NewMessage {
	r.bodies++
	m := engine.NewMessage{Body: fmt.Sprint("m", r.bodies), SenderID: "AKIA"}
	if r.chance(10) {
		m.Body += strings.Repeat("x", r.rng.IntN(3000))
	}
	if r.chance(10) {
		m.TraceHeader = "Root=1"
		m.Attributes = []api.MessageAttribute{
			{Name: "a", Value: api.MessageAttributeValue{DataType: "Number", StringValue: "1"}},
			{Name: "b", Value: api.MessageAttributeValue{DataType: "Binary", BinaryValue: []byte{0, 1}}},
		}
	}
	if q.fifo || r.tenants && r.chance(80) {
		m.GroupID = pick(r, "g", "h", "h", "i", "i", "i")
	}
	switch {
	case !q.fifo:
		m.Delay = pick(r, -1, -1, 0, r.seconds(20))
	case r.chance(30):
		m.DeduplicationID = fmt.Sprint(r.rng.IntN(20))
	case r.chance(20):
		m.Body = "same"
		fallthrough
	default:
		sum := sha256.Sum256([]byte(m.Body))
		m.DeduplicationID = hex.EncodeToString(sum[:])
	}
	return m
}

func describe(ms []engine.NewMessage) string {
	var parts []string
	for i := range ms {
		m := &ms[i]
		body := m.Body[:min(len(m.Body), 8)]
		parts = append(parts, fmt.Sprintf("%s/%s/%.4s/%v", body, m.GroupID, m.DeduplicationID, m.Delay))
	}
	return strings.Join(parts, " ")
}

func (r *runner) receive(q *queue) *call {
	p := engine.ReceiveParams{Max: pick(r, 1, 2, 3, 10), Visibility: pick(r, -1, 0, r.seconds(3), r.seconds(15), r.seconds(40))}
	switch {
	case r.chance(15):
		p.Wait = r.seconds(20)
	case r.chance(15):
		p.Wait = -1
	case q.fifo && r.chance(30):
		p.AttemptID = pick(r, "A", "B")
	}
	cycles := r.cyclic(q.name)
	if cycles || len(r.polls) > 2 {
		p.Wait = 0
	}
	c, eq := r.on(q, "receive %+v", p)
	c.receive, c.waits, c.zero = true, p.Wait < 0, p.Visibility <= 0
	c.cycles = cycles
	c.repeats = p.AttemptID != ""
	_, c.moves = q.attrs.Get(api.RedrivePolicy)
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	wait := p.Wait.Milliseconds()
	if p.Wait < 0 {
		wait = q.seconds(api.ReceiveMessageWaitTimeSeconds)
	}
	c.deadline = r.now() + wait
	visibility := func(q *queue) int64 {
		if p.Visibility < 0 {
			return q.seconds(api.VisibilityTimeout)
		}
		return p.Visibility.Milliseconds()
	}
	c.run = func(context.Context) (err error) { c.got, err = eq.Receive(ctx, p); return err }
	c.apply = func(w *world, q *queue) []*world {
		q.settleArrivals()
		switch over := c.drained || w.now == c.deadline; {
		case c.cancelled && errors.Is(c.err, context.Canceled), c.err == nil && wait > 0 && len(c.got) == 0 && over:
			return []*world{w}
		case c.err != nil, wait > 0 && len(c.got) == 0:
			return nil
		}
		return w.receive(q, &p, visibility(q), c.got, c.crowded)
	}
	c.part = func(w *world, q *queue, n int) { w.hand(q, &p, visibility(q), c.got[:n]) }
	return c
}

// cyclic reports whether dead letters of a queue can come back to it. Long polls there would move them on and on.
func (r *runner) cyclic(name string) bool {
	for at, n := name, 0; n < 10; n++ {
		q := r.world().queues[at]
		if q == nil {
			return false
		}
		at, _ = q.redrive()
		if at == name {
			return true
		}
	}
	return true
}

// handles draws receipt handles: mostly of messages that are there.
func (r *runner) handles(q *queue) []*issued {
	hs := make([]*issued, pick(r, 1, 1, 2, 5))
	for i := range hs {
		hs[i] = &issued{text: "nobody's"}
		for range 10 {
			if len(r.issued) == 0 {
				break
			}
			hs[i] = pick(r, r.issued...)
			m := q.message(hs[i].msg)
			if hs[i].queue == q.number && m != nil && (m.handle == hs[i].text || r.chance(20)) {
				break
			}
		}
	}
	return hs
}

func numbers(hs []*issued) (text string) {
	for _, h := range hs {
		text += fmt.Sprintf(" #%d", h.n)
	}
	return text
}

func inWords(errs []error) (text string) {
	for i, err := range errs {
		if err != nil {
			text += fmt.Sprintf("; %d: %v", i, err)
		}
	}
	return text
}

func (r *runner) delete(q *queue) *call {
	hs := r.handles(q)
	c, eq := r.on(q, "delete%s", numbers(hs))
	c.deletes, c.wipes = true, !q.fifo // there only what is in flight
	var got []error
	c.run = func(ctx context.Context) (err error) {
		texts := make([]string, len(hs))
		for i, h := range hs {
			texts[i] = h.text
		}
		got, err = eq.DeleteMessages(ctx, texts)
		c.result = inWords(got)
		return err
	}
	c.apply = func(w *world, q *queue) []*world {
		q.settleArrivals()
		if c.err != nil {
			return nil
		}
		for i, h := range hs {
			if !w.deleteMessage(q, h, got[i]) {
				return nil
			}
		}
		return []*world{w}
	}
	return c
}

func (r *runner) change(q *queue) *call {
	hs := r.handles(q)
	cs := make([]engine.VisibilityChange, len(hs))
	for i, h := range hs {
		cs[i] = engine.VisibilityChange{Handle: h.text, Timeout: pick(r, 0, 0, r.seconds(3), r.seconds(20), r.seconds(40), 12*time.Hour)}
	}
	c, eq := r.on(q, "change%s", numbers(hs))
	for i := range cs {
		c.text += " " + cs[i].Timeout.String()
	}
	var got []error
	c.run = func(ctx context.Context) (err error) {
		got, err = eq.ChangeVisibility(ctx, cs)
		c.result = inWords(got)
		return err
	}
	c.apply = func(w *world, q *queue) []*world {
		q.settleArrivals()
		if c.err != nil {
			return nil
		}
		for i, h := range hs {
			if !w.changeVisibility(q, h, cs[i].Timeout.Milliseconds(), got[i]) {
				return nil
			}
		}
		return []*world{w}
	}
	return c
}

func (r *runner) purge(q *queue) *call {
	c, eq := r.on(q, "purge")
	c.wipes = true
	c.run = func(ctx context.Context) error { return eq.Purge(ctx) }
	c.apply = func(w *world, q *queue) []*world { return one(w, w.purge(q, c.err)) }
	return c
}

// attribute draws one that the engine acts on.
func (r *runner) attribute(q *queue) api.Attribute {
	a := api.Attribute{}
	switch r.rng.IntN(5) {
	case 0:
		a.Name, a.Value = api.VisibilityTimeout, pick(r, "0", "1", "5", "20", "30", "43200")
	case 1:
		a.Name, a.Value = api.DelaySeconds, pick(r, "0", "0", "0", "1", "10", "900")
	case 2:
		a.Name, a.Value = api.MessageRetentionPeriod, pick(r, "60", "120", "300", "345600", "345600")
	case 3:
		a.Name, a.Value = api.ReceiveMessageWaitTimeSeconds, pick(r, "0", "0", "5", "20")
	case 4:
		target := pick(r, r.names...)
		// Not itself: how often its dead letters have gone round cannot be seen. Package engine tests that.
		if q.fifo == strings.HasSuffix(target, ".fifo") && target != q.name {
			return redriveTo(target, 1+r.rng.IntN(3))
		}
		return r.attribute(q)
	}
	return a
}

func redriveTo(target string, max int) api.Attribute {
	return api.Attribute{Name: api.RedrivePolicy, Value: fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn(target), max)}
}

// set returns the attributes with one changed. Those that were set are in order, without the defaults.
func set(as api.Attributes, a api.Attribute) api.Attributes {
	as = slices.DeleteFunc(slices.Clone(as), func(o api.Attribute) bool { return o.Name == a.Name })
	if a.Value != "" {
		as = append(as, a)
	}
	slices.SortFunc(as, func(a, b api.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return as
}

func (r *runner) update(q *queue) *call {
	a := r.attribute(q)
	if a.Name == api.RedrivePolicy {
		if len(r.polls) > 0 {
			return r.send(q)
		}
		if r.chance(20) {
			a.Value = ""
		}
	}
	if a.Name == api.MessageRetentionPeriod {
		r.recount() // so that nothing is left that a longer retention would bring back
	}
	c, eq := r.on(q, "update %s=%s", a.Name, a.Value)
	c.sets, c.keeps = true, a.Name == api.MessageRetentionPeriod
	c.setsWait = a.Name == api.ReceiveMessageWaitTimeSeconds
	c.run = func(ctx context.Context) error {
		return eq.Update(ctx, func(d engine.Definition) (engine.Definition, error) {
			d.Attributes = set(d.Attributes, a)
			return d, nil
		})
	}
	c.apply = func(w *world, q *queue) []*world {
		q.attrs = set(q.attrs, a)
		w.forget()
		if t := q.running(); t != nil {
			t.expected = map[string]bool{} // a delay may have grown
		}
		return one(w, c.err == nil)
	}
	return c
}

func (r *runner) drop(q *queue) *call {
	c, eq := r.on(q, "delete the queue")
	c.wipes = true
	c.run = func(ctx context.Context) error { return r.e.Delete(ctx, eq) }
	c.apply = func(w *world, q *queue) []*world {
		delete(w.queues, q.name)
		w.deleted[q.name] = w.now
		return one(w, c.err == nil)
	}
	return c
}

func (r *runner) create(name string) *call {
	r.numbers++
	q := &queue{name: name, number: r.numbers, fifo: strings.HasSuffix(name, ".fifo")}
	if q.fifo {
		q.attrs = set(q.attrs, api.Attribute{Name: api.FifoQueue, Value: "true"})
		if r.chance(30) {
			q.attrs = set(q.attrs, api.Attribute{Name: api.DeduplicationScope, Value: api.ScopeMessageGroup})
			q.byGroup = true
		}
	}
	if a := r.attribute(q); a.Name != api.RedrivePolicy {
		q.attrs = set(q.attrs, a)
	}
	c := &call{text: fmt.Sprintf("create %s %v", name, q.attrs), queue: name}
	c.run = func(ctx context.Context) error {
		eq, err := r.e.Create(ctx, key(name), engine.Definition{Attributes: q.attrs}, func(engine.Definition) error { return errExists })
		if err == nil {
			r.created(q.number, eq)
		}
		return err
	}
	c.apply = func(w *world, existing *queue) []*world {
		at, rests := w.deleted[name]
		var want error
		switch {
		case existing != nil:
			want = errExists
		case rests && !w.relaxed && w.now < at+60_000:
			want = engine.ErrDeletedRecently
		default:
			w.queues[name] = new(*q)
			w.queues[name].dedup, w.queues[name].attempts = map[string]original{}, map[string]*attempt{}
			w.queues[name].expired = map[string]bool{}
		}
		return one(w, c.err == want)
	}
	return c
}

var errExists = errors.New("exists")

// hangUp ends a long poll whose client has gone.
func (r *runner) hangUp() *call {
	c := &call{text: "hang up", hangsUp: true, run: func(context.Context) error { return nil }}
	c.apply = func(w *world, _ *queue) []*world { return []*world{w} }
	if len(r.polls) > 0 {
		p := pick(r, r.polls...)
		c.text = "hang up: " + p.text
		c.run = func(context.Context) error { p.cancelled = true; p.cancel(); return nil }
	}
	return c
}
