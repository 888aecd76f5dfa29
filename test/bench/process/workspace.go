package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Workspace makes a folder for a run in parent, or beside the checkout if that is "", and builds bufeo into it if binary is
// "". It returns the folder, which is the caller's to remove, and the binary. Unless inMemory is allowed, the folder has to be on a
// disk.
func Workspace(ctx context.Context, parent, prefix, binary string, inMemory bool) (folder, built string, err error) {
	root := ""
	if binary == "" || parent == "" {
		if root, err = Checkout(); err != nil {
			return "", "", err
		}
	}
	if parent == "" {
		parent = filepath.Dir(root)
	}
	if InMemory(parent) && !inMemory {
		return "", "", fmt.Errorf("%s is in memory: choose a disk with -data", parent)
	}
	if folder, err = os.MkdirTemp(parent, prefix); err != nil {
		return "", "", fmt.Errorf("%w: choose another folder with -data", err)
	}
	if binary != "" {
		return folder, binary, nil
	}
	built = filepath.Join(folder, "bufeo")
	if err := Build(ctx, root, built); err != nil {
		return "", "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, built, nil
}
