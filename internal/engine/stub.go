package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// STUB while the engine is being written: signatures are final, bodies are not.

type Options struct {
	Log              *slog.Logger
	Now              func() time.Time
	RelaxedCooldowns bool
}
type Engine struct{}
type Queue struct{}

// Open takes over the store; Close closes it.
func Open(st *store.Store, o *Options) (*Engine, error) { panic("stub") }

// Drain ends all long polls with what they have; later ones do not wait.
func (e *Engine) Drain()       {}
func (e *Engine) Close() error { return nil }

// Health is nil while writes succeed.
func (e *Engine) Health() error { return nil }

// Queue returns ErrNoQueue when there is none.
func (e *Engine) Queue(k Key) (*Queue, error) { panic("stub") }

// Regions lists the regions in which account has a queue of that name (for the log line).
func (e *Engine) Regions(account, name string) []string { panic("stub") }

// Create returns the existing queue if same(existing) is nil, else same's error.
func (e *Engine) Create(ctx context.Context, k Key, d Definition, same func(Definition) error) (*Queue, error) {
	panic("stub")
}

// List returns up to max names greater than after, sorted, and whether more follow.
func (e *Engine) List(account, region, prefix, after string, max int) (names []string, more bool) {
	panic("stub")
}
func (e *Engine) Delete(ctx context.Context, q *Queue) error { panic("stub") }

// Info and the methods below fail with ErrNoQueue once the queue is deleted.
func (q *Queue) Info() QueueInfo { panic("stub") }

// Update changes the definition by a pure function of the current one.
func (q *Queue) Update(ctx context.Context, change func(Definition) (Definition, error)) error {
	panic("stub")
}
func (q *Queue) Counts(ctx context.Context) (Counts, error)                { panic("stub") }
func (q *Queue) Send(ctx context.Context, ms []NewMessage) ([]Sent, error) { panic("stub") }
func (q *Queue) Receive(ctx context.Context, p ReceiveParams) ([]Delivery, error) {
	panic("stub")
}

// DeleteMessages answers per handle: nil, ErrBadHandle, ErrOtherQueue. The second error is for the whole call.
func (q *Queue) DeleteMessages(ctx context.Context, handles []string) ([]error, error) {
	panic("stub")
}

// ChangeVisibility answers per change: nil, ErrBadHandle, ErrOtherQueue, ErrMessageGone, ErrBeyondLimit.
func (q *Queue) ChangeVisibility(ctx context.Context, cs []VisibilityChange) ([]error, error) {
	panic("stub")
}
func (q *Queue) Purge(ctx context.Context) error { panic("stub") }

// Peek lists up to max stored messages, oldest first, without receiving them.
func (q *Queue) Peek(ctx context.Context, max int) ([]Peeked, error) { panic("stub") }
