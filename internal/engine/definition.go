package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// Info needs no load and works on a deleted queue too.
func (q *Queue) Info() QueueInfo {
	q.mu.Lock()
	defer q.mu.Unlock()
	return QueueInfo{
		Key: q.key, Definition: q.mu.def, Created: time.UnixMilli(q.created), Modified: time.UnixMilli(q.mu.modified),
	}
}

// Update changes the definition by a pure function of the current one. Its error is passed on and nothing changes.
func (q *Queue) Update(ctx context.Context, change func(Definition) (Definition, error)) error {
	pending, err := q.update(change)
	return cmp.Or(q.e.wait(pending), err)
}

func (q *Queue) update(change func(Definition) (Definition, error)) (*store.Pending, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.mu.gone {
		return q.mu.last, ErrNoQueue
	}
	def, err := change(q.mu.def)
	if err != nil {
		return q.mu.last, err
	}
	retention := q.mu.settings.retention
	q.mu.def, q.mu.modified = def, q.e.now()
	q.mu.settings = settingsOf(def.Attributes)
	q.redrive.Store(redriveOf(def.Attributes))
	if q.mu.contents != nil {
		q.mu.expiryAt = 0
	}
	fx := store.NewBatch()
	fx.PutQueue(q.key, &store.QueueRecord{ID: q.id, Created: q.created, Modified: q.mu.modified, DedupByGroup: q.byGroup,
		Definition: def})
	q.appendLocked(fx)
	if now := q.e.now(); q.mu.settings.retention > retention && now < q.e.opened+q.e.grace {
		q.unloadLocked() // what was in limbo may be in order again
	}
	q.rescheduleLocked(q.e.now())
	return q.mu.last, nil
}
