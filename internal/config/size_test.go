package config

import (
	"math"
	"testing"
)

func TestParseSize(t *testing.T) {
	for v, want := range map[string]int64{
		"0": 0, "1": 1, "1024": 1024, "1KiB": 1024, "256MiB": 256 << 20, "3 GiB": 3 << 30, "8388607TiB": 8388607 << 40,
		"9223372036854775807": math.MaxInt64,
	} {
		if got, ok := parseSize(v); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", v, got, ok, want)
		}
	}
	for _, v := range []string{"", "MiB", "-1", "1.5GiB", "1MB", "1mib", "9223372036854775808", "8388608TiB"} {
		if got, ok := parseSize(v); ok {
			t.Errorf("%s: got %d, want none", v, got)
		}
	}
}
