package cli

import "runtime"

// diskGoroutines are the two that spend most of their time in system calls to the disk: that of the log, and a flush or
// compaction.
const diskGoroutines = 2

// processors is how many there are, or the control group allows.
var processors = runtime.GOMAXPROCS(0)

// tuneProcessors lets Go run more goroutines at a time than there are processors, unless the operator has said how many.
// A goroutine in a system call keeps its place until Go's monitor notices, and a sync of the log is a short one: with two
// processors, half of the server stood still during most of them. With two places more, sends in batches of ten went from
// 152,000 to 165,000 messages a second on two processors, single sends from 26,300 to 29,700, cycles in tens from 57,400 to 65,400,
// with the same processor time a message or less.
func tuneProcessors(getenv func(string) string) {
	if getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(processors + diskGoroutines)
	}
}
