package cli

import (
	"runtime"
	"testing"
)

func TestTuneProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	runtime.GOMAXPROCS(processors)
	tuneProcessors(func(string) string { return "1" })
	if got := runtime.GOMAXPROCS(0); got != processors {
		t.Errorf("got %d, although the operator has set it, want %d", got, processors)
	}
	for range 2 {
		tuneProcessors(func(string) string { return "" })
		if got := runtime.GOMAXPROCS(0); got != processors+diskGoroutines {
			t.Errorf("got %d, want %d more than %d", got, diskGoroutines, processors)
		}
	}
}
