package engine

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

// Send stores the messages, all or none, in their order. It returns when they are on disk. ErrDiskFull and
// ErrOverloaded refuse it before anything has happened.
func (q *Queue) Send(ctx context.Context, ms []NewMessage) ([]Sent, error) {
	if err := q.e.admit(); err != nil {
		return nil, err
	}
	entries, sent := q.prepare(ms)
	fx := store.NewBatch()
	now, err := q.lock()
	if err != nil {
		fx.Release()
		return nil, err
	}
	visible := q.sendLocked(now, ms, entries, fx)
	pending := q.mu.last
	q.wakeLocked(visible)
	q.unlock(now)
	if err := q.e.wait(ctx, pending); err != nil {
		return nil, err
	}
	return sent, nil
}

// prepare does outside the lock what does not depend on the queue.
func (q *Queue) prepare(ms []NewMessage) ([]*Message, []Sent) {
	out, sent := make([]*Message, len(ms)), make([]Sent, len(ms))
	for i := range ms {
		n := &ms[i]
		m := &Message{ID: q.e.newID(), Body: n.Body, BodyMD5: md5.Sum([]byte(n.Body)), Attributes: n.Attributes,
			TraceHeader: n.TraceHeader, GroupID: n.GroupID, SenderID: n.SenderID}
		out[i] = m
		sent[i] = Sent{ID: FormatID(m.ID), BodyMD5: hex.EncodeToString(m.BodyMD5[:])}
	}
	return out, sent
}

// sendLocked gives each message its number and its place, and reports how many can be received at once.
func (q *Queue) sendLocked(now int64, ms []NewMessage, out []*Message, fx *store.Batch) (visible int) {
	m := &q.mu
	for i, msg := range out {
		msg.SentAt, msg.Delay = now, ms[i].Delay.Milliseconds()
		if ms[i].Delay < 0 {
			msg.Delay = m.settings.delay
		}
		e := &entry{seq: m.counters.NextSeq, sent: now, size: msg.Size()}
		m.counters.NextSeq++
		m.counters.Live++
		m.counters.Bytes += e.size
		fx.PutMessage(q.id, e.seq, msg)
		if msg.Delay > 0 {
			e.delayedTo = msg.VisibleAt()
			q.delayLocked(e, fx)
		} else {
			visible++
		}
		q.admitFreshLocked(e, msg)
		m.segments.add(e)
	}
	m.counters.Low = q.lowLocked()
	q.flushLocked(fx)
	return visible
}

// admitFreshLocked lets a new message into the window if nothing older is outside it and there is room. A delayed one
// only moves the window's end past itself.
func (q *Queue) admitFreshLocked(e *entry, msg *Message) {
	w := &q.mu.fresh
	if w.end != e.seq {
		return
	}
	if e.delayedTo != 0 {
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
	fx.PutDelay(q.id, &store.Delay{VisibleAt: e.delayedTo, Seq: e.seq, Sent: e.sent, Size: e.size})
	second := e.delayedTo / 1000
	if m.bySecond == nil {
		m.bySecond = map[int64]int64{}
	}
	q.pruneSecondsLocked(e.sent/1000, fx)
	m.bySecond[second]++
	fx.PutDelayedCount(q.id, second, m.bySecond[second])
	if m.refill != nil {
		m.refill.added = append(m.refill.added, e)
	}
	m.delays.add(e)
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
