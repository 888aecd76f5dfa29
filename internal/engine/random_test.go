package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "run TestRandom with this seed only")
	randomFor = flag.Int("random-runs", 40, "how many seeds TestRandom tries")
)

// modelled is a message as a reader of the manual would describe it.
type modelled struct {
	body      string
	visibleAt time.Time
	expires   time.Time
	receives  int
	handles   []Delivery
}

// TestRandom compares the engine with a list of messages, over random operations, restarts and crashes. What it
// compares: which messages a receive may return and how many it must, receive counts, and the three counters.
func TestRandom(t *testing.T) {
	if *seedFlag != 0 {
		t.Run(fmt.Sprint(*seedFlag), func(t *testing.T) { randomRun(t, *seedFlag) })
		return
	}
	base := rand.Uint64()
	for i := range *randomFor {
		seed := base + uint64(i)
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { randomRun(t, seed) }) {
			t.Fatalf("run it again with -seed %d", seed)
		}
	}
}

func randomRun(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	o := Options{RelaxedCooldowns: true, ExpiryGrace: -1}
	if r.IntN(2) == 0 {
		o.CacheBytes = 1 // every body is read from disk
	}
	run(t, o, func(h *harness) {
		m := &randomModel{h: h, r: r, q: h.create("q", "MessageRetentionPeriod=300", "VisibilityTimeout=10")}
		for range 400 {
			m.step()
			if t.Failed() {
				return
			}
		}
	})
}

type randomModel struct {
	h    *harness
	r    *rand.Rand
	q    *Queue
	msgs []*modelled
	next int
}

func (m *randomModel) seconds(n int) time.Duration { return time.Duration(m.r.IntN(n)) * time.Second }

func (m *randomModel) step() {
	m.forget()
	switch p := m.r.IntN(100); {
	case p < 30:
		m.send()
	case p < 55:
		m.receive()
	case p < 70:
		m.delete()
	case p < 80:
		m.change()
	case p < 88:
		time.Sleep(m.seconds(12) + time.Duration(m.r.IntN(1000))*time.Millisecond)
	case p < 90:
		time.Sleep(m.seconds(200))
	case p < 94:
		m.h.crash()
		m.q = m.h.queue("q")
	case p < 96:
		m.h.close()
		time.Sleep(m.seconds(20))
		m.h.open()
		m.q = m.h.queue("q")
	case p < 97:
		if err := m.q.Purge(context.Background()); err != nil {
			m.h.t.Error(err)
		}
		m.msgs = nil
	}
	m.forget()
	m.count()
}

// forget drops what has expired.
func (m *randomModel) forget() {
	kept := m.msgs[:0]
	for _, msg := range m.msgs {
		if time.Now().Before(msg.expires) {
			kept = append(kept, msg)
		}
	}
	m.msgs = kept
}

func (m *randomModel) send() {
	batch := make([]NewMessage, 1+m.r.IntN(10))
	for i := range batch {
		delay := time.Duration(0)
		if m.r.IntN(4) == 0 {
			delay = m.seconds(20)
		}
		batch[i] = NewMessage{Body: fmt.Sprint(m.next), Delay: delay}
		now := time.Now()
		m.msgs = append(m.msgs, &modelled{body: batch[i].Body, visibleAt: now.Add(delay), expires: now.Add(300 * time.Second)})
		m.next++
	}
	if _, err := m.q.Send(context.Background(), batch); err != nil {
		m.h.t.Error(err)
	}
}

func (m *randomModel) receive() {
	p := ReceiveParams{Max: 1 + m.r.IntN(10), Visibility: m.seconds(15)}
	visible := map[string]*modelled{}
	for _, msg := range m.msgs {
		if !msg.visibleAt.After(time.Now()) {
			visible[msg.body] = msg
		}
	}
	ds, err := m.q.Receive(context.Background(), p)
	if err != nil {
		m.h.t.Error(err)
	}
	if want := min(p.Max, len(visible)); len(ds) != want {
		m.h.t.Errorf("received %d, want %d", len(ds), want)
	}
	for _, d := range ds {
		msg := visible[d.Body]
		if msg == nil {
			m.h.t.Errorf("message %s was received and is not visible", d.Body)
			return
		}
		delete(visible, d.Body) // twice in one answer would be an error
		msg.receives++
		if d.ReceiveCount != msg.receives {
			m.h.t.Errorf("message %s: receive count %d, want %d", d.Body, d.ReceiveCount, msg.receives)
		}
		msg.visibleAt = time.Now().Add(p.Visibility)
		msg.handles = append(msg.handles, d)
	}
}

// pick returns a message that was received, and one of its handles.
func (m *randomModel) pick() (*modelled, Delivery, bool) {
	for range 20 {
		if len(m.msgs) == 0 {
			break
		}
		msg := m.msgs[m.r.IntN(len(m.msgs))]
		if len(msg.handles) > 0 {
			return msg, msg.handles[m.r.IntN(len(msg.handles))], true
		}
	}
	return nil, Delivery{}, false
}

func (m *randomModel) delete() {
	msg, d, ok := m.pick()
	if !ok {
		return
	}
	m.h.delete(m.q, d)
	if m.r.IntN(4) == 0 {
		m.h.delete(m.q, d)
	}
	if err := m.h.change(m.q, d, 0); !errors.Is(err, ErrMessageGone) {
		m.h.t.Errorf("message %s is deleted and still there: %v", msg.body, err)
	}
	msg.expires = time.Time{}
}

func (m *randomModel) change() {
	msg, d, ok := m.pick()
	if !ok {
		return
	}
	timeout := m.seconds(15)
	if err := m.h.change(m.q, d, timeout); err != nil {
		m.h.t.Errorf("message %s: %v", msg.body, err)
	}
	msg.visibleAt = time.Now().Add(timeout)
}

func (m *randomModel) count() {
	var want Counts
	for _, msg := range m.msgs {
		switch {
		case !msg.visibleAt.After(time.Now()):
			want.Visible++
		case msg.receives > 0:
			want.InFlight++
		default:
			want.Delayed++
		}
	}
	got, err := m.q.Counts(context.Background())
	if err != nil || got != want {
		m.h.t.Errorf("counts %+v, want %+v (%v)", got, want, err)
	}
}
