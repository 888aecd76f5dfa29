package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// report is the outcome of a run.
type report struct {
	options  *options
	env      environment
	rows     []*row
	failures []string
}

// failures says what makes the figures worthless.
func failures(o *options, rows []*row) []string {
	var out []string
	fail := func(r *row, format string, args ...any) {
		out = append(out, r.op.name+" "+r.server+": "+fmt.Sprintf(format, args...))
	}
	for _, r := range rows {
		if r.total.Errors > 0 {
			fail(r, "%d errors, one of them: %v", r.total.Errors, r.total.FirstError)
		}
		if a := r.audit; a != nil && !a.OK() {
			fail(r, "of %d acknowledged messages %d were lost; %d were doubled, %d should not be there",
				a.Acked, a.Lost, a.Doubled, a.Surplus)
		}
		least := o.min
		if r.op.wake {
			least /= 20
		}
		if r.total.Steps < least {
			fail(r, "%d operations are too few to mean anything, at least %d are wanted", r.total.Steps, least)
		}
	}
	return out
}

// yardstick is the bare handler's row for r's operation; nil if there is none, or r is it.
func (rep *report) yardstick(r *row) *row {
	i := slices.IndexFunc(rep.rows, func(b *row) bool { return b.op == r.op && b.server == "bare" })
	if i < 0 || rep.rows[i] == r {
		return nil
	}
	return rep.rows[i]
}

// ratio is how much of the bare handler's rate is left: the median of the rounds' own ratios, because the two slices of a
// round had the same noise. 0 if there is nothing to compare with.
func (rep *report) ratio(r *row) float64 {
	bare := rep.yardstick(r)
	if bare == nil {
		return 0
	}
	var ratios []float64
	for round, rate := range bare.rates {
		if rate > 0 {
			ratios = append(ratios, r.rates[round]/rate)
		}
	}
	return load.Median(ratios)
}

// cpuRatio is what the ratio would be if nothing but processor time, the generator's included, were short. On a machine
// that does other things too it is the steadier of the two; where it is much the higher one, the server waits: for a disk
// or a lock. 0 if unknown.
func (rep *report) cpuRatio(r *row) float64 {
	bare := rep.yardstick(r)
	if bare == nil || r.cpu == 0 || bare.cpu == 0 {
		return 0
	}
	return cpuPerThousand(bare.cpu+bare.ownCPU, bare) / cpuPerThousand(r.cpu+r.ownCPU, r)
}

// cpuPerThousand is CPU time in seconds for 1,000 requests, which is milliseconds for one.
func cpuPerThousand(cpu time.Duration, r *row) float64 {
	if r.total.Requests == 0 {
		return 0
	}
	return cpu.Seconds() * 1000 / float64(r.total.Requests)
}

// write prints the table, what went wrong, and the line for machines.
func (rep *report) write(w io.Writer) {
	o := rep.options
	fmt.Fprintf(w, "%s, %d connections, %d-byte bodies, %d rounds of %v", o.protocolName, o.conns, o.body, o.rounds, o.duration)
	if rep.env.fsync > 0 {
		fmt.Fprintf(w, ", a sync takes %v", rep.env.fsync.Round(time.Microsecond))
	}
	fmt.Fprint(w, "\n\n")
	rep.table(w)
	rep.notes(w)
	for _, f := range rep.failures {
		fmt.Fprintln(w, "FAILED:", f)
	}
	fmt.Fprintln(w, rep.line())
}

func (rep *report) table(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	columns := []string{
		"operation", "server", "ops/s", "msgs/s", "of bare", "by CPU", "p50 ms", "p99 ms", "p99.9 ms", "CPU s/1k req", "generator", "errors",
	}
	fmt.Fprintln(tw, strings.Join(columns, "\t")+"\t")
	for _, r := range rep.rows {
		fmt.Fprintf(tw, "%s\t%s\t%.0f\t%.0f\t%s\t%s\t%s\t%s\t%d\t\n",
			r.op.name, r.server, load.Median(r.rates), load.Median(r.messages), percent(rep.ratio(r)), percent(rep.cpuRatio(r)),
			quantiles(&r.total.Latency), cpuColumns(r), r.total.Errors)
		if r.op.wake {
			fmt.Fprintf(tw, "after the answer\t\t\t\t\t\t%s\t\t\t\t\n", quantiles(&r.after))
		}
	}
	_ = tw.Flush() // of a buffer; w's own error shows nowhere better
}

func percent(x float64) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

func quantiles(h *load.Histogram) string {
	ms := func(q float64) string { return fmt.Sprintf("%.2f", h.Quantile(q).Seconds()*1000) }
	return ms(.5) + "\t" + ms(.99) + "\t" + ms(.999)
}

func cpuColumns(r *row) string {
	column := func(d time.Duration) string {
		if d == 0 {
			return "-"
		}
		return fmt.Sprintf("%.4f", cpuPerThousand(d, r))
	}
	return column(r.cpu) + "\t" + column(r.ownCPU)
}

// notes says what the table cannot.
func (rep *report) notes(w io.Writer) {
	fmt.Fprintln(w, "\nRates are medians of the rounds, latencies are of all operations of all rounds; a cycle is three requests.\n"+
		"By CPU: the ratio if nothing but processor time were short.")
	for _, r := range rep.rows {
		// 2 %: less than that is not to be told from noise.
		if r.idleTime > 0 && r.idleCPU > r.idleTime/50 {
			fmt.Fprintf(w, "While the other server was driven in %s, %s used %.0f %% of a core.\n",
				r.op.name, r.server, 100*r.idleCPU.Seconds()/r.idleTime.Seconds())
		}
	}
	for _, r := range rep.rows {
		if r.audit != nil {
			fmt.Fprintf(w, "%s: %d messages acknowledged by %s, %d lost, %d doubled.\n",
				r.op.name, r.audit.Acked, r.server, r.audit.Lost, r.audit.Doubled)
		}
	}
}

// line is the outcome as key=value. Keys are only ever added; bench=1 is the version of the format.
func (rep *report) line() string {
	o := rep.options
	kv := []string{
		"bench=1", fmt.Sprintf("ok=%t", len(rep.failures) == 0), "protocol=" + o.protocolName,
		fmt.Sprintf("conns=%d body=%d rounds=%d slice_s=%g", o.conns, o.body, o.rounds, o.duration.Seconds()),
		fmt.Sprintf("sync_us=%d", rep.env.fsync.Microseconds()),
	}
	var sum load.Audit
	requests, errs := 0, 0
	for _, r := range rep.rows {
		kv = append(kv, rep.rowKeys(r)...)
		requests += r.total.Requests
		errs += r.total.Errors
		if r.audit != nil {
			sum.Add(*r.audit)
		}
	}
	kv = append(kv, fmt.Sprintf("requests=%d errors=%d acked=%d lost=%d doubled=%d surplus=%d",
		requests, errs, sum.Acked, sum.Lost, sum.Doubled, sum.Surplus))
	return strings.Join(kv, " ")
}

func (rep *report) rowKeys(r *row) []string {
	var kv []string
	add := func(key, format string, value any) {
		kv = append(kv, fmt.Sprintf("%s_%s_%s="+format, r.op.name, r.server, key, value))
	}
	add("ops", "%.0f", load.Median(r.rates))
	add("msgs", "%.0f", load.Median(r.messages))
	if x := rep.ratio(r); x > 0 {
		add("ratio", "%.3f", x)
	}
	if x := rep.cpuRatio(r); x > 0 {
		add("cpu_ratio", "%.3f", x)
	}
	quantile := func(key string, h *load.Histogram, q float64) { add(key, "%d", h.Quantile(q).Microseconds()) }
	quantile("p50_us", &r.total.Latency, .5)
	quantile("p99_us", &r.total.Latency, .99)
	quantile("p999_us", &r.total.Latency, .999)
	if r.op.wake {
		quantile("after_p50_us", &r.after, .5)
		quantile("after_p99_us", &r.after, .99)
		quantile("after_p999_us", &r.after, .999)
	}
	if r.cpu > 0 {
		add("cpu_s_per_1k", "%.4f", cpuPerThousand(r.cpu, r))
	}
	if r.ownCPU > 0 {
		add("gen_cpu_s_per_1k", "%.4f", cpuPerThousand(r.ownCPU, r))
	}
	return kv
}
