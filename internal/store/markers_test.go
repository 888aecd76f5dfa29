package store

import (
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// A power failure may keep the marker that names the manifest and lose the entry of the manifest in the folder, unless that
// was made durable before. Here every entry that names no marker is lost if the folder was not synced.
func TestMarkerIsNotDurableBeforeItsManifest(t *testing.T) {
	mem := vfs.NewCrashableMem()
	var left []*vfs.MemFS
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpCreate && strings.HasPrefix(mem.PathBase(op.Path), "marker.") {
			clone := mem.CrashClone(vfs.CrashCloneCfg{})
			f, err := clone.Create(op.Path, vfs.WriteCategoryUnspecified)
			if err != nil {
				return nil //nolint:nilerr // the folder itself is not durable yet
			}
			left = append(left, clone)
			return f.Close()
		}
		return nil
	}))
	for range 3 { // each start has a new manifest
		s := open(t, fs, "data")
		s.write(t, func(fx *Batch) { fx.PutMessage(1, 2, &full) })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(left) < 3 {
		t.Fatalf("saw %d markers", len(left))
	}
	for i, fs := range left {
		s, err := Open("data", &Options{FS: fs})
		if err != nil {
			t.Errorf("marker %d: %v", i, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
