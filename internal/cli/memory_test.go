package cli

import (
	"testing"

	"github.com/bufeomq/bufeo/internal/memory"
)

// Garbage grows with the connections, and never beyond what Go has left.
func TestGarbageFor(t *testing.T) {
	const mib = 1 << 20
	small, large := memory.Split(256*mib), memory.Split(1<<30)
	tests := []struct {
		name             string
		s                memory.Shares
		used, goroutines uint64
		want             int64
	}{
		{"few", large, 20 * mib, 64, large.Garbage + mib},
		{"thousands", large, 100 * mib, 4096, large.Garbage + 64*mib},
		{"as far as there is memory", large, uint64(large.Go) - 400*mib, 16_384, 100 * mib},
		{"no less than without any", large, uint64(large.Go) - 4*mib, 16_384, large.Garbage},
		{"more used than there should be", large, uint64(large.Go) + 50*mib, 16_384, large.Garbage},
		{"little memory", small, uint64(small.Go) / 2, 10_000, (small.Go - small.Go/2) / 4},
	}
	for _, tt := range tests {
		if got := garbageFor(tt.s, tt.used, tt.goroutines); got != tt.want {
			t.Errorf("%s: got %d KiB, want %d", tt.name, got>>10, tt.want>>10)
		}
	}
}

func TestPercentFor(t *testing.T) {
	const maxGarbage = 64 << 20
	tests := []struct {
		live uint64 // MiB
		min  int    // percent
		max  int
	}{
		{0, 800, 800},
		{4, 800, 800},
		{8, 800, 800},
		{16, 350, 400},
		{64, 88, 100},
		{1 << 10, minGCPercent, minGCPercent},
		{1 << 20, minGCPercent, minGCPercent},
	}
	for _, tt := range tests {
		got := percentFor(tt.live<<20, maxGarbage)
		if got < tt.min || got > tt.max {
			t.Errorf("%d MiB live: got %d percent, want %d to %d", tt.live, got, tt.min, tt.max)
		}
		if garbage := float64(got) / 100 * float64(tt.live); got > minGCPercent && garbage > maxGarbage>>20 {
			t.Errorf("%d MiB live: %d percent is %.0f MiB, more than the bound", tt.live, got, garbage)
		}
	}
}
