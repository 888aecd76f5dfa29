package engine

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"unsafe"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Send stores the messages, all or none, in their order. It returns when they are on disk. In a FIFO queue a message
// whose deduplication id was accepted in the last five minutes is not stored again: the answer is the first one's.
// ErrDiskFull, ErrOverloaded, ErrQueueStorage and ErrStorage refuse it before anything has happened.
func (q *Queue) Send(ctx context.Context, ms []NewMessage) ([]Sent, error) {
	return q.SendNoting(ctx, ms, func() {})
}

// SendNoting is Send, and calls appended when everything is done but to wait for the disk.
func (q *Queue) SendNoting(ctx context.Context, ms []NewMessage, appended func()) ([]Sent, error) {
	if err := q.e.AdmitSend(); err != nil {
		return nil, err
	}
	if q.fifo {
		return q.sendFIFO(ms, appended)
	}
	prepared, sent := q.prepare(ms)
	fx := store.NewBatch()
	now, err := q.lock()
	if err != nil {
		fx.Release()
		return nil, err
	}
	if err := q.admitBytesLocked(sizeOf(prepared)); err != nil {
		q.unlock(now)
		fx.Release()
		return nil, err
	}
	visible := 0
	for i, msg := range prepared {
		msg.SentAt = now
		if msg.Delay = ms[i].Delay.Milliseconds(); ms[i].Delay < 0 {
			msg.Delay = q.mu.settings.delay
		}
		if msg.Delay == 0 {
			visible++
		}
		q.placeLocked(now, msg, fx)
		q.sentLocked(msg.GroupID, now)
	}
	return sent, q.sendLocked(now, visible, fx, appended)
}

// sendFIFO leaves out what was accepted before. The delay is the queue's, whatever it is when a message is looked at.
func (q *Queue) sendFIFO(ms []NewMessage, appended func()) ([]Sent, error) {
	prepared, sent := q.prepare(ms)
	hashes := make([]store.DedupHash, len(ms))
	for i := range ms {
		scope := ""
		if q.byGroup {
			scope = ms[i].GroupID
		}
		hashes[i] = store.HashDedup(scope, ms[i].DeduplicationID)
	}
	check, err := q.mu.dedup.lock(hashes)
	if err != nil {
		return nil, err
	}
	if err := q.admitBytesLocked(check.newBytes(prepared)); err != nil {
		q.unlock(check.now)
		return nil, err
	}
	fx := store.NewBatch()
	for i, msg := range prepared {
		original := check.original(i)
		if original == nil {
			msg.SentAt = check.now
			e := q.placeLocked(check.now, msg, fx)
			original = &store.Dedup{ID: msg.ID, Seq: e.seq}
			check.accept(i, msg.ID, e.seq, fx)
		}
		sent[i].ID, sent[i].SequenceNumber = FormatID(original.ID), formatSequence(original.Seq)
	}
	return sent, q.sendLocked(check.now, q.mu.groups.available(), fx, appended)
}

// sendLocked ends a send: it appends, wakes those who wait for up to that many messages, unlocks and waits for the disk.
// A send of nothing but duplicates waits for their originals.
func (q *Queue) sendLocked(now int64, visible int, fx *store.Batch, appended func()) error {
	if fx.Empty() {
		fx.Release()
	} else {
		q.flushLocked(fx)
	}
	pending := q.mu.last
	q.wakeLocked(visible)
	q.unlock(now)
	appended()
	return q.e.wait(pending)
}

// prepare does outside the lock what does not depend on the queue.
func (q *Queue) prepare(ms []NewMessage) ([]*Message, []Sent) {
	out, sent := make([]*Message, len(ms)), make([]Sent, len(ms))
	for i := range ms {
		n := &ms[i]
		m := &Message{ID: q.e.newID(), Body: n.Body, BodyMD5: bodyMD5(n.Body), Attributes: n.Attributes,
			TraceHeader: n.TraceHeader, GroupID: n.GroupID, SenderID: n.SenderID, DeduplicationID: n.DeduplicationID}
		out[i] = m
		sent[i] = Sent{ID: FormatID(m.ID), BodyMD5: hex.EncodeToString(m.BodyMD5[:])}
	}
	return out, sent
}

// bodyMD5 does without the copy that a conversion makes, of up to 1 MiB.
func bodyMD5(body string) [md5.Size]byte {
	return md5.Sum(unsafe.Slice(unsafe.StringData(body), len(body)))
}

func sizeOf(ms []*Message) (bytes int64) {
	for _, m := range ms {
		bytes += m.Size()
	}
	return bytes
}

// placeLocked stores a message that is new in this queue. Its bytes are counted before, by admitBytesLocked or
// countBytesLocked.
func (q *Queue) placeLocked(now int64, msg *Message, fx *store.Batch) *entry {
	m := &q.mu
	e := &entry{seq: m.counters.NextSeq, sent: msg.SentAt, size: msg.Size(), groupID: msg.GroupID}
	e.state.Receives, e.state.FirstReceive = msg.Receives, msg.FirstReceive
	m.counters.NextSeq++
	m.counters.Live++
	fx.PutMessage(q.id, e.seq, msg)
	switch {
	case msg.Delay > 0:
		e.delayedTo = msg.VisibleAt()
		q.delayLocked(e, fx)
	case e.groupID != "":
		q.countSentLocked(e.sent, now, fx)
		q.joinLocked(now, e, msg, fx)
	}
	q.admitFreshLocked(e, msg)
	m.segments.add(e)
	return e
}

// admitFreshLocked lets a new message into the window if nothing older is outside it and there is room. One that is
// delayed or has a group only moves the window's end past itself.
func (q *Queue) admitFreshLocked(e *entry, msg *Message) {
	w := &q.mu.fresh
	if w.end != e.seq {
		return
	}
	if e.indexed() {
		w.end = e.seq + 1
		return
	}
	if w.len() < maxWindow && q.cache(e, msg) {
		w.push(e)
		w.end = e.seq + 1
	}
}

func (q *Queue) delayLocked(e *entry, fx *store.Batch) {
	m := &q.mu
	m.counters.Delayed++
	fx.PutDelay(q.id, &store.Delay{VisibleAt: e.delayedTo, Seq: e.seq, Sent: e.sent, Size: e.size, Group: e.groupID})
	q.pruneSecondsLocked(e.sent/1000, fx)
	q.countSecondLocked(e.delayedTo/1000, 1, fx)
	if m.refill != nil {
		m.refill.added = append(m.refill.added, e)
	}
	m.delays.add(e)
}

// countSecondLocked changes the count of a second.
func (q *Queue) countSecondLocked(second, by int64, fx *store.Batch) {
	m := &q.mu
	if m.bySecond == nil {
		m.bySecond = map[int64]int64{}
	}
	m.bySecond[second] += by
	fx.PutDelayedCount(q.id, second, m.bySecond[second])
}

// countSentLocked counts, in a FIFO queue, the messages that were never received by the second in which they were sent:
// the queue's delay holds for them, whatever it is when somebody asks.
func (q *Queue) countSentLocked(sent, now int64, fx *store.Batch) {
	if q.fifo {
		q.pruneSecondsLocked(now/1000-api.MaxDelaySeconds-1, fx)
		q.countSecondLocked(sent/1000, 1, fx)
	}
}

func (q *Queue) uncountSentLocked(sent int64, fx *store.Batch) {
	if second := sent / 1000; q.fifo && q.mu.bySecond[second] > 0 {
		q.countSecondLocked(second, -1, fx)
	}
}

// pruneSecondsLocked forgets the seconds that are over once there are more than a delay can reach.
func (q *Queue) pruneSecondsLocked(now int64, fx *store.Batch) {
	if len(q.mu.bySecond) <= 2*api.MaxDelaySeconds {
		return
	}
	for second := range q.mu.bySecond {
		if second < now {
			delete(q.mu.bySecond, second)
		}
	}
	fx.DeleteDelayedCounts(q.id, now)
}

// newID makes a version 4 UUID. Message ids need to be unique, not secret.
func (e *Engine) newID() (id [16]byte) {
	binary.BigEndian.PutUint64(id[:8], e.o.Rand())
	binary.BigEndian.PutUint64(id[8:], e.o.Rand())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// FormatID writes a message id as clients see it.
func FormatID(id [16]byte) string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}
