//go:build !linux

package process

import "time"

// CPUTime is known on linux only; the columns are left out elsewhere.
func CPUTime(int) (time.Duration, bool) { return 0, false }

// Resident is known on linux only.
func Resident(int) (int64, bool) { return 0, false }

// InMemory cannot be told here.
func InMemory(string) bool { return false }
