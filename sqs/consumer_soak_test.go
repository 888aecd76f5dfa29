package sqs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// Whatever goes wrong, for a while, every message is handled in the end, and none is left. On a FIFO queue, the first success
// of each message comes after that of the one before it in its group, no two of a group run at a time, and none runs
// after a success of a later one.
func TestConsumer_chance(t *testing.T) {
	for _, queue := range []string{"orders", "orders.fifo"} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("%s_%d", queue, seed), func(t *testing.T) {
				onStage(t, queue, func(s *stage) { playChance(s, rand.New(rand.NewPCG(seed, 1))) })
			})
		}
	}
}

func playChance(s *stage, chance *rand.Rand) {
	const groups, each = 7, 20
	fifo := strings.HasSuffix(s.q.Name(), ".fifo")
	for i := range each {
		for g := range groups {
			s.send(fmt.Sprintf("%c:%d", 'a'+g, i))
		}
	}
	record := &chanceRecord{chance: rand.New(rand.NewPCG(chance.Uint64(), 2)), fifo: fifo, done: map[string]int{}, busy: map[string]bool{}}
	works := func(ctx context.Context, m *sqs.Message) error {
		defer record.begin(s, m)()
		select {
		case <-time.After(time.Duration(record.pick(90)) * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
		switch record.pick(10) {
		case 0:
			return errHandler
		case 1:
			return sqs.RetryAfter(time.Duration(record.pick(20))*time.Second, errHandler)
		case 2:
			panic("chance")
		}
		record.succeed(s, m)
		return nil
	}
	c := sqs.NewConsumer(s.q, works, sqs.WithWorkers(5), sqs.WithPrefetch(7))
	actions := []string{"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", ""}
	for range 8 {
		stop := s.run(c)
		for range 4 {
			r := sqstest.Rule{Action: actions[chance.IntN(4)]}
			switch chance.IntN(4) {
			case 0:
				r.Error = sqs.ErrInternal
			case 1:
				r.Drop = sqstest.DropRequest
			case 2:
				r.Drop = sqstest.DropAnswer
			case 3:
				r.Latency = time.Duration(chance.IntN(50)) * time.Second
				r.Latency += time.Second
			}
			fault := s.srv.Fail(r)
			s.sleep(time.Duration(chance.IntN(80)) * time.Second)
			fault.Stop()
			s.sleep(time.Duration(chance.IntN(60)) * time.Second)
		}
		stop()
	}
	stop := s.run(c)
	for len(s.left()) > 0 {
		s.sleep(time.Minute)
	}
	stop()
	if got := len(record.done); got != groups*each {
		s.Errorf("%d messages succeeded, want %d", got, groups*each)
	}
}

// chanceRecord is what the handlers of playChance have seen.
type chanceRecord struct {
	fifo   bool
	mu     sync.Mutex
	chance *rand.Rand     // not that of the script, which must not depend on who runs first
	done   map[string]int // successes by body
	busy   map[string]bool
	last   []string
}

func (r *chanceRecord) pick(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chance.IntN(n)
}

func (r *chanceRecord) begin(s *stage, m *sqs.Message) (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	group, number, _ := strings.Cut(m.Body, ":")
	if r.fifo && r.busy[group] {
		s.Errorf("%s begins while another of its group runs", m.Body)
	}
	r.busy[group] = true
	var n int
	fmt.Sscan(number, &n)
	if later := fmt.Sprintf("%s:%d", group, n+1); r.fifo && r.done[later] > 0 {
		s.Errorf("%s begins after %s has succeeded", m.Body, later)
	}
	if earlier := fmt.Sprintf("%s:%d", group, n-1); r.fifo && n > 0 && r.done[earlier] == 0 {
		s.Errorf("%s begins before %s has succeeded", m.Body, earlier)
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy[group] = false
	}
}

func (r *chanceRecord) succeed(s *stage, m *sqs.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[m.Body]++
	if r.last = append(r.last, m.Body); len(r.last) > 1000 {
		s.Errorf("there is no end to it: %q", slices.Compact(r.last))
	}
}
