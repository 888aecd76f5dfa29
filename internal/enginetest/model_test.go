package enginetest

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// world is everything that a reader of the manual would know: queues, each a list of messages. There is no index and no
// cache; every question goes through the list. All times are in ms. A world is changed by one operation at a time; what
// the engine was asked at once is tried in every order (order_test.go).
type world struct {
	now      int64
	step     int
	relaxed  bool // no cooldowns
	fair     bool // fair queues are on
	queues   map[string]*queue
	deleted  map[string]int64 // when queues were deleted, by name
	unnamed  int              // messages that tasks have moved
	complain string           // what the last answer that was refused should have been
}

type queue struct {
	name     string
	number   int // no two queues have the same, not even of one name
	fifo     bool
	byGroup  bool // deduplication ids count by group
	attrs    api.Attributes
	msgs     []*message // in the order of arrival
	dedup    map[string]original
	attempts map[string]*attempt
	tasks    []*task // the latest ten, the newest last
	last     string  // greatest sequence number so far
	purged   int64
	expired  map[string]bool // since the messages were counted last: they may be there yet
	unfair   bool            // a tenant may be noisy: the order of receives is free
}

type message struct {
	id        string
	content   *engine.NewMessage // as it was sent
	seq       string             // of FIFO queues; "": not seen yet
	source    string             // ARN of the queue that a dead letter came from
	from      string             // ARN of the queue that it came from in any other way than being sent
	task      string             // the latest that was started when it was in the queue
	sentAt    int64
	delay     int64
	received  bool  // in this queue
	visibleAt int64 // once received
	receives  int
	first     int64  // first receive
	handle    string // the latest
	arriving  bool   // a dead letter that nobody can have seen here yet: a restart may change its place
	floats    bool   // a dead letter that came while there was more going on: its place is not known
	moves     int    // from queue to queue
	movedIn   int    // the step of the latest,
	hops      int    // and how many of them were in that step
}

type original struct {
	id, seq string
	at      int64
}

type attempt struct {
	at            int64
	msgs, handles []string
}

func (w *world) clone() *world {
	c := *w
	c.queues, c.deleted, c.complain = map[string]*queue{}, maps.Clone(w.deleted), ""
	for name, q := range w.queues {
		d := *q
		d.dedup, d.attempts, d.expired = maps.Clone(q.dedup), maps.Clone(q.attempts), maps.Clone(q.expired)
		d.msgs = make([]*message, len(q.msgs))
		for i, m := range q.msgs {
			d.msgs[i] = new(*m)
		}
		d.tasks = slices.Clone(q.tasks)
		for i, t := range d.tasks {
			d.tasks[i] = t.clone()
		}
		c.queues[name] = &d
	}
	return &c
}

// no says why an answer is wrong.
func (w *world) no(format string, args ...any) bool {
	w.complain = fmt.Sprintf(format, args...)
	return false
}

func arn(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }

func (q *queue) seconds(attribute string) int64 {
	text, ok := q.attrs.Get(attribute)
	if !ok {
		text = api.QueueAttributeNamed(attribute).Default
	}
	n, _ := strconv.ParseInt(text, 10, 64)
	return n * 1000
}

func (q *queue) delay() int64     { return q.seconds(api.DelaySeconds) }
func (q *queue) retention() int64 { return q.seconds(api.MessageRetentionPeriod) }

// redrive is the queue's dead-letter queue and how often a message may be received before it goes there.
func (q *queue) redrive() (target string, max int) {
	text, ok := q.attrs.Get(api.RedrivePolicy)
	if !ok {
		return "", 0
	}
	var p struct {
		Target string `json:"deadLetterTargetArn"`
		Max    int    `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err)
	}
	return p.Target[strings.LastIndex(p.Target, ":")+1:], p.Max
}

// Section 3.7: retention counts from the sending, for messages in any state.
func (w *world) expired(q *queue, m *message) bool { return m.sentAt+q.retention() <= w.now }

// Section 3.6 and 3.7. The delay of a FIFO queue is the queue's, whenever it was set.
func (w *world) visibleFrom(q *queue, m *message) int64 {
	switch {
	case m.received:
		return m.visibleAt
	case q.fifo:
		return m.sentAt + q.delay()
	}
	return m.sentAt + m.delay
}

func (w *world) visible(q *queue, m *message) bool { return w.visibleFrom(q, m) <= w.now }

// due reports whether a message would go to the dead-letter queue instead of a receiver (section 3.8). Without a
// dead-letter queue it stays and is delivered.
func (w *world) due(q *queue, m *message) bool {
	target, max := q.redrive()
	return target != "" && w.queues[target] != nil && m.receives >= max
}

// forget drops what has expired.
func (w *world) forget() {
	for _, q := range w.queues {
		q.msgs = slices.DeleteFunc(q.msgs, func(m *message) bool {
			if w.expired(q, m) {
				q.expired[m.id] = true
				q.disturb(m)
				return true
			}
			return false
		})
	}
}

func (q *queue) message(id string) *message {
	for _, m := range q.msgs {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (q *queue) remove(m *message) {
	q.touch(m)
	q.msgs = slices.DeleteFunc(q.msgs, func(o *message) bool { return o == m })
}

// touch notes that a message has changed: the receive that it came with cannot be repeated (section 3.11).
func (q *queue) touch(m *message) {
	q.disturb(m)
	maps.DeleteFunc(q.attempts, func(_ string, a *attempt) bool { return slices.Contains(a.msgs, m.id) })
}

// disturb notes that somebody else than a running task was at a group: the task may leave it.
func (q *queue) disturb(m *message) {
	if t := q.running(); t != nil {
		delete(t.expected, m.content.GroupID)
	}
}

// settleArrivals notes that somebody looks at the queue: from now on its order is fixed.
func (q *queue) settleArrivals() {
	for _, m := range q.msgs {
		m.arriving = false
	}
}

// tenants notes that fair queues may reorder messages from here on: AWS says from 30 in flight of one tenant.
func (w *world) tenants(q *queue) {
	if q.fifo || !w.fair {
		return
	}
	inFlight := map[string]int{}
	for _, m := range q.msgs {
		if g := m.content.GroupID; g != "" && m.received && !w.visible(q, m) {
			inFlight[g]++
			q.unfair = q.unfair || inFlight[g] >= 30
		}
	}
}

func dedupKey(q *queue, m *engine.NewMessage) string {
	if q.byGroup {
		return m.GroupID + "\x00" + m.DeduplicationID
	}
	return m.DeduplicationID
}

// send is section 4.3 and 4.4.
func (w *world) send(q *queue, ms []engine.NewMessage, got []engine.Sent) bool {
	if len(got) != len(ms) {
		return w.no("%d results for %d messages", len(got), len(ms))
	}
	for i := range ms {
		sum := md5.Sum([]byte(ms[i].Body))
		if got[i].BodyMD5 != hex.EncodeToString(sum[:]) {
			return w.no("digest of message %d is wrong", i)
		}
		m := &message{id: got[i].ID, content: &ms[i], sentAt: w.now, seq: got[i].SequenceNumber}
		if q.fifo {
			key := dedupKey(q, &ms[i])
			if o, ok := q.dedup[key]; ok && w.now < o.at+5*60_000 {
				if o.id != m.id || o.seq != m.seq {
					return w.no("message %d duplicates %s %s and is answered as %s %s", i, o.id, o.seq, m.id, m.seq)
				}
				continue
			}
			q.dedup[key] = original{m.id, m.seq, w.now}
			if !q.rises(m.seq) {
				return w.no("sequence number %q after %q", m.seq, q.last)
			}
		} else {
			if m.delay = ms[i].Delay.Milliseconds(); ms[i].Delay < 0 {
				m.delay = q.delay()
			}
			if m.seq != "" {
				return w.no("message %d has a sequence number", i)
			}
		}
		if q.message(m.id) != nil {
			return w.no("message id %s was given twice", m.id)
		}
		q.msgs = append(q.msgs, m)
	}
	return true
}

// rises notes a new sequence number: 20 digits, greater than all before.
func (q *queue) rises(seq string) bool {
	ok := len(seq) == 20 && seq > q.last
	q.last = max(q.last, seq)
	return ok
}

// deleteMessage is section 2.11: in a FIFO queue the handle must be that of a receive whose timeout runs.
func (w *world) deleteMessage(q *queue, h *issued, got error) bool {
	m, want := w.open(q, h)
	if m != nil && q.fifo && (m.handle != h.text || w.visible(q, m)) {
		want = engine.ErrHandleExpired
	}
	if got != want && !(m == nil && q.fifo && q.expired[h.msg] && got == engine.ErrHandleExpired) {
		return w.no("delete of %s by handle %d: got %v, want %v", h.msg, h.n, got, want)
	}
	if m != nil && want == nil {
		q.remove(m)
	}
	return true
}

// open finds the message of a handle. A handle of another queue or of nobody is an error; so is not one of a message
// that is gone.
func (w *world) open(q *queue, h *issued) (*message, error) {
	switch {
	case h.queue == 0:
		return nil, engine.ErrBadHandle
	case h.queue != q.number:
		return nil, engine.ErrOtherQueue
	}
	if m := q.message(h.msg); m != nil && m.moves == h.moves {
		return m, nil
	}
	return nil, nil
}

// changeVisibility is section 2.12.
func (w *world) changeVisibility(q *queue, h *issued, timeout int64, got error) bool {
	m, want := w.open(q, h)
	switch {
	case want != nil:
	case m == nil:
		want = engine.ErrMessageGone
	case q.fifo && (m.handle != h.text || w.visible(q, m)):
		want = engine.ErrHandleExpired
	case w.now-h.at+timeout > 12*3600_000:
		want = engine.ErrBeyondLimit
	}
	if got != want {
		return w.no("visibility %d of %s by handle %d: got %v, want %v", timeout, h.msg, h.n, got, want)
	}
	if want == nil {
		q.touch(m)
		m.visibleAt = w.now + timeout
		w.tenants(q)
	}
	return true
}

// purge is section 2.13.
func (w *world) purge(q *queue, got error) bool {
	var want error
	if !w.relaxed && q.purged != 0 && w.now < q.purged+60_000 {
		want = engine.ErrPurgeInProgress
	}
	if got != want {
		return w.no("got %v, want %v", got, want)
	}
	if want == nil {
		q.msgs, q.dedup, q.attempts, q.purged = nil, map[string]original{}, map[string]*attempt{}, w.now
	}
	return true
}

// counts is section 3.10. The delay of a FIFO queue is counted by the second (docs/differences.md).
func (w *world) counts(q *queue, got engine.Counts) bool {
	want, rounded := w.count(q)
	q.expired = map[string]bool{}
	if got != want && got != rounded {
		return w.no("counts of %s: got %+v, want %+v or %+v", q.name, got, want, rounded)
	}
	return true
}

func (w *world) count(q *queue) (want, rounded engine.Counts) {
	late := 0 // whose delay ends in this second
	for _, m := range q.msgs {
		switch {
		case w.visible(q, m):
			want.Visible++
			if q.fifo && !m.received && q.delay() > 0 && m.sentAt/1000*1000+999+q.delay() > w.now {
				late++
			}
		case m.received:
			want.InFlight++
		default:
			want.Delayed++
		}
	}
	return want, engine.Counts{Visible: want.Visible - late, InFlight: want.InFlight, Delayed: want.Delayed + late}
}

// peek compares everything that is stored in a queue. In a FIFO queue only the order within a group counts.
func (w *world) peek(q *queue, got []engine.Peeked) bool {
	if len(got) != len(q.msgs) {
		var all []string
		for j := range got {
			all = append(all, got[j].Body[:min(8, len(got[j].Body))])
		}
		return w.no("%s has %d messages, want %d: %v", q.name, len(got), len(q.msgs), all)
	}
	msgs := q.msgs
	if q.fifo {
		got, msgs = slices.Clone(got), slices.Clone(msgs)
		slices.SortStableFunc(got, func(a, b engine.Peeked) int { return strings.Compare(a.GroupID, b.GroupID) })
		slices.SortStableFunc(msgs, func(a, b *message) int { return strings.Compare(a.content.GroupID, b.content.GroupID) })
	}
	for i, m := range msgs {
		p := &got[i]
		if id := engine.FormatID(p.ID); id != m.id {
			var all []string
			for j := range got {
				all = append(all, got[j].Body[:min(8, len(got[j].Body))])
			}
			return w.no("%s: message %d is %s, want %s, in %v", q.name, i, id, m.id, all)
		}
		state := engine.Delayed
		switch {
		case w.visible(q, m):
			state = engine.Visible
		case m.received:
			state = engine.InFlight
		}
		if p.State != state || p.ReceiveCount != m.receives || p.FirstReceive != m.first {
			return w.no("%s: %s has state %d, count %d, first receive %d, want %d, %d, %d", q.name, m.id, p.State, p.ReceiveCount,
				p.FirstReceive, state, m.receives, m.first)
		}
		if !w.same(q, m, p.Message, p.SequenceNumber) {
			return false
		}
	}
	return true
}

// same compares what a receiver gets with what was sent.
func (w *world) same(q *queue, m *message, got *engine.Message, seq string) bool {
	c := m.content
	if got.Body != c.Body || got.BodyMD5 != md5.Sum([]byte(c.Body)) || !slices.EqualFunc(got.Attributes, c.Attributes, sameAttribute) ||
		got.TraceHeader != c.TraceHeader || got.GroupID != c.GroupID || got.SenderID != c.SenderID ||
		got.DeduplicationID != c.DeduplicationID {
		return w.no("%s: the content of %s has changed: %+v", q.name, m.id, got)
	}
	if got.SentAt != m.sentAt || got.SourceARN != m.source {
		return w.no("%s: %s was sent at %d from %q, want %d, %q", q.name, m.id, got.SentAt, got.SourceARN, m.sentAt, m.source)
	}
	return w.sequence(q, m, seq)
}

// sequence checks a sequence number, which never changes and rises within a group.
func (w *world) sequence(q *queue, m *message, seq string) bool {
	if m.seq == seq {
		return true
	}
	if !q.fifo || m.seq != "" || len(seq) != 20 {
		return w.no("%s: %s has sequence number %q, want %q", q.name, m.id, seq, m.seq)
	}
	m.seq = seq
	q.last = max(q.last, seq)
	before := true
	for _, o := range q.msgs {
		switch {
		case o == m:
			before = false
		case o.content.GroupID == m.content.GroupID && o.seq != "" && (o.seq < seq) != before:
			return w.no("%s: sequence number %s of %s is not in order with %s of %s", q.name, seq, m.id, o.seq, o.id)
		}
	}
	return true
}

func sameAttribute(a, b api.MessageAttribute) bool {
	return a.Name == b.Name && a.Value.DataType == b.Value.DataType && a.Value.StringValue == b.Value.StringValue &&
		string(a.Value.BinaryValue) == string(b.Value.BinaryValue)
}
