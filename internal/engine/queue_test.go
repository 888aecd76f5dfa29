package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestReceive(t *testing.T) {
	t.Run("hands out the oldest first and hides it for the timeout", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a", "b", "c")
			h.want(h.receive(q, 2), "a", "b")
			h.wantCounts(q, 1, 2, 0)
			h.want(h.receive(q, 10), "c")
			h.want(h.receive(q, 10))
			time.Sleep(30*time.Second - time.Millisecond)
			h.want(h.receive(q, 10))
			time.Sleep(time.Millisecond)
			h.wantCounts(q, 3, 0, 0)
			h.want(h.receive(q, 10), "a*2", "b*2", "c*2")
		})
	})
	t.Run("an expired message comes back ahead of younger ones", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a", "b")
			h.receiveFor(q, 1, time.Second, 0)
			time.Sleep(time.Second)
			h.want(h.receive(q, 10), "a*2", "b")
		})
	})
	t.Run("a timeout of zero leaves it visible and counts", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a")
			h.want(h.receiveFor(q, 10, 0, 0), "a")
			h.want(h.receiveFor(q, 10, 0, 0), "a*2")
			h.wantCounts(q, 1, 0, 0)
		})
	})
	t.Run("first receive time stays", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a")
			first := h.receiveFor(q, 1, 0, 0)[0].FirstReceive
			time.Sleep(time.Minute)
			if again := h.receiveFor(q, 1, 0, 0)[0].FirstReceive; again != first {
				t.Errorf("first receive moved from %d to %d", first, again)
			}
		})
	})
	t.Run("a client that has gone does not take messages along", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a")
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if _, err := q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1}); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			h.want(h.receive(q, 1), "a")
		})
	})
}

func TestDelete(t *testing.T) {
	t.Run("is for good and may be repeated", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a", "b")
			ds := h.receive(q, 2)
			h.delete(q, ds[0])
			h.delete(q, ds[0])
			h.wantCounts(q, 0, 1, 0)
			time.Sleep(time.Minute)
			h.want(h.receive(q, 10), "b*2")
		})
	})
	t.Run("works after the timeout and with an older handle", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			h.send(q, "a")
			old := h.receive(q, 1)
			time.Sleep(time.Minute)
			h.receive(q, 1)
			h.delete(q, old...)
			h.wantCounts(q, 0, 0, 0)
		})
	})
	t.Run("tells foreign handles", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q, other := h.create("q"), h.create("other")
			h.send(q, "a")
			d := h.receive(q, 1)[0]
			flipped := []byte(d.Handle)
			flipped[30] ^= 1
			for handle, want := range map[string]error{d.Handle: ErrOtherQueue, "garbage": ErrBadHandle, "": ErrBadHandle, string(flipped): ErrBadHandle} {
				errs, _ := other.DeleteMessages(context.Background(), []string{handle})
				if !errors.Is(errs[0], want) {
					t.Errorf("%q: got %v, want %v", handle, errs[0], want)
				}
			}
		})
	})
}

func TestChangeVisibility(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		h.send(q, "a")
		d := h.receive(q, 1)[0]
		check := func(got, want error) {
			t.Helper()
			if !errors.Is(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		check(h.change(q, d, time.Minute), nil)
		time.Sleep(59 * time.Second)
		h.want(h.receive(q, 1))
		check(h.change(q, d, 0), nil)
		d2 := h.receive(q, 1)[0]
		check(h.change(q, d, 0), nil) // the older handle works
		h.want(h.receive(q, 1), "a*3")
		check(h.change(q, d2, 12*time.Hour-time.Second), nil)
		time.Sleep(2 * time.Second)
		check(h.change(q, d2, 12*time.Hour-time.Second), ErrBeyondLimit)
		h.delete(q, d2)
		check(h.change(q, d2, time.Second), ErrMessageGone)
	})
}

func TestChangeVisibilityHidesAMessageThatIsVisibleAgain(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		h.send(q, "a")
		d := h.receiveFor(q, 1, time.Second, 0)[0]
		time.Sleep(2 * time.Second)
		if err := h.change(q, d, time.Minute); err != nil {
			t.Fatal(err)
		}
		h.want(h.receive(q, 1))
		h.wantCounts(q, 0, 1, 0)
	})
}

func TestDelay(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q", "DelaySeconds=5")
		h.send(q, "queue")
		h.sendDelayed(q, 0, "none")
		h.sendDelayed(q, 2*time.Second, "two")
		h.wantCounts(q, 1, 0, 2)
		h.want(h.receive(q, 10), "none")
		time.Sleep(2*time.Second - time.Millisecond)
		h.want(h.receive(q, 10))
		time.Sleep(time.Millisecond)
		h.wantCounts(q, 1, 1, 1)
		h.want(h.receive(q, 10), "two")
		time.Sleep(3 * time.Second)
		h.want(h.receive(q, 10), "queue")
	})
}

func TestLongPoll(t *testing.T) {
	// wake starts a poll of 20 s, lets cause happen after 5 s and wants the body at once.
	wake := func(name string, setup func(h *harness, q *Queue) (cause func()), want ...string) {
		t.Run(name, func(t *testing.T) {
			run(t, Options{}, func(h *harness) {
				q := h.create("q")
				cause := setup(h, q)
				start := time.Now()
				go func() {
					time.Sleep(5 * time.Second)
					cause()
				}()
				h.want(h.receiveFor(q, 10, -1, 20*time.Second), want...)
				if waited := time.Since(start); waited != 5*time.Second {
					t.Errorf("waited %v, want 5s", waited)
				}
			})
		})
	}
	wake("a send", func(h *harness, q *Queue) func() { return func() { h.send(q, "a") } }, "a")
	wake("a delay that ends", func(h *harness, q *Queue) func() {
		h.sendDelayed(q, 5*time.Second, "a")
		return func() {}
	}, "a")
	wake("a timeout that ends", func(h *harness, q *Queue) func() {
		h.send(q, "a")
		h.receiveFor(q, 1, 5*time.Second, 0)
		return func() {}
	}, "a*2")
	wake("a visibility set to zero", func(h *harness, q *Queue) func() {
		h.send(q, "a")
		d := h.receive(q, 1)[0]
		return func() { h.change(q, d, 0) }
	}, "a*2")
	wake("draining", func(h *harness, q *Queue) func() { return func() { h.e.Drain() } })

	t.Run("ends empty at its time", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q", "ReceiveMessageWaitTimeSeconds=7")
			start := time.Now()
			h.want(h.receiveFor(q, 1, -1, -1))
			if waited := time.Since(start); waited != 7*time.Second {
				t.Errorf("waited %v", waited)
			}
			h.want(h.receiveFor(q, 1, -1, 0)) // an explicit zero does not wait
			if waited := time.Since(start); waited != 7*time.Second {
				t.Errorf("a short poll waited: %v", waited)
			}
		})
	})
	t.Run("the queue's end ends it", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			go func() {
				time.Sleep(time.Second)
				h.e.Delete(context.Background(), q)
			}()
			if _, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Wait: 20 * time.Second}); !errors.Is(err, ErrNoQueue) {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("one message goes to exactly one, who came first", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			var order []int
			for i := range 5 {
				go func() {
					if ds := h.receiveFor(q, 1, -1, 20*time.Second); len(ds) == 1 {
						order = append(order, i)
					}
				}()
				synctest.Wait()
			}
			for range 3 {
				h.send(q, "a")
				synctest.Wait()
			}
			if len(order) != 3 || order[0] != 0 || order[1] != 1 || order[2] != 2 {
				t.Errorf("got %v, want [0 1 2]", order)
			}
			time.Sleep(21 * time.Second)
		})
	})
	t.Run("a client that leaves passes its turn on", func(t *testing.T) {
		run(t, Options{}, func(h *harness) {
			q := h.create("q")
			ctx, cancel := context.WithCancel(context.Background())
			go q.Receive(ctx, ReceiveParams{Max: 1, Visibility: -1, Wait: 20 * time.Second})
			synctest.Wait()
			got := make(chan []Delivery, 1)
			go func() { got <- h.receiveFor(q, 1, -1, 20*time.Second) }()
			synctest.Wait()
			cancel()
			h.send(q, "a")
			if ds := <-got; len(ds) != 1 {
				t.Error("the second poll came back empty")
			}
		})
	})
}

func TestPurge(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.create("q")
		h.send(q, "visible", "in flight")
		h.sendDelayed(q, time.Second, "delayed")
		ds := h.receive(q, 1)
		if err := q.Purge(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.wantCounts(q, 0, 0, 0)
		h.delete(q, ds...)
		if err := h.change(q, ds[0], 0); !errors.Is(err, ErrMessageGone) {
			t.Errorf("got %v", err)
		}
		h.send(q, "after")
		time.Sleep(59 * time.Second)
		if err := q.Purge(context.Background()); !errors.Is(err, ErrPurgeInProgress) {
			t.Errorf("got %v", err)
		}
		h.crash()
		q = h.queue("q")
		if err := q.Purge(context.Background()); !errors.Is(err, ErrPurgeInProgress) {
			t.Errorf("after a restart: got %v", err)
		}
		h.want(h.receive(q, 10), "after")
		time.Sleep(time.Second)
		if err := q.Purge(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestNames(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		ctx := context.Background()
		for _, name := range []string{"b", "a", "ab", "c"} {
			h.create(name)
		}
		elsewhere := Key{Account: "000000000000", Region: "eu-west-1", Name: "a"}
		if _, err := h.e.Create(ctx, elsewhere, Definition{}, nil); err != nil {
			t.Fatal(err)
		}
		list := func(prefix, after string, max int, want string, wantMore bool) {
			t.Helper()
			names, more := h.e.List("000000000000", "us-east-1", prefix, after, max)
			got := ""
			for _, n := range names {
				got += n + " "
			}
			if got != want || more != wantMore {
				t.Errorf("list %q after %q: got %q %v, want %q %v", prefix, after, got, more, want, wantMore)
			}
		}
		list("", "", 10, "a ab b c ", false)
		list("", "", 2, "a ab ", true)
		list("", "ab", 2, "b c ", false)
		list("a", "", 1, "a ", true)
		list("a", "a", 1, "ab ", false)
		if got := h.e.Regions("000000000000", "a"); len(got) != 2 {
			t.Errorf("regions: %v", got)
		}
		if err := h.e.Delete(ctx, h.queue("ab")); err != nil {
			t.Fatal(err)
		}
		create := func() error {
			_, err := h.e.Create(ctx, key("ab"), Definition{}, nil)
			return err
		}
		time.Sleep(59 * time.Second)
		h.crash()
		list("a", "", 10, "a ", false)
		if err := create(); !errors.Is(err, ErrDeletedRecently) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		if err := create(); err != nil {
			t.Error(err)
		}
	})
}
