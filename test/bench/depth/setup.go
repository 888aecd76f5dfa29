package main

import (
	"context"
	"fmt"
	"io"
	"os"
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
	folder, binary, err := process.Workspace(ctx, o.data, "bufeo-depth-", o.binary, o.exact)
	if err != nil {
		return nil, err
	}
	o.binary = binary
	return &depth{options: o, folder: folder, progress: progress}, nil
}

func (d *depth) tearDown() error { return os.RemoveAll(d.folder) }

// tell says what goes on: a row takes minutes.
func (d *depth) tell(format string, args ...any) {
	fmt.Fprintf(d.progress, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// measure runs one row.
func (d *depth) measure(ctx context.Context, r row) *result {
	res := newResult(r)
	res.Err = r.run(d, ctx, res)
	return res
}
