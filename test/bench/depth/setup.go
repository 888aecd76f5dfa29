package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bufeomq/bufeo/test/bench/process"
)

// depth holds what a run needs.
type depth struct {
	*options
	folder   string
	progress io.Writer
}

// setUp makes the folder for the run, and builds bufeo into it if there is no binary yet.
func setUp(ctx context.Context, o *options, progress io.Writer) (*depth, error) {
	d := &depth{options: o, progress: progress}
	parent, root := o.data, ""
	if o.binary == "" || parent == "" {
		var err error
		if root, err = process.Checkout(); err != nil {
			return nil, err
		}
	}
	if parent == "" {
		parent = filepath.Dir(root)
	}
	if process.InMemory(parent) && !o.exact {
		return nil, fmt.Errorf("%s is in memory: choose a disk with -data", parent)
	}
	var err error
	if d.folder, err = os.MkdirTemp(parent, "bufeo-depth-"); err != nil {
		return nil, fmt.Errorf("%w: choose another folder with -data", err)
	}
	if o.binary == "" {
		o.binary = filepath.Join(d.folder, "bufeo")
		err = process.Build(ctx, root, o.binary)
	}
	if err != nil {
		return nil, errors.Join(err, d.tearDown())
	}
	return d, nil
}

func (d *depth) tearDown() error { return os.RemoveAll(d.folder) }

// tell says what goes on: a row takes minutes.
func (d *depth) tell(format string, args ...any) {
	fmt.Fprintf(d.progress, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// measure runs one row.
func (d *depth) measure(ctx context.Context, r row) *result {
	res := &result{row: r}
	res.err = r.run(d, ctx, res)
	return res
}
