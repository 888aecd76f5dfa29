package process

import (
	"os"
	"testing"
)

func TestResident(t *testing.T) {
	got, ok := Resident(os.Getpid())
	if !ok || got < 1<<20 || got > 1<<34 {
		t.Errorf("got %d bytes, %t, for this process", got, ok)
	}
}
