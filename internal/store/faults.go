package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// listener is told by Pebble what goes wrong in the background.
func (s *Store) listener() *pebble.EventListener {
	quiet := &limiter{every: faultLogInterval}
	var flush error // how the latest ended; guarded by Pebble's lock, which is held in the next two
	return &pebble.EventListener{
		FlushEnd: func(info pebble.FlushInfo) { flush = info.Err },
		// It is called after a flush that failed, not after one that had nothing to write, which ends with an error, too.
		// Pebble tries again at once, and so without end. The write-ahead log may still take writes, but it would never be
		// let go: to the rest of the program, a write has failed.
		BackgroundError: func(err error) {
			if flush != nil && errors.Is(err, flush) {
				s.log.fail(fmt.Errorf("flush to the store: %w", err))
			}
			if quiet.allows() {
				s.o.Log.Error("storage engine", "detail", err.Error())
			}
		},
		// Whoever reads there gets an error. The rest of the store is as good as it was, so the process goes on.
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			s.damaged.Store(true)
			if quiet.allows() {
				s.o.Log.Error("a file of the store is damaged: what it holds cannot be read", "file", info.Path, "detail", info.Details.Error(),
					"hint", "check the disk; stop bufeo and copy the data folder before anything else")
			}
		},
	}
}

// Damaged reports whether something that was read did not have its checksum.
func (s *Store) Damaged() bool { return s.damaged.Load() }

// faultLogInterval is how often a fault that comes again and again is logged.
const faultLogInterval = 10 * time.Second

// limiter lets something happen once in a while.
type limiter struct {
	every time.Duration
	last  atomic.Int64 // ns
}

func (l *limiter) allows() bool {
	now, last := time.Now().UnixNano(), l.last.Load()
	return (last == 0 || now-last >= int64(l.every)) && l.last.CompareAndSwap(last, now)
}

// probeName is the file that Writable writes.
const probeName = "WRITABLE"

// Writable reports why a store in dir could not be opened for want of a disk that takes writes: opening goes on without
// end where a flush fails, and keeps a processor busy. It wants room for what a start flushes.
func Writable(dir string, fs vfs.FS) error {
	if fs == nil {
		fs = vfs.Default
	}
	if usage, err := fs.GetDiskUsage(dir); err == nil && usage.AvailBytes < 2*memTableSize {
		return fmt.Errorf("%d bytes are free, and opening wants %d: %w", usage.AvailBytes, 2*memTableSize, syscall.ENOSPC)
	}
	path := filepath.Join(dir, probeName)
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4096))
	return errors.Join(err, f.Sync(), f.Close(), fs.Remove(path))
}
