package verdict

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestResult_what_is_judged(t *testing.T) {
	tests := []struct {
		name          string
		add           func(*Result)
		failed, exact bool // without and with -exact
	}{
		{"within_its_limits", func(r *Result) { r.AtMost("a", "a %.0f", 300, 300); r.AtLeast("b", "b %.1f", .8, .8) }, false, false},
		{"too_much", func(r *Result) { r.AtMost("a", "a %.0f", 301, 300) }, true, true},
		{"too_little", func(r *Result) { r.AtLeast("a", "a %.2f", .79, .8) }, true, true},
		{"too_slow", func(r *Result) { r.AtMost("a", "a %.1f s", 1.6, 1.5); r.Timely() }, true, false},
		{"not_measured", func(r *Result) { r.Err = fmt.Errorf("status 500") }, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &Result{Name: "row"}
			tt.add(r)
			for exact, want := range map[bool]bool{false: tt.failed, true: tt.exact} {
				if got := r.Failed(exact); got != want {
					t.Errorf("exact=%t: got failed=%t, want %t", exact, got, want)
				}
				if got := strings.Contains(r.Line(exact), "FAILED"); got != want {
					t.Errorf("exact=%t: got the line %q, want FAILED in it: %t", exact, r.Line(exact), want)
				}
				var out bytes.Buffer
				begin := fmt.Sprintf("command=1 ok=%t exact=%t factor=2 rows=1 ", !want, exact)
				if got := Summary(&out, "command", exact, "factor=2", []*Result{r}); got != want || !strings.HasPrefix(out.String(), begin) {
					t.Errorf("exact=%t: got failed=%t and %s, want %t and %s…", exact, got, &out, want, begin)
				}
			}
		})
	}
}
