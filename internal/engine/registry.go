package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/store"
)

func (e *Engine) readNames() error {
	e.mu.names = map[Key]*Queue{}
	e.mu.sorted = map[scope][]string{}
	e.mu.tombs = map[Key]int64{}
	e.mu.nextID = e.st.NextQueueID()
	byID := map[store.QueueID]*Queue{}
	err := e.st.Queues(func(k Key, rec *store.QueueRecord) error {
		q := newQueue(e, k, rec)
		byID[rec.ID] = q
		e.addLocked(q)
		return nil
	})
	if err != nil {
		return err
	}
	e.sumUp(byID)
	err = e.st.MoveTasks(func(id store.QueueID, n uint64, t *store.MoveTask) {
		if q := byID[id]; q != nil {
			q.mu.moves = append(q.mu.moves, &moveTask{*t, n})
		}
	})
	if err != nil {
		return err
	}
	return e.st.Tombstones(func(k Key, at int64) { e.mu.tombs[k] = at })
}

func (e *Engine) addLocked(q *Queue) {
	s := scope{q.key.Account, q.key.Region}
	names := e.mu.sorted[s]
	i := sort.SearchStrings(names, q.key.Name)
	e.mu.sorted[s] = slices.Insert(names, i, q.key.Name)
	e.mu.names[q.key] = q
}

func (e *Engine) removeLocked(q *Queue) {
	s := scope{q.key.Account, q.key.Region}
	names := e.mu.sorted[s]
	i := sort.SearchStrings(names, q.key.Name)
	e.mu.sorted[s] = slices.Delete(names, i, i+1)
	delete(e.mu.names, q.key)
}

// Queue returns ErrNoQueue when there is none of that name.
func (e *Engine) Queue(k Key) (*Queue, error) {
	e.mu.RLock()
	q, last := e.mu.names[k], e.mu.last
	_, deleted := e.mu.tombs[k]
	e.mu.RUnlock()
	if q != nil {
		return q, nil
	}
	if !deleted {
		return nil, ErrNoQueue
	}
	return nil, cmp.Or(e.wait(last), ErrNoQueue) // not to be said before it is on disk
}

// known is the queue of that name, or nil.
func (e *Engine) known(k Key) *Queue {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.mu.names[k]
}

// Regions lists the regions in which account has a queue of that name, sorted.
func (e *Engine) Regions(account, name string) []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var regions []string
	for s := range e.mu.sorted {
		if s.account == account && e.mu.names[Key{Account: account, Region: s.region, Name: name}] != nil {
			regions = append(regions, s.region)
		}
	}
	slices.Sort(regions)
	return regions
}

// All returns the queues of all accounts and regions, in no order.
func (e *Engine) All() []*Queue {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Collect(maps.Values(e.mu.names))
}

// List returns up to max names that begin with prefix and are greater than after, sorted, and whether more follow.
func (e *Engine) List(account, region, prefix, after string, max int) (names []string, more bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	all := e.mu.sorted[scope{account, region}]
	i := sort.SearchStrings(all, prefix)
	if after >= prefix {
		i = sort.Search(len(all), func(i int) bool { return all[i] > after })
	}
	for ; i < len(all) && strings.HasPrefix(all[i], prefix); i++ {
		if len(names) == max {
			return names, true
		}
		names = append(names, all[i])
	}
	return names, false
}

// Create makes a queue. Where there is one of that name already, same decides: nil returns the existing queue, an error
// is passed on. ErrDeletedRecently: the name is in its 60 seconds of rest. ErrTooManyQueues: there are as many as there may be.
func (e *Engine) Create(ctx context.Context, k Key, d Definition, same func(existing Definition) error) (*Queue, error) {
	q, pending, err := e.create(k, d, same)
	// Also a refusal waits: for the queue that exists, or the delete that was too recent.
	if err := cmp.Or(e.wait(pending), err); err != nil {
		return nil, err
	}
	return q, nil
}

func (e *Engine) create(k Key, d Definition, same func(Definition) error) (*Queue, *store.Pending, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mu.closed {
		return nil, nil, ErrClosed
	}
	if q := e.mu.names[k]; q != nil {
		return q, e.mu.last, same(q.Info().Definition)
	}
	now := e.now()
	at, deleted := e.mu.tombs[k]
	if deleted && !e.o.RelaxedCooldowns && now >= at && now < at+api.RecreateInterval.Milliseconds() {
		return nil, e.mu.last, ErrDeletedRecently
	}
	if err := e.admitQueueLocked(); err != nil {
		return nil, e.mu.last, err
	}
	fx := store.NewBatch()
	if deleted {
		fx.DeleteTombstone(k)
		delete(e.mu.tombs, k)
	}
	rec := &store.QueueRecord{ID: e.mu.nextID, Created: now, Modified: now, Definition: d}
	scope, _ := d.Attributes.Get(api.DeduplicationScope)
	rec.DedupByGroup = scope == "messageGroup"
	e.mu.nextID++
	fx.PutNextQueueID(e.mu.nextID)
	fx.PutQueue(k, rec)
	q := newQueue(e, k, rec)
	q.mu.idle, q.mu.counters = true, store.Counters{NextSeq: 1, Low: 1} // not shared yet, so no lock is needed
	e.mu.last = e.st.Append(fx)
	q.mu.last = e.mu.last // it answers nothing before it is on disk
	e.addLocked(q)
	return q, e.mu.last, nil
}

// Delete removes the queue and all its messages. Its name rests for 60 seconds; its long polls end with ErrNoQueue, as
// does every later call on it.
func (e *Engine) Delete(ctx context.Context, q *Queue) error {
	pending, err := e.delete(q)
	return cmp.Or(e.wait(pending), err) // also who comes second waits for the delete
}

func (e *Engine) delete(q *Queue) (*store.Pending, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mu.names[q.key] != q {
		return e.mu.last, ErrNoQueue
	}
	now := e.now()
	fx := store.NewBatch()
	for k, at := range e.mu.tombs {
		if now >= at+api.RecreateInterval.Milliseconds() {
			fx.DeleteTombstone(k)
			delete(e.mu.tombs, k)
		}
	}
	q.inbox.close() // from here on nothing is written to it
	fx.DeleteQueue(q.key)
	fx.DropQueue(q.id)
	fx.PutTombstone(q.key, now)
	e.mu.tombs[q.key] = now
	e.removeLocked(q)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mu.gone = true
	q.countBytesLocked(-q.mu.counters.Bytes)
	q.forgetLocked()
	q.wakeAllLocked()
	e.sched.set(q, never)
	e.mu.last = e.st.Append(fx)
	q.mu.last = e.mu.last // ErrNoQueue waits for it
	return e.mu.last, nil
}
