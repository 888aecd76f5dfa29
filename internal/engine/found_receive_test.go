package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// More of what random runs found, about receives that come upon something and have to go on.

// A receive with a timeout of zero ended with what memory had, since it would have taken that again.
func TestReceiveWithATimeoutOfZeroGoesOnOnDisk(t *testing.T) {
	run(t, Options{CacheBytes: 1, ExpiryGrace: -1}, func(h *harness) {
		q := h.create("q", "MessageRetentionPeriod=60")
		h.send(q, "other") // its deletion puts off the next
		time.Sleep(5 * time.Second)
		h.send(q, "old", "old")
		time.Sleep(30 * time.Second)
		h.send(q, "b")
		h.receiveFor(q, 4, 0, 0)
		h.send(q, "c")
		time.Sleep(30 * time.Second)
		h.want(h.receiveFor(q, 3, 0, 0), "b*2", "c")
	})
}

// A receive that had taken messages ended at a dead letter whose body was on disk.
func TestReceiveGoesOnBehindADeadLetterOnDisk(t *testing.T) {
	run(t, Options{CacheBytes: 1}, func(h *harness) {
		h.create("dead")
		q := h.create("q", redriveTo("dead", 1))
		h.sendDelayed(q, time.Second, "a")
		h.send(q, "dead")
		h.receiveFor(q, 1, 0, 0)
		h.send(q, "b")
		time.Sleep(time.Second)
		h.want(h.receive(q, 3), "a", "b")
		h.want(h.receive(h.queue("dead"), 3), "dead*2")
	})
}

// What a receive had moved came back as a message whose body was on disk, so that it began again, for ever.
func TestReceiveEndsInAQueueThatIsItsOwnDeadLetterQueue(t *testing.T) {
	for _, kind := range []string{"q", "q.fifo"} {
		run(t, Options{CacheBytes: 1}, func(h *harness) {
			q := h.create(kind, "FifoQueue="+map[bool]string{true: "true", false: "false"}[kind == "q.fifo"], redriveTo(kind, 1))
			h.sendTo(q, "a-1", "a-2", "b-1")
			h.receiveFor(q, 10, 0, 0)
			for range 3 {
				h.want(h.receiveFor(q, 10, 0, 0))
				h.wantCounts(q, 3, 0, 0)
			}
			h.sendTo(q, "c-1")
			h.want(h.receive(q, 10), "c-1")
		})
	}
}

// A message past its retention kept its group locked until it was deleted, which took up to ten seconds.
func TestAnExpiredMessageLocksNoGroup(t *testing.T) {
	for _, waits := range []bool{false, true} {
		run(t, Options{ExpiryGrace: -1}, func(h *harness) {
			q := h.createFIFO("q.fifo", "MessageRetentionPeriod=60")
			h.sendTo(q, "other-1") // its deletion puts off the next
			time.Sleep(5 * time.Second)
			h.sendTo(q, "a-1")
			h.receiveFor(q, 10, time.Hour, 0)
			time.Sleep(30 * time.Second)
			h.sendTo(q, "a-2")
			wait := time.Duration(0)
			if waits {
				wait = 20 * time.Second
				time.Sleep(15 * time.Second)
			} else {
				time.Sleep(30 * time.Second)
			}
			h.want(h.receiveFor(q, 1, 0, wait), "a-2")
			if got := time.Since(time.UnixMilli(h.e.opened)); got != 65*time.Second {
				t.Errorf("it was received after %v", got)
			}
		})
	}
}

// A group whose received messages expired while its others were delayed took a place in the rotation on disk that a restart
// passed over, so that nobody got them any more.
func TestGroupOfDelayedMessagesIsFoundAfterWhatWasReceivedExpired(t *testing.T) {
	run(t, Options{ExpiryGrace: -1}, func(h *harness) {
		q := h.createFIFO("q.fifo", "MessageRetentionPeriod=60", "DelaySeconds=0")
		h.sendTo(q, "a-1", "b-1")
		h.receiveFor(q, 10, 0, 0)
		h.set(q, "DelaySeconds=10")
		time.Sleep(55 * time.Second)
		h.sendTo(q, "a-2", "b-2")
		time.Sleep(5 * time.Second)
		h.wantCounts(q, 0, 0, 2)
		h.crash()
		time.Sleep(5 * time.Second)
		h.want(h.receive(h.queue("q.fifo"), 10), "a-2", "b-2")
	})
}

// A repeated receive that makes its messages visible woke nobody.
func TestARepeatedReceiveWakesLongPolls(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo")
		h.sendTo(q, "a-1")
		again := func(visibility time.Duration) {
			if _, err := q.Receive(context.Background(), ReceiveParams{Max: 1, Visibility: visibility, AttemptID: "again"}); err != nil {
				t.Fatal(err)
			}
		}
		again(time.Hour)
		var got []Delivery
		go func() { got = h.receiveFor(q, 1, 0, 20*time.Second) }()
		synctest.Wait()
		again(0)
		synctest.Wait()
		h.want(got, "a-1*2")
	})
}

// A long poll ended early when the queue's own time to wait was lowered while it waited.
func TestALongPollWaitsAsLongAsItSetOut(t *testing.T) {
	run(t, Options{}, func(h *harness) {
		q := h.createFIFO("q.fifo", "ReceiveMessageWaitTimeSeconds=20")
		var got []Delivery
		go func() { got = h.receiveFor(q, 1, 0, -1) }()
		synctest.Wait()
		h.set(q, "ReceiveMessageWaitTimeSeconds=0")
		h.set(q, "MessageRetentionPeriod=1209600") // has the queue read anew, which wakes it
		time.Sleep(10 * time.Second)
		h.sendTo(q, "a-1")
		synctest.Wait()
		h.want(got, "a-1")
	})
}

// refusal makes an error the answer that is wanted.
func refusal(want error, f func() error) func() error {
	return func() error {
		if err := f(); !errors.Is(err, want) {
			return errors.Join(errors.New("answered otherwise"), err)
		}
		return nil
	}
}

// A call that noticed that messages had become visible put off the scheduler, which was to wake those who wait for them.
func TestReceiveIsWokenWhoeverNoticesFirst(t *testing.T) {
	for _, kind := range []string{"q", "q.fifo"} {
		t.Run(kind, func(t *testing.T) {
			var ahead time.Duration // the engine's clock is ahead of its timers: a call comes before the scheduler
			run(t, Options{Now: func() time.Time { return time.Now().Add(ahead) }}, func(h *harness) {
				q := h.create(kind, "FifoQueue="+map[bool]string{true: "true", false: "false"}[kind == "q.fifo"])
				h.sendTo(q, "a-1")
				h.receiveFor(q, 1, 5*time.Second, 0)
				start := time.Now()
				var got []Delivery
				go func() { got = h.receiveFor(q, 1, -1, 20*time.Second) }()
				synctest.Wait()
				ahead = 5 * time.Second
				h.wantCounts(q, 1, 0, 0)
				synctest.Wait()
				h.want(got, "a-1*2")
				if waited := time.Since(start); waited > 0 {
					t.Errorf("it waited for %v", waited)
				}
			})
		})
	}
}
