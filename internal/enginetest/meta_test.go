package enginetest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seedFlag    = flag.Uint64("seed", 0, "TestRandom: run this seed only")
	fromFlag    = flag.Uint64("from", 0, "TestRandom: the first of several seeds; 0: a random one")
	forFlag     = flag.Duration("for", 0, "TestRandom: how long to try seeds; 0: a few seeds")
	stepsFlag   = flag.Int("steps", 300, "TestRandom: steps of each seed")
	callsFlag   = flag.Int("calls", 0, "TestRandom: most calls at once, but for those that a crash cuts off; 0: 4, or 1 for a few seeds")
	historyFlag = flag.Int("history", 60, "how many lines of a failed run's history to print")
)

// few is how many seeds a plain `go test` tries.
const few = 40

// TestRandom compares the engine with the model over random operations.
func TestRandom(t *testing.T) {
	if *seedFlag != 0 {
		t.Run(fmt.Sprint(*seedFlag), func(t *testing.T) { t.Logf("decided to the end: %v", runSeed(t, *seedFlag, *stepsFlag)) })
		return
	}
	ended := 0
	base, start, n := *fromFlag, time.Now(), 0
	if base == 0 {
		base = rand.Uint64() >> 32
	}
	for ; *forFlag == 0 && n < few || time.Since(start) < *forFlag; n++ {
		seed := base + uint64(n)
		run := func(t *testing.T) {
			if !runSeed(t, seed, *stepsFlag) {
				ended++
			}
		}
		if !t.Run(fmt.Sprint(seed), run) {
			t.Fatalf("after %v and %d seeds; run it again with -seed %d", time.Since(start).Round(time.Second), n, seed)
		}
	}
	t.Logf("%d seeds of %d steps in %v, %d of them ended undecided", n, *stepsFlag, time.Since(start).Round(time.Second), ended)
	if ended > 2+n/20 {
		t.Errorf("%d of %d seeds were not decided", ended, n)
	}
}

// runSeed reports whether it came to the end: there can be too many orders of calls to try.
func runSeed(t *testing.T, seed uint64, steps int) (decided bool) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if p := recover(); p != nil && p != any(undecided{}) {
				panic(p)
			}
		}()
		r := newRunner(t, seed)
		if r.together = *callsFlag; r.together == 0 {
			r.together = 4
			if *seedFlag == 0 && *forFlag == 0 {
				r.together = 1
			}
		}
		r.openEngine(r.openStore())
		defer r.close()
		for n := range steps {
			r.note("%d:", n)
			r.step()
		}
		decided = true
	})
	return decided
}
