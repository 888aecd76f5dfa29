package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/store"
)

// openEngine opens the store and starts the queues on it.
func openEngine(o *Options) (*engine.Engine, error) {
	st, err := openStore(o)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open(st, &engine.Options{Log: o.Log, Now: o.Now, RelaxedCooldowns: o.RelaxedCooldowns,
		NoFairQueues: o.NoFairQueues, CacheBytes: memory.Split(o.MemoryLimit).Window,
		MaxQueues: max(0, o.MaxQueues), MaxStorage: o.MaxStorage, MaxQueueStorage: o.MaxQueueStorage})
	if err != nil {
		err = errors.Join(err, st.Close()) // the engine did not take it over
		return nil, storeError(o.DataDir, err)
	}
	return e, nil
}

func openStore(o *Options) (*store.Store, error) {
	share := memory.Split(o.MemoryLimit)
	so := &store.Options{Log: o.Log, Cache: share.Cache, MemTables: share.MemTables, Pending: share.Pending}
	if o.InMemory {
		so.FS = vfs.NewMem()
		return store.Open("", so)
	}
	dir := o.DataDir
	// 0700: what is in the queues is nobody's business but the server's.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &Error{
			Text: "cannot create the data folder " + dir,
			Hint: "choose a folder that this user may write to with --data (BUFEO_DATA)",
			Err:  cause(err),
		}
	}
	so.FS, so.Reserve = fileSystem(o), reserve(o.DiskMinFree)
	st, err := store.Open(dir, so)
	if err != nil {
		return nil, storeError(dir, err)
	}
	return st, nil
}

// fileSystem is nil for the operating system's.
func fileSystem(o *Options) vfs.FS {
	if o.Seam == nil {
		return nil
	}
	return o.Seam.FS
}

// reserve is DiskMinFree as the store has it, where 0 is the default, too.
func reserve(min int64) uint64 {
	if min < 0 {
		return 1 // a full disk cannot be written to
	}
	return uint64(min)
}

func storeError(dir string, err error) error {
	switch {
	case errors.Is(err, ErrLocked):
		return &Error{
			Text: "cannot open the data folder " + dir,
			Hint: "stop the other server, or give this one a folder of its own with --data (BUFEO_DATA)",
			Err:  ErrLocked,
		}
	case errors.Is(err, fs.ErrPermission):
		return &Error{
			Text: "cannot open the data folder " + dir,
			Hint: "run as the user who owns the folder, or choose another with --data (BUFEO_DATA)",
			Err:  err,
		}
	}
	return &Error{
		Text: "cannot open the store in " + dir,
		Hint: "check that the disk is mounted, healthy and not full; before any repair, copy the folder",
		Err:  fmt.Errorf("%w: %w", ErrStore, err),
	}
}

// cause drops the operation and path of a file error whose text has them already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
