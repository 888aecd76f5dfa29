package engine

import (
	"errors"
	"math"
	"slices"

	"github.com/bufeomq/bufeo/internal/store"
)

const (
	// dedupWindow is how long a deduplication id counts, from the first send that was accepted with it, in ms (AWS
	// developer guide: five minutes). Duplicates do not extend it.
	dedupWindow = 5 * 60_000

	// maxRecent is how many entries memory keeps: those of five minutes at 54 messages a second, in less than 2 MB. A
	// queue that takes more looks at the disk before it accepts an id that memory has forgotten, as filters tell.
	maxRecent = 16_384

	// dedupMinutes is the age at which a bucket is dropped: one minute more than needed, in case the clock goes back a
	// little at a restart.
	dedupMinutes = dedupWindow/60_000 + 1

	// Buckets are dropped once this many entries or minutes have come since the last time. A range delete for each
	// minute of each queue is more than Pebble likes: the first read after one sorts all those in the memtable anew
	// (20 ms for 60,000), and where little is written a memtable lasts for hours.
	dropEntries = 1_024
	dropMinutes = 60
)

// dedup knows which deduplication ids of a FIFO queue were accepted lately. It is guarded by the queue's lock.
//
// All entries of the last five minutes are on disk, the newest of them in memory, too. Those that memory lacks are in
// forgotten: they were accepted before the queue was loaded, or so many came since that memory forgot the oldest. A read
// of the disk does not see what is appended and not yet applied, so memory forgets only what is.
type dedup struct {
	q      *Queue
	limit  int  // maxRecent
	loaded bool // it is known until when there are entries on disk from before

	recent  []dedupEntry               // by time; serial numbers from first on
	first   uint64                     // what is before it is over or forgotten
	serials map[store.DedupHash]uint64 // of those in recent

	forgotten  filters
	generation uint64 // of purges

	applied  uint64 // entries before it can be read from disk
	applying struct {
		group *store.Pending // nil: none is watched
		next  uint64         // becomes applied when group is done
	}

	dropped int64 // buckets before this minute are gone
	wrong   int64 // buckets from this minute on are a wrong clock's; 0: there are none
	added   int   // entries since buckets were dropped
}

type dedupEntry struct {
	hash store.DedupHash
	store.Dedup
}

func newDedup(q *Queue) *dedup {
	return &dedup{q: q, limit: maxRecent}
}

// next is the serial number of the entry that will be added next.
func (d *dedup) next() uint64 { return d.first + uint64(len(d.recent)) }

// find looks in memory.
func (d *dedup) find(h store.DedupHash) *store.Dedup {
	n, ok := d.serials[h]
	if !ok {
		return nil
	}
	e := d.recent[n-d.first].Dedup
	return &e
}

// add accepts h. The caller appends fx, which has the message too, before it unlocks.
func (d *dedup) add(h store.DedupHash, e store.Dedup, fx *store.Batch) {
	d.dropBuckets(e.At, fx)
	if plantedFault != faultDedupInMemory {
		fx.PutDedup(d.q.id, h, &e)
	}
	if d.serials == nil {
		d.serials = map[store.DedupHash]uint64{}
	}
	d.serials[h] = d.next()
	d.recent = append(d.recent, dedupEntry{h, e})
}

// pop takes the oldest entry out of memory.
func (d *dedup) pop() {
	delete(d.serials, d.recent[0].hash)
	d.recent = d.recent[1:]
	d.first++
	if len(d.recent) == 0 { // neither array nor map shrinks
		d.recent, d.serials = nil, nil
	}
}

// until is when memory needs to know no id any more, if none is added, in ms.
func (d *dedup) until() int64 {
	if len(d.recent) == 0 {
		return 0
	}
	return d.recent[len(d.recent)-1].At + dedupWindow
}

// expire drops from memory what no longer counts.
func (d *dedup) expire(now int64) {
	for len(d.recent) > 0 && d.recent[0].At+dedupWindow <= now {
		d.pop()
	}
	d.forgotten.expire(now)
}

// forget drops from memory what is too much for it, as far as it can be read from disk by now. Everything in memory was
// appended; newest returns what to wait for so that it is applied.
func (d *dedup) forget(newest func() *store.Pending) {
	if len(d.recent) <= d.limit {
		return
	}
	if d.applying.group == nil {
		d.applying.group, d.applying.next = newest(), d.next()
	}
	if isDone(d.applying.group) {
		d.applied, d.applying.group = d.applying.next, nil
	}
	for len(d.recent) > d.limit && d.first < d.applied {
		d.forgotten.add(&d.recent[0].hash, d.recent[0].At)
		d.pop()
	}
}

func isDone(p *store.Pending) bool {
	if p == nil {
		return true
	}
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// purge forgets all ids. The caller removes them from the disk, in a batch that it appends before it unlocks.
func (d *dedup) purge() {
	d.first = d.next()
	d.recent, d.serials = nil, nil
	d.loaded, d.forgotten, d.wrong = true, filters{}, 0
	d.generation++
}

// install takes note of what the disk has, which is nothing that a send since could have changed: each of them comes
// after this.
func (d *dedup) install(now int64, b dedupBuckets) {
	d.loaded = true
	if !b.any {
		d.dropped = store.DedupMinute(now) - dedupMinutes
		return
	}
	d.dropped = b.oldest
	d.forgotten.missing = (b.newest+1)*60_000 - 1
	// The clock may have gone back at the restart. What it said before is believed as far as a window goes.
	if last := now + dedupWindow; d.forgotten.missing > last {
		d.forgotten.missing = last
		d.wrong = store.DedupMinute(last) + 1
	}
}

type dedupBuckets struct {
	any            bool
	oldest, newest int64 // minutes
}

// dropBuckets removes the entries that no longer count from the disk, now and then.
func (d *dedup) dropBuckets(now int64, fx *store.Batch) {
	if d.wrong != 0 { // or they would count when their time comes
		fx.DropDedup(d.q.id, d.wrong, math.MaxInt64)
		d.wrong = 0
	}
	d.added++
	to := store.DedupMinute(now) - dedupMinutes
	if to <= d.dropped || d.added < dropEntries && to-d.dropped < dropMinutes {
		return
	}
	fx.DropDedup(d.q.id, d.dropped, to)
	d.dropped, d.added = to, 0
}

// dedupCheck holds the deduplication ids of one send against those that were accepted before. It is good from dedup.lock
// to the next unlock.
type dedupCheck struct {
	d      *dedup
	hashes []store.DedupHash
	now    int64

	// What was looked up, if anything was.
	done       bool
	generation uint64         // at the start, as the two that follow
	next       uint64         // the next entry's serial number
	from       int64          // when an entry must have been accepted to count, ms
	to         []int64        // and until when, for each hash, to be missing in memory
	found      []*store.Dedup // one for each hash; nil: nothing was looked for
	loads      bool           // or what the disk has at all
	buckets    dedupBuckets
}

// lock takes the queue's lock, as Queue.lock does, once it is known whether these ids were accepted before, for which
// the disk is read if memory does not tell. On an error the lock is not held. The caller then asks for the original of
// each message in turn, accepts those that have none, and appends before it unlocks.
func (d *dedup) lock(hashes []store.DedupHash) (*dedupCheck, error) {
	c := &dedupCheck{d: d, hashes: hashes}
	for {
		now, err := d.q.lock()
		if err != nil {
			return nil, err
		}
		c.now = now
		d.expire(now)
		d.forget(d.q.e.st.Barrier)
		if c.known() {
			return c, nil
		}
		d.q.unlock(now)
		if err := c.read(d.q); err != nil {
			return nil, err
		}
	}
}

// original is the message that message i duplicates, or nil. An answer that names it waits for the queue's newest append
// like any other: the original may not be on disk yet.
func (c *dedupCheck) original(i int) *store.Dedup {
	if e := c.d.find(c.hashes[i]); e != nil {
		return e
	}
	if c.found != nil && c.found[i] != nil && c.now < c.found[i].At+dedupWindow {
		return c.found[i]
	}
	return nil
}

// newBytes is the size of those of a send's messages that duplicate neither what was accepted before nor each other.
func (c *dedupCheck) newBytes(ms []*Message) (bytes int64) {
	for i, m := range ms {
		if c.original(i) == nil && !slices.Contains(c.hashes[:i], c.hashes[i]) {
			bytes += m.Size()
		}
	}
	return bytes
}

// accept makes message i, which has no original, the original of those to come, in this send and later.
func (c *dedupCheck) accept(i int, id [16]byte, seq uint64, fx *store.Batch) {
	c.d.add(c.hashes[i], store.Dedup{ID: id, Seq: seq, At: c.now}, fx)
}

// known reports whether memory and what was read tell all. If not it says what is to be read.
//
// What was read is good unless a purge came in between, or an entry that was accepted since is forgotten already. What
// was in memory at the start is in found, so that it may be forgotten meanwhile.
func (c *dedupCheck) known() bool {
	d := c.d
	if c.loads && !d.loaded {
		d.install(c.now, c.buckets)
	}
	if c.done && c.generation == d.generation && d.first <= c.next {
		return true
	}
	c.done, c.loads, c.found, c.to = false, !d.loaded, nil, nil
	c.generation, c.next = d.generation, d.next()
	if c.loads {
		return false
	}
	c.from = c.now - dedupWindow + 1
	for i := range c.hashes {
		h := &c.hashes[i]
		if to := d.forgotten.until(h); to >= c.from && d.find(*h) == nil {
			if c.to == nil {
				c.to = make([]int64, len(c.hashes))
			}
			c.to[i] = to
		}
	}
	if c.to == nil {
		return true
	}
	c.found = make([]*store.Dedup, len(c.hashes))
	for i, h := range c.hashes {
		c.found[i] = d.find(h)
	}
	return false
}

// read looks at the disk, outside the lock.
func (c *dedupCheck) read(q *Queue) (err error) {
	defer func() {
		if errors.Is(err, store.ErrClosed) {
			err = ErrClosed
		}
	}()
	if c.loads {
		c.buckets.oldest, c.buckets.newest, c.buckets.any, err = q.e.st.DedupBuckets(q.id)
		return err
	}
	for i, h := range c.hashes {
		if c.to[i] == 0 {
			continue
		}
		if c.found[i], err = q.e.st.Dedup(q.id, h, c.from, c.to[i]); err != nil {
			return err
		}
	}
	c.done = true
	return nil
}
