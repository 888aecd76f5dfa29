package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// A pair sends into a queue on which a long poll waits. The pause before each send is minPause and up to spread more:
// long enough that the receive is parked, and not in step with anything periodic in the server.
const (
	minPause = 5 * time.Millisecond
	spread   = 15 * time.Millisecond
	longPoll = 20 // seconds, the most that SQS allows
)

// WakeResult is the latency of wake-ups. Result.Latency runs from before the send is written until the received message
// is read, so it holds what both requests cost, their syncs included: it is what an application sees. After runs from
// when the send was answered, and is 0 if the message was faster than the answer.
type WakeResult struct {
	Result
	After Histogram
}

// errNoWake is a long poll that ended empty-handed though a message was sent and no one else could take it, or that got it
// so late that something else must have found it.
var errNoWake = errors.New("lost wake-up: the long poll did not get the message that was sent during it")

// lateWake is that late. A variable for tests.
var lateWake = 5 * time.Second

// RunWake measures wake-ups for d on all jobs at once, each of which has a queue of its own and Batch 1.
func RunWake(ctx context.Context, jobs []*Job, d time.Duration) (*WakeResult, error) {
	pairs := make([]*wakePair, len(jobs))
	deadline := time.Now().Add(d + grace)
	for i, j := range jobs {
		p := &wakePair{
			put:      j.put(),
			taker:    j.newTaker(longPoll),
			sender:   client{target: j.Target, deadline: deadline},
			receiver: client{target: j.Target, deadline: deadline},
		}
		defer p.sender.close()
		defer p.receiver.close()
		pairs[i] = p
	}
	start := time.Now()
	var wg sync.WaitGroup
	for _, p := range pairs {
		wg.Go(func() { p.run(ctx, start.Add(d)) })
	}
	wg.Wait()
	sum := &WakeResult{Result: Result{Elapsed: time.Since(start)}}
	for _, p := range pairs {
		sum.Merge(&p.Result)
		sum.After.Merge(&p.After)
	}
	return sum, context.Cause(ctx)
}

type wakePair struct {
	WakeResult
	put              step
	taker            *taker
	sender, receiver client
}

func (p *wakePair) run(ctx context.Context, end time.Time) {
	for time.Now().Before(end) && ctx.Err() == nil && p.Errors < maxErrors {
		if err := p.wake(ctx); err != nil && ctx.Err() == nil {
			p.Errors++
			if p.FirstError == nil {
				p.FirstError = err
			}
		}
	}
	p.Requests = p.sender.requests + p.receiver.requests
}

// arrival is the end of a long poll.
type arrival struct {
	at       time.Time
	messages int
	err      error
}

// wake parks a receive, sends, and times the message.
func (p *wakePair) wake(ctx context.Context) error {
	arrived := make(chan arrival, 1)
	go func() {
		n, err := p.taker.find(ctx, &p.receiver)
		arrived <- arrival{time.Now(), n, err}
	}()
	pause(ctx, minPause+rand.N(spread))
	sent := time.Now()
	_, err := p.put(ctx, &p.sender)
	answered := time.Now()
	a := <-arrived // also after a failed send: the receiver is not for two goroutines
	if err = errors.Join(err, a.err); err != nil {
		return err
	}
	took := fmt.Sprintf("it waited %v", a.at.Sub(sent).Round(time.Millisecond))
	if a.messages != 1 {
		return fmt.Errorf("%w (%s)", errNoWake, took)
	}
	p.Steps++
	p.Messages++
	p.Latency.Record(a.at.Sub(sent))
	p.After.Record(a.at.Sub(answered))
	if _, err := p.taker.remove(ctx, &p.receiver); err != nil {
		return err
	}
	if a.at.Sub(answered) > lateWake {
		return fmt.Errorf("%w in time (%s)", errNoWake, took)
	}
	return nil
}
