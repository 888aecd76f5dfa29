package main

import (
	"context"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

const (
	// perSlice messages are taken from each queue in a round: what a shallow queue can give without running dry.
	perSlice = shallow * 4 / 5
	// mostRounds: with 40 the median of their ratios is good to a few percent where single ones differ by a third.
	mostRounds = 40
)

// rates are what two queues gave in turns, in messages a second.
type rates struct {
	small, deep []float64
	ratios      []float64 // deep by small, round by round
}

// compare takes from both queues in turns. prepare is called before each round, outside the time that is measured.
func (d *depth) compare(ctx context.Context, small, deep *queue, rounds int, prepare func() error) (*rates, error) {
	r := &rates{}
	for round := range rounds {
		if err := prepare(); err != nil {
			return nil, err
		}
		// What was before a slice, and goes on in the background, shall not always be the same.
		order := []*queue{small, deep}
		if round%2 == 1 {
			order = []*queue{deep, small}
		}
		var got [2]float64
		for _, q := range order {
			if err := sleep(ctx, 100*time.Millisecond); err != nil {
				return nil, err
			}
			res, err := q.take(ctx, perSlice)
			if err != nil {
				return nil, err
			}
			if q == small {
				got[0] = res.MessagesPerSecond()
			} else {
				got[1] = res.MessagesPerSecond()
			}
		}
		r.small, r.deep, r.ratios = append(r.small, got[0]), append(r.deep, got[1]), append(r.ratios, got[1]/got[0])
	}
	return r, nil
}

// roundsFor is how many rounds a queue of n messages can give, with half of them left at the end.
func roundsFor(n int) int { return max(min(n/2/perSlice, mostRounds), 1) }

// compared adds rates to the row's checks: deep may be a fifth slower.
func (r *result) compared(key, what string, got *rates) {
	r.Note("%s: %.0f/s with %d messages, %.0f/s deep, %d rounds", what, load.Median(got.small), shallow, load.Median(got.deep),
		len(got.ratios))
	r.AtLeast(key, key+" %.2f", load.Median(got.ratios), .8)
	r.Timely()
}
