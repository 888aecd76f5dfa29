//go:build unix

package server

import (
	"math"
	"syscall"
)

// openFiles is how many files this process may have open; 0: nobody knows. Go has raised the limit as far as it goes.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || uint64(limit.Cur) > math.MaxInt32 { //nolint:unconvert // signed on some systems
		return 0
	}
	return int(limit.Cur)
}
