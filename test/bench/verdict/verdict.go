// Package verdict is what a benchmark says that passes or fails: figures with limits, a line for each row, and a last line with all of
// them as key=value. Commands depth and overload use it.
package verdict

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

// Result is what became of a row.
type Result struct {
	Name string // of the row
	Size int    // of what it was about: messages, queues, connections
	Err  error  // why it could not be measured

	notes  []string
	checks []check
}

// Note adds what the line says besides figures with limits.
func (r *Result) Note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// AtMost is for figures that have to be the same on every machine.
func (r *Result) AtMost(key, text string, got, limit float64) {
	r.checks = append(r.checks, check{key: key, text: text, got: got, limit: limit})
}

// AtLeast is the same for a lower limit.
func (r *Result) AtLeast(key, text string, got, limit float64) {
	r.checks = append(r.checks, check{key: key, text: text, got: got, limit: limit, least: true})
}

// Timely makes the last check one that depends on the machine.
func (r *Result) Timely() { r.checks[len(r.checks)-1].timely = true }

// missed lists the figures that do not keep their limits and are judged.
func (r *Result) missed(exact bool) (missed []string) {
	for _, c := range r.checks {
		if !c.ok() && !(exact && c.timely) {
			missed = append(missed, c.key)
		}
	}
	return missed
}

// Failed reports whether the row has missed a limit that is judged, or was not measured.
func (r *Result) Failed(exact bool) bool { return r.Err != nil || len(r.missed(exact)) > 0 }

// Line is what is printed of the row.
func (r *Result) Line(exact bool) string {
	verdict := "ok"
	if r.Failed(exact) {
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
	if r.Err != nil {
		parts = append(parts, "not measured: "+r.Err.Error())
	}
	return fmt.Sprintf("%-9s  %-6s  %s", r.Name, verdict, strings.Join(parts, "; "))
}

// Summary prints the last line, which begins with the command's name and the version of its format, and reports whether a row has
// failed. Keys are only ever added. With exact, what depends on the machine is not judged; factor is the command's own key=value.
func Summary(w io.Writer, command string, exact bool, factor string, results []*Result) (failed bool) {
	var kv []string
	failures, checks, missed := 0, 0, 0
	for _, r := range results {
		if r.Failed(exact) {
			failures++
		}
		checks += len(r.checks)
		missed += len(r.missed(exact))
		name := strings.ReplaceAll(r.Name, "-", "_")
		kv = append(kv, fmt.Sprintf("%s_size=%d", name, r.Size))
		for _, c := range r.checks {
			kv = append(kv, fmt.Sprintf("%s_%s=%.4g", name, c.key, c.got))
		}
	}
	fmt.Fprintf(w, "%s=1 ok=%t exact=%t %s rows=%d failed=%d checks=%d missed=%d %s\n",
		command, failures == 0, exact, factor, len(results), failures, checks, missed, strings.Join(kv, " "))
	return failures > 0
}
