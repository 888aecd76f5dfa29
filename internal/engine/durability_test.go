package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// gate is a file system whose syncs of the write-ahead log can be held back.
type gate struct{ closed atomic.Pointer[chan struct{}] }

func (g *gate) String() string { return "gate" }

func (g *gate) MaybeError(op errorfs.Op) error {
	if op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo {
		if c := g.closed.Load(); c != nil {
			<-*c
		}
	}
	return nil
}

func (g *gate) shut() { c := make(chan struct{}); g.closed.Store(&c) }
func (g *gate) open() { close(*g.closed.Swap(nil)) }

// TestNothingIsAnsweredBeforeItIsOnDisk holds back the disk during each call. The call must not return before the disk
// does, nor may a call that only repeats or reads what another has begun.
func TestNothingIsAnsweredBeforeItIsOnDisk(t *testing.T) {
	ctx := context.Background()
	deleteOne := func(h *harness, q *Queue, d Delivery) func() error {
		return func() error {
			_, err := q.DeleteMessages(ctx, []string{d.Handle})
			return err
		}
	}
	// Each case returns the calls to make, one after the other, while the disk stands still.
	cases := map[string]func(h *harness, q *Queue) []func() error{
		"send": func(h *harness, q *Queue) []func() error {
			return []func() error{func() error {
				_, err := q.Send(ctx, []NewMessage{{Body: "a"}})
				return err
			}}
		},
		"receive": func(h *harness, q *Queue) []func() error {
			h.send(q, "a")
			return []func() error{func() error {
				_, err := q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1})
				return err
			}}
		},
		"receive of what is being sent": func(h *harness, q *Queue) []func() error {
			return []func() error{func() error {
				_, err := q.Send(ctx, []NewMessage{{Body: "a"}})
				return err
			}, func() error {
				_, err := q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1})
				return err
			}}
		},
		"receive that finds nothing because another has it": func(h *harness, q *Queue) []func() error {
			h.send(q, "a")
			receive := func() error {
				_, err := q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1})
				return err
			}
			return []func() error{receive, receive}
		},
		"delete, and the same again": func(h *harness, q *Queue) []func() error {
			h.send(q, "a")
			d := h.receive(q, 1)[0]
			return []func() error{deleteOne(h, q, d), deleteOne(h, q, d)}
		},
		"change visibility, and of a message that is being deleted": func(h *harness, q *Queue) []func() error {
			h.send(q, "a")
			d := h.receive(q, 1)[0]
			change := func() error {
				_, err := q.ChangeVisibility(ctx, []VisibilityChange{{d.Handle, time.Minute}})
				return err
			}
			return []func() error{change, deleteOne(h, q, d), change}
		},
		"purge, and counts after it": func(h *harness, q *Queue) []func() error {
			h.send(q, "a")
			return []func() error{func() error { return q.Purge(ctx) }, func() error {
				_, err := q.Counts(ctx)
				return err
			}}
		},
		"create, and the same again": func(h *harness, q *Queue) []func() error {
			create := func() error {
				_, err := h.e.Create(ctx, key("new"), Definition{}, func(Definition) error { return nil })
				return err
			}
			return []func() error{create, create}
		},
		"set attributes": func(h *harness, q *Queue) []func() error {
			return []func() error{func() error {
				return q.Update(ctx, func(d Definition) (Definition, error) { return d, nil })
			}}
		},
		"start a move task, list it, cancel it, and again": func(h *harness, q *Queue) []func() error {
			cancel := func() error {
				_, err := q.CancelMove(ctx, FormatID(q.mu.moves[0].ID))
				if errors.Is(err, ErrMoveOver) {
					return nil
				}
				return err
			}
			return []func() error{func() error {
				_, err := q.StartMove(ctx, MoveRequest{PerSecond: 1})
				return err
			}, func() error {
				_, err := q.Moves(ctx, 1)
				return err
			}, cancel, cancel}
		},
		"create, and another of that name": func(h *harness, q *Queue) []func() error {
			exists := errors.New("exists")
			create := func() error {
				_, err := h.e.Create(ctx, key("new"), Definition{}, func(Definition) error { return exists })
				return err
			}
			return []func() error{create, refusal(exists, create)}
		},
		"purge, and again": func(h *harness, q *Queue) []func() error {
			purge := func() error { return q.Purge(ctx) }
			return []func() error{purge, refusal(ErrPurgeInProgress, purge)}
		},
		"delete queue, and what is refused from then on": func(h *harness, q *Queue) []func() error {
			return []func() error{
				func() error { return h.e.Delete(ctx, q) },
				refusal(ErrNoQueue, func() error { return h.e.Delete(ctx, q) }),
				refusal(ErrNoQueue, func() error { _, err := q.Counts(ctx); return err }),
				refusal(ErrNoQueue, func() error {
					return q.Update(ctx, func(d Definition) (Definition, error) { return d, nil })
				}),
				refusal(ErrNoQueue, func() error { _, err := h.e.Queue(q.key); return err }),
				refusal(ErrDeletedRecently, func() error {
					_, err := h.e.Create(ctx, q.key, Definition{}, func(Definition) error { return nil })
					return err
				}),
			}
		},
		"delete queue": func(h *harness, q *Queue) []func() error {
			return []func() error{func() error { return h.e.Delete(ctx, q) }}
		},
	}
	for name, calls := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gate{}
				mem := vfs.NewCrashableMem()
				st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(mem, g)})
				if err != nil {
					t.Fatal(err)
				}
				h := &harness{t: t, fs: mem}
				if h.e, err = Open(st, nil); err != nil {
					t.Fatal(err)
				}
				defer h.close()
				steps := calls(h, h.create("q"))
				g.shut()
				var returned atomic.Int32
				for _, step := range steps {
					go func() {
						if err := step(); err != nil {
							t.Error(err)
						}
						returned.Add(1)
					}()
					synctest.Wait()
				}
				if n := returned.Load(); n != 0 {
					t.Errorf("%d of %d calls answered before the disk did", n, len(steps))
				}
				g.open()
				synctest.Wait()
				if n := int(returned.Load()); n != len(steps) {
					t.Errorf("%d of %d calls answered after the disk did", n, len(steps))
				}
			})
		})
	}
}

// TestCrash loses everything that was not synced, at once after each step, and checks that nothing was acknowledged
// that is not there.
func TestCrash(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=60")
		h.send(q, "waiting", "in flight", "deleted", "received twice")
		h.sendDelayed(q, 100*time.Second, "delayed")
		ds := h.receive(q, 4)
		h.change(q, ds[0], 0)
		h.change(q, ds[3], 0)
		h.delete(q, ds[2])
		h.crash()
		q = h.queue("q")
		h.wantCounts(q, 2, 1, 1)
		h.crash()
		q = h.queue("q")
		ds = h.receive(q, 10)
		h.want(ds, "waiting*2", "received twice*2")
		h.delete(q, ds[0])
		h.crash()
		q = h.queue("q")
		h.delete(q, ds[0]) // its handle is good after the restart, and the message stays gone
		time.Sleep(59 * time.Second)
		h.want(h.receive(q, 10))
		time.Sleep(time.Second)
		h.want(h.receive(q, 10), "in flight*2", "received twice*3")
		h.crash()
		q = h.queue("q")
		h.wantCounts(q, 0, 2, 1)
		time.Sleep(40 * time.Second)
		h.want(h.receive(q, 10), "delayed")
		h.send(q, "later")
		h.crash()
		h.want(h.receive(h.queue("q"), 10), "later")
	})
}

func TestCrashKeepsDefinitions(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=7")
		err := q.Update(context.Background(), func(d Definition) (Definition, error) {
			d.Attributes[0].Value = "9"
			return d, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		gone := h.create("gone")
		h.send(gone, "a")
		if err := h.e.Delete(context.Background(), gone); err != nil {
			t.Fatal(err)
		}
		h.crash()
		if got := h.queue("q").Info().Attributes[0].Value; got != "9" {
			t.Errorf("visibility timeout %s", got)
		}
		if _, err := h.e.Queue(key("gone")); err != ErrNoQueue {
			t.Errorf("got %v", err)
		}
	})
}

// TestWriteFailure wants every waiter to learn of a failed write, and no answer afterwards.
func TestWriteFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inj := errorfs.Toggle{Injector: errorfs.ErrInjected.If(errorfs.Writes)}
		st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(vfs.NewMem(), &inj)})
		if err != nil {
			t.Fatal(err)
		}
		h := &harness{t: t}
		if h.e, err = Open(st, nil); err != nil {
			t.Fatal(err)
		}
		q := h.create("q")
		inj.On()
		for range 2 {
			if _, err := q.Send(context.Background(), []NewMessage{{Body: "a"}}); err == nil {
				t.Error("a send that could not be written was acknowledged")
			}
		}
		if h.e.Health() == nil {
			t.Error("the engine calls itself healthy")
		}
		inj.Off()
		h.e.Close()
	})
}
