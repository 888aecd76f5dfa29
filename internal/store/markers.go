package store

import (
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// orderedFS is a file system on which a marker never becomes durable before what it points to.
//
// Pebble writes a new manifest, syncs it, creates an empty file marker.manifest.N.NAME that names it, and syncs the folder
// then, which makes both entries of the folder durable. A file system that keeps the second and loses the first, which
// POSIX allows, leaves a store that does not open. Common Linux file systems make the entry of a new file durable with the
// file. This does not rely on it: the folder is synced before each marker, at a start and with a new manifest, which is
// nothing.
type orderedFS struct{ vfs.FS }

// Create implements vfs.FS.
func (fs orderedFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasPrefix(fs.PathBase(name), "marker.") {
		if err := fs.syncDir(fs.PathDir(name)); err != nil {
			return nil, err
		}
	}
	return fs.FS.Create(name, category)
}

// Unwrap implements vfs.FS.
func (fs orderedFS) Unwrap() vfs.FS { return fs.FS }

func (fs orderedFS) syncDir(dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		_ = d.Close() // the first error says more
		return err
	}
	return d.Close()
}
