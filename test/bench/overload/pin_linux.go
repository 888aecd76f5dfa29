package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

// affinity sets the processors that a thread may run on; 0 is the calling one.
func affinity(thread int, mask uint64) error {
	_, _, e := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(thread), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if e != 0 {
		return fmt.Errorf("bind to a processor: %w", e)
	}
	return nil
}

// pinned calls f on a thread that is bound to a processor. What f starts is bound, too.
func pinned(processor int, f func() error) error {
	if runtime.NumCPU() < 2 {
		return f()
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := affinity(0, 1<<processor); err != nil {
			result <- err
			return
		}
		result <- f()
	}()
	return <-result
}

// pin binds this process to a processor, until free is called.
func pin(processor int) (free func(), err error) {
	if runtime.NumCPU() < 2 {
		return func() {}, nil
	}
	procs := runtime.GOMAXPROCS(1)
	if err := pinAll(1 << processor); err != nil {
		return nil, err
	}
	return func() {
		runtime.GOMAXPROCS(procs)
		_ = pinAll(^uint64(0)) // it was allowed before
	}, nil
}

func pinAll(mask uint64) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := affinity(id, mask); err != nil {
			return err
		}
	}
	return nil
}
