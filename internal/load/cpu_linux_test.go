package load

import (
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	stat := "42 (a ) (b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 9 0 12345 1000000 200"
	if got, ok := parseStat([]byte(stat)); !ok || got != 3*time.Second {
		t.Errorf("got %v, %t, want 3s: user and system, without children", got, ok)
	}
	if _, ok := parseStat([]byte("42 (x) S 1")); ok {
		t.Error("got a time from a cut-off line, want none")
	}
	if _, ok := CPUTime(os.Getpid()); !ok {
		t.Error("got no time for this process")
	}
}
