package cli

import "runtime"

// processors is how many there are, or the control group allows.
var processors = runtime.GOMAXPROCS(0)

// forDisk is how many more goroutines may run at a time than there are processors: that of the log spends most of its time
// in system calls.
const forDisk = 1

// tuneProcessors makes room in Go's scheduler for the one that waits for the disk, unless the operator has said how many
// goroutines may run. One in a system call keeps its place until Go's monitor notices, and a sync of the log is a short call: with
// two processors, half of the server stood still during most of them. With one place more, single sends went from
// 26,100 to 29,300 a second, sends of ten from 152,600 messages to 184,800, cycles in tens from 57,400 to 61,900, with no
// more processor time a message. Two places more are no better, and cost memory. With one processor, where there is always
// somebody else to run, it did harm: under overload, deletes took as long as sends.
func tuneProcessors(getenv func(string) string) {
	if getenv("GOMAXPROCS") == "" && processors > 1 {
		runtime.GOMAXPROCS(processors + forDisk)
	}
}
