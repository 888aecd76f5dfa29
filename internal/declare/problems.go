package declare

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	File string
	Line int
	Text string
}

func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// Problems are all mistakes in a file, in the order of its lines. There is at least one.
type Problems []Problem

// Error is the mistake if there is one, and their number with one line for each if there are more.
func (ps Problems) Error() string {
	if len(ps) == 1 {
		return ps[0].String()
	}
	lines := []string{fmt.Sprintf("%d mistakes", len(ps))}
	for _, p := range ps {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// report collects problems.
type report struct {
	file     string
	problems Problems
}

func (r *report) at(line int, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, line, fmt.Sprintf(format, args...)})
}

// err returns what was collected, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return r.problems
}
