//go:build !linux

package load

import "time"

// CPUTime is known on Linux only.
func CPUTime(int) (time.Duration, bool) { return 0, false }
