package cli

import (
	"runtime"
	"testing"
)

func TestTuneProcessors(t *testing.T) {
	there, before := processors, runtime.GOMAXPROCS(0)
	defer func() {
		processors = there
		runtime.GOMAXPROCS(before)
	}()
	tests := []struct {
		name   string
		there  int
		wanted string // by the operator
		want   int
	}{
		{"one", 1, "", 1},
		{"two", 2, "", 3},
		{"the_operator_has_said", 4, "4", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			processors = tt.there
			runtime.GOMAXPROCS(tt.there)
			for range 2 { // servers in one process
				tuneProcessors(func(string) string { return tt.wanted })
				if got := runtime.GOMAXPROCS(0); got != tt.want {
					t.Errorf("got %d, want %d", got, tt.want)
				}
			}
		})
	}
}
