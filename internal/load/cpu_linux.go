package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// CPUTime is the user and system time that a process, all threads together, has used so far. It is known on Linux only.
func CPUTime(pid int) (time.Duration, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	return parseStat(stat)
}

// parseStat reads utime and stime, fields 14 and 15 of proc(5). The second field is the program's name in parentheses,
// which may hold anything, so counting begins behind the last parenthesis, with field 3.
func parseStat(stat []byte) (time.Duration, bool) {
	// USER_HZ is 100 on every architecture that Go runs on, whatever the kernel's own tick.
	const tick = time.Second / 100
	f := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(f) < 13 {
		return 0, false
	}
	user, err1 := strconv.ParseInt(string(f[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(f[12]), 10, 64)
	return time.Duration(user+system) * tick, err1 == nil && err2 == nil
}
