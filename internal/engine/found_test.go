package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/store"
)

// The tests of this file are what random runs (internal/enginetest) found, each as short as it could be made.

// What has expired in memory once counted as messages to hand out, so nobody looked on the disk.
func TestReceiveFindsWhatIsOnDiskBehindWhatHasExpired(t *testing.T) {
	run(t, Options{CacheBytes: 1, ExpiryGrace: -1}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, numbered(10)...)
		h.receiveFor(q, 10, 0, 0)
		time.Sleep(60 * time.Second)
		h.send(q, "new")
		h.want(h.receive(q, 10), "new")
	})
}

// Messages whose delay is over are in memory when older ones are not.
func TestReceiveTakesOlderMessagesOnDiskBeforeYoungerOnesInMemory(t *testing.T) {
	run(t, Options{CacheBytes: 1}, func(h *harness) {
		q := h.create("q")
		h.send(q, "older")
		h.sendDelayed(q, time.Second, "younger")
		time.Sleep(time.Second)
		h.want(h.receive(q, 1), "older")
	})
}

func TestReceiveTakesOlderMessagesOnDiskBeforeReceivedOnesAfterARestart(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "VisibilityTimeout=10")
		h.sendDelayed(q, 5*time.Second, "older")
		h.send(q, "younger")
		h.want(h.receive(q, 1), "younger")
		h.crash()
		time.Sleep(10 * time.Second)
		h.want(h.receive(h.queue("q"), 1), "older")
	})
}

func TestChangeVisibilityOfAnExpiredMessage(t *testing.T) {
	run(t, Options{ExpiryGrace: -1}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, "first")
		time.Sleep(5 * time.Second)
		h.send(q, "m")
		d := h.receive(q, 2)[1]
		time.Sleep(60 * time.Second) // what expires within ten seconds is deleted together
		if err := h.change(q, d, time.Second); !errors.Is(err, ErrMessageGone) {
			t.Errorf("got %v, want %v", err, ErrMessageGone)
		}
	})
}

// The rotation on disk named a group by its first message, which was gone before the group was read.
func TestGroupIsFoundWhenItsFirstMessageExpiresAfterARestart(t *testing.T) {
	for _, name := range []string{"q", "q.fifo"} {
		run(t, Options{ExpiryGrace: -1}, func(h *harness) {
			attributes := []string{"MessageRetentionPeriod=60"}
			if name == "q.fifo" {
				attributes = append(attributes, "FifoQueue=true")
			}
			q := h.create(name, attributes...)
			send := func(body string) {
				if _, err := q.Send(context.Background(), []NewMessage{{Body: body, GroupID: "g", DeduplicationID: body}}); err != nil {
					t.Fatal(err)
				}
			}
			send("first")
			time.Sleep(30 * time.Second)
			send("second")
			h.crash()
			time.Sleep(30 * time.Second)
			q = h.queue(name)
			h.wantCounts(q, 1, 0, 0)
			h.want(h.receive(q, 1), "second")
		})
	}
}

// A tenant whose next message is on disk only once took the place in the rotation of the tenant behind it.
func TestTenantsDoNotShareAPlaceInTheRotation(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		send := func(body, group string) {
			if _, err := q.Send(context.Background(), []NewMessage{{Body: body, GroupID: group}}); err != nil {
				t.Fatal(err)
			}
		}
		for _, body := range numbered(firstLoad) {
			send(body, "a")
		}
		send("b", "b")
		send("last", "a")
		h.crash()
		q = h.queue("q")
		h.receive(q, firstLoad)
		h.crash()
		q = h.queue("q")
		h.want(h.receive(q, 1), "b")
		h.want(h.receive(q, 1), "last")
	})
}

// A queue that is being created must not answer before it is on disk, not even that it is empty.
func TestQueueIsSilentUntilItIsOnDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(vfs.NewCrashableMem(), g)})
		if err != nil {
			t.Fatal(err)
		}
		h := &harness{t: t}
		if h.e, err = Open(st, nil); err != nil {
			t.Fatal(err)
		}
		defer h.close()
		g.shut()
		go func() {
			if _, err := h.e.Create(t.Context(), key("q"), Definition{}, nil); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		var answered atomic.Bool
		go func() {
			if q, err := h.e.Queue(key("q")); err == nil {
				h.receive(q, 1)
			}
			answered.Store(true)
		}()
		synctest.Wait()
		if answered.Load() {
			t.Error("a receive was answered by a queue that is not on disk")
		}
		g.open()
	})
}

// What a call wanted to expire at once, while others were being expired and the disk was slow, kept the scheduler busy.
func TestExpiryDoesNotSpinWhileItWaitsForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		var calls atomic.Int64
		o := Options{ExpiryGrace: -1, Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
			if calls.Add(1) == 100_000 {
				t.Error("the scheduler spins")
				g.open()
			}
			return time.Now()
		}}
		st, err := store.Open("data", &store.Options{FS: errorfs.Wrap(vfs.NewMem(), g), Log: o.Log})
		if err != nil {
			t.Fatal(err)
		}
		h := &harness{t: t}
		if h.e, err = Open(st, &o); err != nil {
			t.Fatal(err)
		}
		defer h.close()
		q := h.create("q.fifo", "FifoQueue=true", "MessageRetentionPeriod=60")
		h.sendTo(q, "a-1")
		h.receiveFor(q, 1, time.Hour, 0) // from here on the group waits for it
		time.Sleep(30 * time.Second)
		h.sendTo(q, "a-2")
		time.Sleep(25 * time.Second)
		var got []Delivery
		go func() { got = h.receiveFor(q, 1, -1, 20*time.Second) }()
		synctest.Wait()
		g.shut()
		go h.sendTo(q, "a-3")
		time.Sleep(6 * time.Second) // a-1 expires
		go q.Update(context.Background(), func(d Definition) (Definition, error) { return d, nil })
		time.Sleep(time.Second)
		if calls.Load() < 100_000 {
			g.open()
		}
		synctest.Wait()
		h.want(got, "a-2")
	})
}
