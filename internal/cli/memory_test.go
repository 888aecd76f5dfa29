package cli

import "testing"

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
