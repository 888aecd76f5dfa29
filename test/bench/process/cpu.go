package process

import (
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// CPUTime is the user and system time that a process, all threads together, has used so far. It is known on Linux only.
func CPUTime(pid int) (time.Duration, bool) { return load.CPUTime(pid) }
