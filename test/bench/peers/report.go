package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// report is the outcome of a run.
type report struct {
	field    *field
	failures []string
}

// write prints the tables, what went wrong, and the line for machines.
func (rep *report) write(w io.Writer) {
	f := rep.field
	fmt.Fprintf(w, "\nMessages a second, median of %d slices of %v in turns. %d connections, %d-byte bodies, %s, a sync takes %v, load average %.1f to %.1f.\n\n",
		f.rounds, f.duration, f.conns, f.body, f.protocol, f.fsync.Round(time.Microsecond), f.loads[0], f.loads[1])
	rep.table(w)
	rep.cpuTable(w)
	fmt.Fprintln(w)
	for _, s := range f.servers {
		fmt.Fprintf(w, "- `%s`: %s\n", s.name, s.what)
	}
	for _, m := range f.missing {
		name, _, _ := strings.Cut(m, ":")
		fmt.Fprintf(w, "- `%s`: could not be had\n", name)
	}
	rep.goals(w)
	for _, s := range f.servers {
		// 5 %: less than that is not to be told from noise.
		if s.idleTime > 0 && s.idleCPU > s.idleTime/20 {
			fmt.Fprintf(w, "While others were driven, %s used %.0f %% of a core.\n", s.name, 100*s.idleCPU.Seconds()/s.idleTime.Seconds())
		}
		for _, r := range f.rows {
			if sc := s.scores[r]; sc != nil && sc.failed != "" {
				fmt.Fprintf(w, "%s has no figures for %s: %s\n", s.name, r.name, sc.failed)
			} else if sc != nil && sc.total.Errors > 0 {
				fmt.Fprintf(w, "%s in %s: %d errors, one of them: %v\n", s.name, r.name, sc.total.Errors, sc.total.FirstError)
			}
		}
	}
	for _, text := range rep.failures {
		fmt.Fprintln(w, "FAILED:", text)
	}
	fmt.Fprintln(w, rep.line())
}

// table has a line for each server.
func (rep *report) table(w io.Writer) {
	f := rep.field
	head, rule := "| server |", "|---|"
	for _, r := range f.rows {
		title := r.title
		switch {
		case r.wake:
			head, rule = head+" wake-up, p50 | p99 |", rule+"---|---|"
			continue
		case r.full:
			title += fmt.Sprintf(" of %s", thousands(f.backlog))
		}
		head, rule = head+" "+title+" |", rule+"---|"
	}
	fmt.Fprintln(w, head+" acknowledged | lost | doubled | left over | errors |")
	fmt.Fprintln(w, rule+"---|---|---|---|---|")
	for _, s := range f.servers {
		line := "| `" + s.name + "` |"
		var sum load.Audit
		errs := 0
		for _, r := range f.rows {
			sc := s.scores[r]
			line += cells(r, sc)
			if sc != nil {
				sum.Add(sc.audit)
				errs += sc.total.Errors
			}
		}
		if s.stores {
			line += fmt.Sprintf(" %s | %s | %s | %s |", thousands(sum.Acked), thousands(sum.Lost), thousands(sum.Doubled), thousands(sum.Surplus))
		} else {
			line += " | | | |"
		}
		fmt.Fprintf(w, "%s %s |\n", line, thousands(errs))
	}
}

// cpuTable has the processor time that a message takes: on a machine that does other things, too, it is steadier than rates.
func (rep *report) cpuTable(w io.Writer) {
	f := rep.field
	head, rule := "| processor time a message, in µs |", "|---|"
	for _, r := range f.rows {
		head, rule = head+" "+r.title+" |", rule+"---|"
	}
	fmt.Fprintf(w, "\n%s\n%s\n", head, rule)
	for _, s := range f.servers {
		line := "| `" + s.name + "`, and the generator |"
		for _, r := range f.rows {
			sc := s.scores[r]
			if sc == nil || sc.cpu == 0 || sc.total.Messages == 0 {
				line += " |"
				continue
			}
			line += fmt.Sprintf(" %s, %s |", perMessage(sc.cpu, sc), perMessage(sc.ownCPU, sc))
		}
		fmt.Fprintln(w, line)
	}
}

func perMessage(d time.Duration, sc *score) string {
	return fmt.Sprintf("%.1f", d.Seconds()*1e6/float64(sc.total.Messages))
}

func cells(r *row, sc *score) string {
	switch {
	case sc == nil && r.wake:
		return " | |"
	case sc == nil:
		return " |"
	case len(sc.rates) == 0 && r.wake:
		return " - | - |"
	case len(sc.rates) == 0:
		return " - |"
	case r.wake:
		return fmt.Sprintf(" %s | %s |", milliseconds(sc.total.Latency.Quantile(.5)), milliseconds(sc.total.Latency.Quantile(.99)))
	}
	return fmt.Sprintf(" %s |", thousands(int(sc.rate())))
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (rep *report) goals(w io.Writer) {
	fmt.Fprintln(w, "\n| goal for bufeo | wanted | reach for | measured | against |\n|---|---|---|---|---|")
	for _, g := range rep.field.goals() {
		sign := "at least"
		if g.less {
			sign = "under"
		}
		got := "not measured"
		if g.judged {
			if got = fmt.Sprintf("%.2f", g.got); !g.met() {
				got = "**" + got + "**"
			}
		}
		fmt.Fprintf(w, "| %s | %s %g | %g | %s | %s |\n", g.text, sign, g.want, g.reach, got, g.against)
	}
	fmt.Fprintln(w)
}

// line is the outcome as key=value. Keys are only ever added; peers=1 is the version of the format.
func (rep *report) line() string {
	f := rep.field
	kv := []string{"peers=1", fmt.Sprintf("ok=%t", len(rep.failures) == 0), fmt.Sprintf("missing=%d", len(f.missing)),
		fmt.Sprintf("protocol=%s conns=%d body=%d rounds=%d slice_s=%g sync_us=%d load_before=%.1f load_after=%.1f",
			f.protocol, f.conns, f.body, f.rounds, f.duration.Seconds(), f.fsync.Microseconds(), f.loads[0], f.loads[1])}
	for _, s := range f.servers {
		name := strings.ReplaceAll(s.name, "-", "_")
		for _, r := range f.rows {
			sc := s.scores[r]
			if sc == nil {
				continue
			}
			key := r.name + "_" + name
			kv = append(kv, fmt.Sprintf("%s_msgs=%.0f %s_steps=%d %s_errors=%d", key, sc.rate(), key, sc.total.Steps, key, sc.total.Errors))
			if r.wake {
				kv = append(kv, fmt.Sprintf("%s_p50_us=%d %s_p99_us=%d", key, sc.total.Latency.Quantile(.5).Microseconds(),
					key, sc.total.Latency.Quantile(.99).Microseconds()))
			}
			if sc.cpu > 0 && sc.total.Messages > 0 {
				kv = append(kv, fmt.Sprintf("%s_cpu_us=%s %s_gen_cpu_us=%s", key, perMessage(sc.cpu, sc), key, perMessage(sc.ownCPU, sc)))
			}
			if s.stores {
				kv = append(kv, fmt.Sprintf("%s_acked=%d %s_lost=%d %s_doubled=%d %s_surplus=%d",
					key, sc.audit.Acked, key, sc.audit.Lost, key, sc.audit.Doubled, key, sc.audit.Surplus))
			}
		}
	}
	for _, g := range f.goals() {
		if g.judged {
			kv = append(kv, fmt.Sprintf("goal_%s=%.3f met_%s=%t", g.name, g.got, g.name, g.met()))
		}
	}
	return strings.Join(kv, " ")
}
