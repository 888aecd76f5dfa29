package main

import (
	"fmt"
	"io"

	"github.com/bufeomq/bufeo/test/bench/verdict"
)

// result is what became of a row.
type result struct {
	verdict.Result
	row row
}

func newResult(r row) *result { return &result{verdict.Result{Name: r.name}, r} }

// summary prints the last line, and reports whether a row has failed.
func summary(w io.Writer, o *options, results []*result) (failed bool) {
	all := make([]*verdict.Result, len(results))
	for i, r := range results {
		all[i] = &r.Result
	}
	return verdict.Summary(w, "depth", o.exact, fmt.Sprintf("scale=%g", o.scale), all)
}
