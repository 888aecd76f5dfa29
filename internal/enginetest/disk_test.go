package enginetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/store"
)

// disk is what is stored, read record by record.
type disk struct {
	st      *store.Store
	queues  map[string]*diskQueue
	deleted map[string]int64
	why     []string // why the worlds that were compared are not it
}

type diskQueue struct {
	id    store.QueueID
	name  string
	rec   *store.QueueRecord
	ld    *store.Loaded
	msgs  map[string]uint64 // sequence numbers by message id
	sent  map[string]*store.Message
	inbox map[string]bool
	order []string // the ids, by place, those that are arriving last
	tasks []*store.MoveTask
}

// readDisk reads everything and recounts all sums. It reports what does not add up.
func readDisk(st *store.Store) (d *disk, wrong []string, err error) {
	d = &disk{st: st, queues: map[string]*diskQueue{}, deleted: map[string]int64{}}
	err = st.Queues(func(k store.Key, rec *store.QueueRecord) error {
		d.queues[k.Name] = &diskQueue{id: rec.ID, name: k.Name, rec: rec, msgs: map[string]uint64{}, sent: map[string]*store.Message{}, inbox: map[string]bool{}}
		return nil
	})
	if err == nil {
		err = st.Tombstones(func(k store.Key, at int64) { d.deleted[k.Name] = at })
	}
	if err == nil {
		err = st.MoveTasks(func(id store.QueueID, _ uint64, t *store.MoveTask) {
			for _, q := range d.queues {
				if q.id == id {
					q.tasks = append(q.tasks, t)
				}
			}
		})
	}
	for name, q := range d.queues {
		if err != nil {
			break
		}
		var bad []string
		bad, err = q.read(st)
		for _, b := range bad {
			wrong = append(wrong, name+": "+b)
		}
	}
	return d, wrong, err
}

func (q *diskQueue) read(st *store.Store) (wrong []string, err error) {
	no := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if q.ld, err = st.Load(q.id, 0); err != nil {
		return nil, err
	}
	delays := map[uint64]bool{}
	if err = st.Delays(q.id, 0, 0, func(d store.Delay) bool { delays[d.Seq] = true; return true }); err != nil {
		return nil, err
	}
	groups := map[string]map[uint64]bool{"g": {}, "h": {}, "i": {}}
	for name, index := range groups {
		if err = st.GroupMessages(q.id, []store.GroupSpan{{Group: name}}, func(_ int, m store.GroupMessage) bool { index[m.Seq] = true; return true }); err != nil {
			return nil, err
		}
	}
	c := &q.ld.Counters
	var live, bytes, delayed int64
	segments := map[uint64]store.Segment{}
	states, indexed := 0, 0
	err = st.Messages(q.id, 0, func(seq uint64, m *store.Message) bool {
		id := engine.FormatID(m.ID)
		if q.sent[id] != nil {
			no("%s is there twice", id)
		}
		q.msgs[id], q.sent[id], q.order = seq, m, append(q.order, id)
		s := segments[seq/store.SegmentSize]
		state, received := q.ld.States[seq]
		if received {
			states++
			if state.Sent != m.SentAt || state.Size != m.Size() || state.Group != m.GroupID {
				no("the state of %s is of another message: %+v", id, state)
			}
		}
		live, bytes, s.Live, s.Bytes = live+1, bytes+m.Size(), s.Live+1, s.Bytes+m.Size()
		switch {
		case received:
		case m.Delay > 0:
			delayed++
			s.Indexed++
			if !delays[seq] {
				no("%s has no delay key", id)
			}
		case m.GroupID != "":
			indexed++
			s.Indexed++
			if !groups[m.GroupID][seq] {
				no("%s is not in the index of group %s", id, m.GroupID)
			}
		case seq < c.Low:
			no("%s is before Low", id)
		}
		if seq >= c.NextSeq {
			no("%s has number %d, and the next is %d", id, seq, c.NextSeq)
		}
		segments[seq/store.SegmentSize] = s
		return true
	})
	for _, index := range groups {
		indexed -= len(index)
	}
	if states != len(q.ld.States) || int(delayed) != len(delays) || indexed != 0 {
		no("%d states, %d delays and %d entries of groups without a message", len(q.ld.States)-states, len(delays)-int(delayed), -indexed)
	}
	if live != c.Live || bytes != c.Bytes || delayed != c.Delayed {
		no("%d messages of %d bytes, %d delayed, and the counters say %+v", live, bytes, delayed, *c)
	}
	for n, got := range q.ld.Segments {
		if want := segments[n]; got.Live != want.Live || got.Bytes != want.Bytes || got.Indexed != want.Indexed {
			no("segment %d is %+v, want %+v", n, got, want)
		}
	}
	reachable := map[string]bool{} // groups that a restart finds, by what was received of them or by the rotation
	for _, s := range q.ld.States {
		reachable[s.Group] = strings.HasSuffix(q.name, ".fifo")
	}
	if err := st.Turns(q.id, c.LowTurn, func(t store.Turn) bool {
		reachable[t.Group] = true
		return true
	}); err != nil {
		return nil, err
	}
	for name, index := range groups {
		if len(index) > 0 && !reachable[name] {
			no("group %s is not in the rotation", name)
		}
	}
	if len(q.ld.Segments) != len(segments) {
		no("%d segments, want %d", len(q.ld.Segments), len(segments))
	}
	if err != nil {
		return nil, err
	}
	return wrong, st.Inbox(q.id, func(_ store.InboxKey, m *store.Message) {
		id := engine.FormatID(m.ID)
		if q.sent[id] != nil {
			no("%s is there and arriving", id)
		}
		q.inbox[id], q.sent[id], q.order = true, m, append(q.order, id)
	})
}

// bytes is what is stored in all queues. What is on its way between two does not count.
func (d *disk) bytes() (n int64) {
	for _, q := range d.queues {
		n += q.ld.Counters.Bytes
	}
	return n
}

// tell tells the model the ids of messages that tasks have moved. One that has expired, which the model knows no more, is
// none of them, even if it reads the same.
func (d *diskQueue) tell(q *queue, now int64) {
	if d == nil {
		return
	}
	for _, id := range d.order {
		if m := d.sent[id]; m.SentAt+q.retention() > now {
			q.learn(id, m.Body, m.GroupID)
		}
	}
}

// has reports whether m is still in q there.
func (d *disk) has(q *queue, m *message) bool {
	there := d.queues[q.name]
	return there != nil && there.sent[m.id] != nil && there.sent[m.id].SourceARN == m.source &&
		there.sent[m.id].SentAt == m.sentAt
}

// is reports whether the disk has what w has.
func (d *disk) is(w *world) bool {
	for name, q := range w.queues {
		d.queues[name].tell(q, w.now)
	}
	why := d.differs(w)
	if why != "" {
		d.why = append(d.why, why)
	}
	return why == ""
}

func (d *disk) differs(w *world) string {
	for name := range d.queues {
		if w.queues[name] == nil {
			return fmt.Sprintf("there is a queue %s", name)
		}
	}
	for name, q := range w.queues {
		if d.queues[name] == nil {
			return fmt.Sprintf("there is no queue %s", name)
		}
		if why := d.queues[name].differs(d.st, w, q); why != "" {
			return name + ": " + why
		}
	}
	for name, at := range w.deleted {
		if w.queues[name] == nil && w.now < at+60_000 && d.deleted[name] != at {
			return fmt.Sprintf("queue %s was deleted at %d, not at %d", name, d.deleted[name], at)
		}
	}
	return ""
}

func (d *diskQueue) differs(st *store.Store, w *world, q *queue) string {
	if !slices.Equal(d.rec.Attributes, q.attrs) {
		return fmt.Sprintf("it has attributes %v, not %v", d.rec.Attributes, q.attrs)
	}
	if len(d.tasks) != len(q.tasks) {
		return fmt.Sprintf("it has %d tasks, not %d", len(d.tasks), len(q.tasks))
	}
	for i, t := range q.tasks {
		if got := d.tasks[i]; engine.FormatID(got.ID) != t.id || got.Status != t.status || got.Moved != t.moved || got.Failure != t.failure {
			return fmt.Sprintf("it has a task %+v, not %+v", *got, *t)
		}
	}
	if q.purged != d.ld.Counters.PurgedAt {
		return fmt.Sprintf("it was purged at %d, not at %d", d.ld.Counters.PurgedAt, q.purged)
	}
	for _, m := range q.msgs {
		if why := d.differsIn(w, q, m); why != "" {
			return fmt.Sprintf("%s %s: %s", m.id, m.content.Body[:min(8, len(m.content.Body))], why)
		}
	}
	for id, m := range d.sent {
		if m.SentAt+q.retention() > w.now && q.message(id) == nil {
			return fmt.Sprintf("there is a message %s", id)
		}
	}
	for key, o := range q.dedup {
		if w.now >= o.at+5*60_000 {
			continue
		}
		group, id, ok := strings.Cut(key, "\x00")
		if !ok {
			group, id = "", group
		}
		got, err := st.Dedup(d.id, store.HashDedup(group, id), o.at, o.at)
		if err != nil || got == nil || engine.FormatID(got.ID) != o.id {
			return fmt.Sprintf("deduplication id %q is not that of %s", id, o.id)
		}
	}
	return ""
}

func (d *diskQueue) differsIn(w *world, q *queue, m *message) string {
	sent := d.sent[m.id]
	if sent == nil {
		return "it is not there"
	}
	if sent.SentAt != m.sentAt || sent.SourceARN != m.source {
		return fmt.Sprintf("it was sent at %d by %q, not at %d by %q", sent.SentAt, sent.SourceARN, m.sentAt, m.source)
	}
	state, received := d.ld.States[d.msgs[m.id]]
	if d.inbox[m.id] {
		received = false
	}
	if received != m.received {
		return fmt.Sprintf("received: %v", received)
	}
	if !received {
		state.Receives, state.FirstReceive = sent.Receives, sent.FirstReceive
	}
	if int(state.Receives) != m.receives || state.FirstReceive != m.first || received && state.VisibleAt != m.visibleAt {
		return fmt.Sprintf("%d receives since %d, visible at %d; not %d, %d, %d", state.Receives, state.FirstReceive, state.VisibleAt,
			m.receives, m.first, m.visibleAt)
	}
	return ""
}

// adopt takes over the places in which dead letters were found, as far as the model does not know them. Those of one group
// of one source keep their order.
func (q *queue) adopt(w *world, got []engine.Peeked) bool {
	place := map[string]int{}
	for i := range got {
		q.learn(engine.FormatID(got[i].ID), got[i].Body, got[i].GroupID)
		place[engine.FormatID(got[i].ID)] = i
	}
	free := func(m *message) bool { return m.arriving || m.floats }
	found := slices.Clone(q.msgs)
	slices.SortStableFunc(found, func(a, b *message) int { return place[a.id] - place[b.id] })
	fixed := func(ms []*message) []*message { return slices.DeleteFunc(slices.Clone(ms), free) }
	if !q.fifo && !slices.Equal(fixed(q.msgs), fixed(found)) {
		return w.no("%s has its messages in another order", q.name)
	}
	for i, m := range q.msgs {
		for _, o := range q.msgs[i+1:] {
			together := !free(m) && !free(o) || m.from == o.from
			if q.fifo && together && m.content.GroupID == o.content.GroupID && place[m.id] > place[o.id] {
				return w.no("%s has %s before %s", q.name, o.id, m.id)
			}
		}
	}
	q.msgs = found
	for _, m := range q.msgs {
		m.arriving, m.floats = false, false
	}
	return true
}

func key(name string) engine.Key {
	return engine.Key{Account: "000000000000", Region: "us-east-1", Name: name}
}
