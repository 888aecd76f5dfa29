package store

import (
	"errors"
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// STUB: signatures final.

type Options struct {
	FS  vfs.FS // nil: the operating system's
	Log *slog.Logger
}
type Store struct{}

// ErrLocked: another process has the folder open.
var ErrLocked = errors.New("data folder is in use by another process")

// Open opens or creates the store in dir. It refuses a folder that another process has open with ErrLocked.
func Open(dir string, o *Options) (*Store, error) { panic("stub") }
