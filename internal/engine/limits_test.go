package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// sized is a body that makes a message of that many bytes, as they are counted.
func sized(bytes int) string { return strings.Repeat("x", bytes-96) }

func (h *harness) wantUsage(queues, storage int64) {
	h.t.Helper()
	if got := h.e.Usage(); got.Queues != queues || got.Storage != storage {
		h.t.Errorf("used: %d queues and %d bytes, want %d and %d", got.Queues, got.Storage, queues, storage)
	}
}

// wantRefused sends messages together and wants that error, and nothing to have happened.
func (h *harness) wantRefused(q *Queue, want error, ms ...NewMessage) {
	h.t.Helper()
	before := h.e.Usage().Storage
	if _, err := q.Send(context.Background(), ms); !errors.Is(err, want) {
		h.t.Errorf("got %v, want %v", err, want)
	}
	if got := h.e.Usage().Storage; got != before {
		h.t.Errorf("used %d bytes after a refusal, %d before", got, before)
	}
}

func TestMaxQueues(t *testing.T) {
	run(t, Options{MaxQueues: 2}, func(h *harness) {
		h.create("a")
		h.create("b")
		again := func(Definition) error { return nil }
		if _, err := h.e.Create(context.Background(), key("c"), Definition{}, again); !errors.Is(err, ErrTooManyQueues) {
			t.Errorf("got %v, want ErrTooManyQueues", err)
		}
		if _, err := h.e.Queue(key("c")); !errors.Is(err, ErrNoQueue) {
			t.Errorf("got %v, want no queue", err)
		}
		if _, err := h.e.Create(context.Background(), key("a"), Definition{}, again); err != nil {
			t.Errorf("one that exists: %v", err)
		}
		h.crash()
		if _, err := h.e.Create(context.Background(), key("c"), Definition{}, again); !errors.Is(err, ErrTooManyQueues) {
			t.Errorf("after a restart: got %v, want ErrTooManyQueues", err)
		}
		if err := h.e.Delete(context.Background(), h.queue("b")); err != nil {
			t.Fatal(err)
		}
		h.create("c")
		if got := h.e.Usage(); got.Queues != 2 || got.QueuesRefused != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

// A refused creation must leave the name as it was: one that was deleted rests for its 60 seconds and is remembered.
func TestMaxQueues_a_deleted_name(t *testing.T) {
	run(t, Options{MaxQueues: 1}, func(h *harness) {
		if err := h.e.Delete(context.Background(), h.create("a")); err != nil {
			t.Fatal(err)
		}
		h.create("b")
		for _, c := range []struct {
			after time.Duration
			want  error
		}{{0, ErrDeletedRecently}, {time.Minute, ErrTooManyQueues}} {
			time.Sleep(c.after)
			if _, err := h.e.Create(context.Background(), key("a"), Definition{}, nil); !errors.Is(err, c.want) {
				t.Errorf("%v after the delete: got %v, want %v", c.after, err, c.want)
			}
		}
	})
}

func TestMaxQueueStorage(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("q"+suffix, func(t *testing.T) {
			run(t, Options{MaxQueueStorage: 3000}, func(h *harness) {
				fifo := fmt.Sprint("FifoQueue=", suffix != "")
				q, other := h.create("q"+suffix, fifo), h.create("other"+suffix, fifo)
				message := func(n, bytes int) NewMessage {
					if suffix == "" {
						return NewMessage{Body: sized(bytes)}
					}
					return NewMessage{Body: sized(bytes - 6), GroupID: "g", DeduplicationID: fmt.Sprintf("%05d", n)}
				}
				send := func(q *Queue, ms ...NewMessage) {
					t.Helper()
					if _, err := q.Send(context.Background(), ms); err != nil {
						t.Error(err)
					}
				}
				send(q, message(1, 1000), message(2, 1000))
				h.wantRefused(q, ErrQueueStorage, message(3, 1001))
				h.wantRefused(q, ErrQueueStorage, message(3, 500), message(4, 501)) // all or none
				send(q, message(3, 500), message(4, 500))
				h.wantUsage(2, 3000)
				h.wantRefused(q, ErrQueueStorage, message(5, 200))
				send(other, message(1, 3000))
				h.crash()
				q = h.queue("q" + suffix)
				h.wantUsage(2, 6000)
				h.wantRefused(q, ErrQueueStorage, message(5, 200))
				h.delete(q, h.receive(q, 1)...)
				h.wantUsage(2, 5000)
				send(q, message(5, 1000))
				h.wantCounts(q, 4, 0, 0)
				if got := h.e.Usage(); got.QueueStorageRefused != 1 || got.StorageRefused != 0 {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestMaxStorage(t *testing.T) {
	run(t, Options{MaxStorage: 3000}, func(h *harness) {
		a, b := h.create("a"), h.create("b")
		h.send(a, sized(1000))
		h.send(b, sized(1000))
		h.wantRefused(b, ErrStorage, NewMessage{Body: sized(1001)})
		h.send(b, sized(1000))
		h.crash()
		h.wantUsage(2, 3000) // before anything was loaded
		a, b = h.queue("a"), h.queue("b")
		h.wantRefused(a, ErrStorage, NewMessage{})
		h.delete(b, h.receive(b, 1)...)
		h.send(a, sized(1000))
		h.wantRefused(b, ErrStorage, NewMessage{})
		if err := b.Purge(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.wantUsage(2, 2000)
		h.send(b, sized(1000))
		if err := h.e.Delete(context.Background(), a); err != nil {
			t.Fatal(err)
		}
		h.wantUsage(1, 1000)
		h.send(b, sized(2000))
		if got := h.e.Usage(); got.StorageRefused != 2 || got.QueueStorageRefused != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

// A queue that nobody has used since the start is deleted with all that it has.
func TestUsage_of_a_queue_that_is_not_loaded(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		h.send(h.create("a"), sized(1000))
		h.send(h.create("b"), sized(500))
		h.crash()
		if err := h.e.Delete(context.Background(), h.queue("a")); err != nil {
			t.Fatal(err)
		}
		h.wantUsage(1, 500)
		h.crash()
		h.wantUsage(1, 500)
	})
}

// What expires is no longer counted: single messages of a segment, and segments as a whole.
func TestUsage_falls_with_retention(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, sized(1000), sized(1000))
		h.receive(q, 1)
		time.Sleep(30 * time.Second)
		h.send(q, sized(500))
		time.Sleep(30*time.Second + 2*expiryInterval*time.Millisecond)
		h.wantUsage(1, 500)
		time.Sleep(30 * time.Second)
		h.wantUsage(1, 0)
	})
}

// A duplicate stores nothing, so it is answered as ever, and counts nothing.
func TestMaxQueueStorage_duplicates(t *testing.T) {
	run(t, Options{MaxQueueStorage: 1000}, func(h *harness) {
		q := h.create("q.fifo", "FifoQueue=true")
		m := NewMessage{Body: sized(998), GroupID: "g", DeduplicationID: "d"}
		first, err := q.Send(context.Background(), []NewMessage{m, m})
		if err != nil || first[0].ID != first[1].ID {
			t.Fatal(first, err)
		}
		h.wantUsage(1, 1000)
		again, err := q.Send(context.Background(), []NewMessage{m})
		if err != nil || again[0] != first[0] {
			t.Errorf("got %v and %v, want %v", again, err, first[0])
		}
		h.wantUsage(1, 1000)
		h.o.MaxQueueStorage, h.o.MaxStorage = 500, 500
		h.crash()
		q = h.queue("q.fifo")
		if again, err := q.Send(context.Background(), []NewMessage{m}); err != nil || again[0] != first[0] {
			t.Errorf("above a lowered limit: got %v and %v, want %v", again, err, first[0])
		}
		other := m
		other.DeduplicationID = "e"
		h.wantRefused(q, ErrQueueStorage, m, other)
	})
}

// Dead letters and the messages of move tasks go through, whatever that makes of the limits.
func TestMaxStorage_does_not_stop_moves(t *testing.T) {
	run(t, Options{MaxQueueStorage: 2600, MaxStorage: 4500}, func(h *harness) {
		dead := h.create("dead")
		q := h.create("q", "VisibilityTimeout=0",
			`RedrivePolicy={"deadLetterTargetArn":"`+key("dead").ARN()+`","maxReceiveCount":1}`)
		h.send(dead, sized(2000))
		h.send(q, sized(1200), sized(1200))
		h.wantRefused(q, ErrStorage, NewMessage{Body: sized(101)})
		h.receive(q, 10)
		h.receive(q, 10)
		source := int64(2 * len(key("q").ARN())) // dead letters know where they come from
		h.wantCounts(q, 0, 0, 0)
		h.wantCounts(dead, 3, 0, 0)
		h.wantUsage(2, 4400+source)
		h.wantRefused(dead, ErrQueueStorage, NewMessage{Body: sized(100)})
		h.crash()
		h.wantUsage(2, 4400+source)
		dead, q = h.queue("dead"), h.queue("q")
		if _, err := dead.StartMove(context.Background(), MoveRequest{Destination: key("q").ARN()}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		h.wantCounts(q, 3, 0, 0)
		h.wantUsage(2, 4400)
		h.wantRefused(q, ErrQueueStorage, NewMessage{Body: sized(100)})
	})
}

// Sends to several queues at once never exceed the limit together, and none that fits is refused.
func TestMaxStorage_together(t *testing.T) {
	run(t, Options{MaxStorage: 100 * 1000}, func(h *harness) {
		var all sync.WaitGroup
		var mu sync.Mutex
		accepted := 0
		for n := range 15 {
			q := h.create(fmt.Sprint("q", n))
			all.Go(func() {
				for range 10 {
					_, err := q.Send(context.Background(), []NewMessage{{Body: sized(1000)}})
					mu.Lock()
					if err == nil {
						accepted++
					} else if !errors.Is(err, ErrStorage) {
						t.Error(err)
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if accepted != 100 {
			t.Errorf("%d were accepted, want 100", accepted)
		}
		h.wantUsage(15, 100*1000)
	})
}
