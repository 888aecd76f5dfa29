package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// group makes messages of one group, in order.
func group(id string, n int) []*sqs.Message {
	messages := bodies(id, n)
	for _, m := range messages {
		m.GroupID = id
	}
	return messages
}

// fifoFake answers as a FIFO queue would, after a second, and fails the test if two requests with one group are under
// way at once.
func fifoFake(t *testing.T, refuse func(body string) *api.Error) *fake {
	var mu sync.Mutex
	busy := map[string]bool{}
	mark := func(groups map[string]bool, now bool) {
		mu.Lock()
		defer mu.Unlock()
		for g := range groups {
			if busy[g] == now {
				t.Errorf("two requests have messages of the group %s", g)
			}
			busy[g] = now
		}
	}
	return &fake{answer: func(r *request) (*http.Response, error) {
		var in api.SendMessageBatchInput
		r.decode(t, &in)
		groups := map[string]bool{}
		for _, e := range in.Entries {
			groups[*e.MessageGroupID] = true
		}
		mark(groups, true)
		time.Sleep(time.Second)
		mark(groups, false)
		return storing(t, refuse)(r)
	}}
}

// fifoSender sends to a queue called orders.fifo behind f.
func fifoSender(t *testing.T, f *fake, optFns ...func(*sqs.SenderOptions)) *sqs.Sender[string] {
	conn := connect(t, "http://sqs.test:9324", sqs.WithHTTPClient(f), sqs.WithMessageClass(sqs.RawMessage{}))
	s := sqs.NewSender(conn.QueueFromURL("/123456789012/orders.fifo"), optFns...)
	t.Cleanup(func() { closeSender(t, s) })
	return s
}

func TestSenderOneRequestForAGroupAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fifoFake(t, never)
		s := fifoSender(t, f, sqs.WithLinger(0))
		all := enqueue(t, s, group("a", 1)...)
		all = append(all, enqueue(t, s, group("a", 12)...)...) // wait for the first
		all = append(all, enqueue(t, s, group("b", 1)...)...)  // does not
		start := time.Now()
		wantAll(t, all[13:])
		if took := time.Since(start); took != time.Second {
			t.Errorf("another group took %v", took)
		}
		wantAll(t, all)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the group took %v, want three requests of a second, one after the other", took)
		}
		var got []string
		for _, bodies := range sentBodies(t, f) {
			got = append(got, strings.Join(bodies, " "))
		}
		slices.Sort(got)
		if want := "a0|a0 a1 a2 a3 a4 a5 a6 a7 a8 a9|a10 a11|b0"; strings.Join(got, "|") != want {
			t.Errorf("got requests %q, want %s", got, want)
		}
	})
}

// Standard queues have groups, too, and no order.
func TestSenderGroupsOfAStandardQueueAreSentInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders", sqs.WithLinger(0))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		all := enqueue(t, r.Sender, group("a", 1)...)
		all = append(all, enqueue(t, r.Sender, group("a", 2)...)...)
		start := time.Now()
		if wantAll(t, all); time.Since(start) != time.Second {
			t.Errorf("took %v", time.Since(start))
		}
	})
}

func TestSenderFailureClosesItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders.fifo", sqs.WithLinger(0))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		a := group("a", 6)
		a[0].Body = "\x00" // refused
		tickets := enqueue(t, r.Sender, a[0])
		tickets = append(tickets, enqueue(t, r.Sender, a[1:3]...)...)
		other := enqueue(t, r.Sender, group("b", 3)...)
		time.Sleep(time.Second)
		synctest.Wait()

		held := func(err error) bool {
			return errors.Is(err, sqs.ErrHeldBack) && errors.Is(err, sqs.ErrNotSent) && !errors.Is(err, sqs.ErrInvalidMessageContents)
		}
		if err := r.Send(t.Context(), a[3]); !held(err) {
			t.Errorf("sent before anybody was told of the failure: got %v, want ErrHeldBack", err)
		}
		if err := tickets[0].Wait(t.Context()); !errors.Is(err, sqs.ErrInvalidMessageContents) {
			t.Errorf("the failed message: got %v", err)
		}
		if err := r.Send(t.Context(), a[4]); !held(err) {
			t.Errorf("sent before those that were held back were told: got %v, want ErrHeldBack", err)
		}
		for _, ticket := range tickets[1:] {
			for range 2 { // who asks twice is told once
				if err := ticket.Wait(t.Context()); !held(err) || !strings.Contains(err.Error(), "characters") {
					t.Errorf("behind it: got %v, want ErrHeldBack and the reason", err)
				}
			}
		}
		if err := r.Send(t.Context(), a[5]); err != nil {
			t.Errorf("the group does not open again: %v", err)
		}
		wantAll(t, other)
		r.wantStored("a5", "b0", "b1", "b2")
	})
}

// Those that wait for room are held back as well.
func TestSenderFailureHoldsBackWhoWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders.fifo", sqs.WithSenderLimits(2, 0))
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		messages := append(group("a", 4), group("b", 1)...)
		messages[0].Body = "\x00"
		errs := make([]error, len(messages))
		var wg sync.WaitGroup
		for i, m := range messages {
			wg.Go(func() { errs[i] = r.Send(t.Context(), m) })
			synctest.Wait()
		}
		wg.Wait()
		for i, want := range []error{sqs.ErrInvalidMessageContents, sqs.ErrHeldBack, sqs.ErrHeldBack, sqs.ErrHeldBack, nil} {
			if !errors.Is(errs[i], want) || want == nil && errs[i] != nil {
				t.Errorf("message %d: got %v, want %v", i, errs[i], want)
			}
		}
		if err := r.Send(t.Context(), messages[3]); err != nil {
			t.Errorf("all were told, and the group is closed: %v", err)
		}
		r.wantStored("a3", "b0")
	})
}

// Who withdraws a message knows of the gap.
func TestSenderWithdrawnMessageHoldsBackNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders.fifo")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		tickets := enqueue(t, r.Sender, group("a", 1)...)
		tickets = append(tickets, enqueue(t, r.Sender, group("a", 4)[1:]...)...)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tickets[1].Wait(ctx); !errors.Is(err, sqs.ErrNotSent) {
			t.Errorf("got %v, want ErrNotSent", err)
		}
		wantAll(t, slices.Delete(tickets, 1, 2))
		r.wantStored("a0", "a2", "a3")
	})
}

// A message that failed after its sender gave up holds back those behind it, and the group is open when they know.
func TestSenderFailureAfterItsSenderLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "orders.fifo")
		r.srv.Fail(sqstest.Rule{Action: sendBatch, Latency: time.Second})
		a := group("a", 3)
		a[0].Body = "\x00"
		tickets := enqueue(t, r.Sender, a[0])
		tickets = append(tickets, enqueue(t, r.Sender, a[1])...)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tickets[0].Wait(ctx); !errors.Is(err, sqs.ErrMayHaveBeenSent) {
			t.Errorf("got %v, want ErrMayHaveBeenSent", err)
		}
		if err := tickets[1].Wait(t.Context()); !errors.Is(err, sqs.ErrHeldBack) {
			t.Errorf("got %v, want ErrHeldBack", err)
		}
		if err := r.Send(t.Context(), a[2]); err != nil {
			t.Error(err)
		}
		r.wantStored("a2")
	})
}

func TestSenderPartialFailuresOfGroups(t *testing.T) {
	for _, test := range []struct {
		name     string
		refuse   map[string]*api.Error // by body; once
		requests string
		failed   map[int]error
	}{
		{
			"none_behind_was_stored",
			map[string]*api.Error{"a1": api.InternalError.New(), "a2": api.InternalError.New()},
			"[[first] [a0 a1 a2 b0] [a1 a2]]", nil,
		},
		{
			"a_later_one_is_stored",
			map[string]*api.Error{"a1": api.InternalError.New()},
			"[[first] [a0 a1 a2 b0]]", map[int]error{1: sqs.ErrInternal},
		},
		{
			"an_earlier_one_failed_for_good",
			map[string]*api.Error{"a1": api.InvalidMessageContents.New(), "a2": api.InternalError.New()},
			"[[first] [a0 a1 a2 b0]]", map[int]error{1: sqs.ErrInvalidMessageContents, 2: sqs.ErrHeldBack},
		},
		{
			"another_group",
			map[string]*api.Error{"a2": api.InternalError.New(), "b0": api.InternalError.New()},
			"[[first] [a0 a1 a2 b0] [a2 b0]]", nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := map[string]int{}
				f := fifoFake(t, func(body string) *api.Error {
					if tries[body]++; tries[body] == 1 {
						return test.refuse[body]
					}
					return nil
				})
				s := fifoSender(t, f, sqs.WithParallelRequests(1))
				first := enqueue(t, s, &sqs.Message{Body: "first", GroupID: "first"})
				errs := outcomes(t, enqueue(t, s, append(group("a", 3), group("b", 1)...)...))
				wantAll(t, first)
				for i, err := range errs {
					if want := test.failed[i]; !errors.Is(err, want) || want == nil && err != nil {
						t.Errorf("message %d: got %v, want %v", i, err, want)
					}
				}
				if got := fmt.Sprint(sentBodies(t, f)); got != test.requests {
					t.Errorf("got requests %s, want %s", got, test.requests)
				}
			})
		})
	}
}

func TestSenderOnePerGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fifoFake(t, func(body string) *api.Error {
			if body == "a1" {
				return api.InvalidMessageContents.New()
			}
			return nil
		})
		s := fifoSender(t, f, sqs.WithParallelRequests(1), func(o *sqs.SenderOptions) { o.OnePerGroup = true })
		first := enqueue(t, s, &sqs.Message{Body: "first", GroupID: "first"})
		errs := outcomes(t, enqueue(t, s, append(group("a", 4), group("b", 3)...)...))
		wantAll(t, first)
		if got, want := fmt.Sprint(sentBodies(t, f)), "[[first] [a0 b0] [a1 b1] [b2]]"; got != want {
			t.Errorf("got requests %s, want %s", got, want)
		}
		if !errors.Is(errs[2], sqs.ErrHeldBack) || !errors.Is(errs[3], sqs.ErrHeldBack) {
			t.Errorf("behind a1: got %v and %v, want ErrHeldBack", errs[2], errs[3])
		}
	})
}

// A request refused as a whole for one message: that one fails and holds back its group's later ones.
func TestSenderOneByOneKeepsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(r *request) (*http.Response, error) {
			if strings.Contains(r.Body, "a1") {
				return r.fail(api.InvalidAttributeType.New("x"))
			}
			return storing(t, never)(r)
		}
		errs := outcomes(t, enqueue(t, fifoSender(t, f), append(group("a", 3), group("b", 1)...)...))
		for i, want := range []error{nil, sqs.ErrInvalidParameterValue, sqs.ErrHeldBack, nil} {
			if !errors.Is(errs[i], want) || want == nil && errs[i] != nil {
				t.Errorf("message %d: got %v, want %v", i, errs[i], want)
			}
		}
	})
}

// Whatever fails, the messages of a group are stored in the order of their sending, and without a gap that their sender
// was not told of.
func TestSenderOrderUnderFaults(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { orderUnderFaults(t, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

func orderUnderFaults(t *testing.T, rng *rand.Rand) {
	const groups, each = 7, 60
	r := newRig(t, "orders.fifo", sqs.WithParallelRequests(1+rng.IntN(4)), sqs.WithLinger(time.Duration(rng.IntN(3))*time.Millisecond))
	for range 40 {
		for _, rule := range []sqstest.Rule{
			{Latency: time.Duration(1+rng.IntN(100)) * time.Millisecond}, {Error: sqs.ErrServiceUnavailable}, {Error: "RequestThrottled"},
			{Drop: sqstest.DropAnswer}, {Drop: sqstest.DropRequest}, {Reorder: true},
		} {
			rule.Action, rule.Times = sendBatch, 1+rng.IntN(3)
			if rng.IntN(2) == 0 {
				r.srv.Fail(rule)
			}
		}
	}
	var wg sync.WaitGroup
	for g := range groups {
		wg.Go(func() { sendInOrder(t, r.Sender, fmt.Sprint("g", g), each) })
	}
	wg.Wait()
	next := map[string]int{}
	for _, m := range r.srv.Messages("orders.fifo") { // in the order of the queue
		id, n, _ := strings.Cut(m.Body, ":")
		if n != strconv.Itoa(next[id]) {
			t.Fatalf("group %s has message %s where %d belongs", id, n, next[id])
		}
		next[id]++
	}
	for id, n := range next {
		if n != each {
			t.Errorf("group %s has %d messages, want %d", id, n, each)
		}
	}
}

// sendInOrder is a sender that keeps up to 25 messages under way and, after a failure, goes on with the message that
// failed.
func sendInOrder(t *testing.T, s *sqs.Sender[string], id string, n int) {
	for next := 0; next < n; {
		var tickets []*sqs.Ticket[string]
		for i := next; i < min(next+25, n); i++ {
			ticket, err := s.Enqueue(t.Context(), &sqs.Message{Body: fmt.Sprintf("%s:%d", id, i), GroupID: id})
			if err != nil {
				break // held back; the reason is the outcome of one of those before
			}
			tickets = append(tickets, ticket)
		}
		failed := false
		for _, err := range outcomes(t, tickets) {
			if failed = failed || err != nil; !failed {
				next++
			}
			if failed && err == nil {
				t.Errorf("group %s: a message behind one that failed was stored", id)
			}
		}
	}
}

// Of two messages of a group in one request, either may be the one that failed; what is behind them is held back, and
// other groups go on.
func TestSenderFailureBesideAStoredMessageOfItsGroup(t *testing.T) {
	for _, failing := range []string{"a0", "a1"} {
		t.Run(failing, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := fifoFake(t, func(body string) *api.Error {
					if body == failing {
						return api.InvalidMessageContents.New()
					}
					return nil
				})
				s := fifoSender(t, f, sqs.WithLinger(time.Second/2))
				a := group("a", 3)
				others := enqueue(t, s, group("first", 1)...)
				together := enqueue(t, s, a[:2]...) // leave after 0.5 s, are answered after 1.5 s
				time.Sleep(6 * time.Second / 10)
				behind := enqueue(t, s, a[2])
				others = append(others, enqueue(t, s, group("c", 1)...)...) // is under way then
				time.Sleep(6 * time.Second / 10)
				errs := outcomes(t, append(append(together, behind...), enqueue(t, s, group("b", 1)...)...))
				wantAll(t, others)
				for i, want := range []error{errs[0], errs[1], sqs.ErrHeldBack, nil} {
					if i < 2 && (errs[i] != nil) == (a[i].Body == failing) {
						continue
					}
					if !errors.Is(errs[i], want) || want == nil && errs[i] != nil {
						t.Errorf("message %d: got %v", i, errs[i])
					}
				}
				if got, want := fmt.Sprint(sentBodies(t, f)), "[[first0] [a0 a1] [c0] [b0]]"; got != want {
					t.Errorf("got requests %s, want %s", got, want)
				}
			})
		})
	}
}
