package main

import (
	"fmt"
	"io"
	"strings"
)

// check is a figure with its limit.
type check struct {
	key    string // for the last line
	text   string // for the row's, with a verb for the figure
	got    float64
	limit  float64
	least  bool // got must not be less than limit; otherwise not more
	timely bool // depends on the speed of the machine
}

func (c *check) ok() bool {
	if c.least {
		return c.got >= c.limit
	}
	return c.got <= c.limit
}

// result is what became of a row.
type result struct {
	row    row
	size   int // connections or clients
	notes  []string
	checks []check
	err    error
}

func (r *result) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// atMost is for figures that have to be the same on every machine.
func (r *result) atMost(key, text string, got, limit float64) {
	r.checks = append(r.checks, check{key: key, text: text, got: got, limit: limit})
}

func (r *result) atLeast(key, text string, got, limit float64) {
	r.checks = append(r.checks, check{key: key, text: text, got: got, limit: limit, least: true})
}

// timely makes the last check one that depends on the machine.
func (r *result) timely() { r.checks[len(r.checks)-1].timely = true }

// missed lists the figures that do not keep their limits and are judged.
func (r *result) missed(exact bool) (missed []string) {
	for _, c := range r.checks {
		if !c.ok() && !(exact && c.timely) {
			missed = append(missed, c.key)
		}
	}
	return missed
}

func (r *result) failed(exact bool) bool { return r.err != nil || len(r.missed(exact)) > 0 }

func (r *result) line(exact bool) string {
	verdict := "ok"
	if r.failed(exact) {
		verdict = "FAILED"
	}
	parts := append([]string{}, r.notes...)
	for _, c := range r.checks {
		sign := "<="
		if c.least {
			sign = ">="
		}
		part := fmt.Sprintf(c.text+" (%s %g)", c.got, sign, c.limit)
		switch {
		case c.ok():
		case exact && c.timely:
			part += ", not judged"
		default:
			part += " MISSED"
		}
		parts = append(parts, part)
	}
	if r.err != nil {
		parts = append(parts, "not measured: "+r.err.Error())
	}
	return fmt.Sprintf("%-9s  %-6s  %s", r.row.name, verdict, strings.Join(parts, "; "))
}

// summary prints the last line. Keys are only ever added; overload=1 is the version of the format.
func summary(w io.Writer, o *options, results []*result) (failed bool) {
	var kv []string
	failures, checks, missed := 0, 0, 0
	for _, r := range results {
		if r.failed(o.exact) {
			failures++
		}
		checks += len(r.checks)
		missed += len(r.missed(o.exact))
		name := strings.ReplaceAll(r.row.name, "-", "_")
		kv = append(kv, fmt.Sprintf("%s_size=%d", name, r.size))
		for _, c := range r.checks {
			kv = append(kv, fmt.Sprintf("%s_%s=%.4g", name, c.key, c.got))
		}
	}
	fmt.Fprintf(w, "overload=1 ok=%t exact=%t factor=%g rows=%d failed=%d checks=%d missed=%d %s\n",
		failures == 0, o.exact, o.factor, len(results), failures, checks, missed, strings.Join(kv, " "))
	return failures > 0
}
