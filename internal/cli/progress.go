package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// addProgress declares how long work shows how far it is.
func addProgress(flags *pflag.FlagSet) *oneOf {
	o := &oneOf{value: "auto", words: []string{"auto", "plain", "none"}, kind: "FORM"}
	flags.Var(o, "progress", "auto: a bar on a terminal, and nothing elsewhere; plain: a line now and then; or none")
	return o
}

// progress tells on stderr how far long work is.
type progress struct {
	p     *Process
	doing string // such as "saving orders"
	plain bool
	total int64 // 0: nobody knows
	bar   *progressbar.ProgressBar
	said  time.Time
}

// progress begins to tell. total asks how much there is to do, if anybody wants to know.
func (p *Process) progress(form *oneOf, doing string, total func() int64, options ...progressbar.Option) *progress {
	pr := &progress{p: p, doing: doing, plain: form.value == "plain", said: time.Now()}
	bar := form.value == "auto" && p.Terminal(p.Stderr)
	if !pr.plain && !bar {
		return pr
	}
	if pr.total = total(); bar {
		most := pr.total
		if most <= 0 {
			most = -1
		}
		pr.bar = progressbar.NewOptions64(most, append([]progressbar.Option{
			progressbar.OptionSetWriter(p.Stderr),
			progressbar.OptionSetDescription(doing),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100 * time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
			progressbar.OptionClearOnFinish(),
		}, options...)...)
	}
	return pr
}

// messages is the bar of work that is counted in messages.
func messages() []progressbar.Option {
	return []progressbar.Option{progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("messages")}
}

// show tells that so much of the total is done, which is n messages.
func (pr *progress) show(done int64, n int) {
	switch {
	case pr.bar != nil:
		if pr.total > 0 && done > pr.total { // more have come meanwhile
			pr.total = done
			pr.bar.ChangeMax64(done)
		}
		if pr.total > 0 && done == pr.total {
			return // a full bar is a finished one, and whether more comes is not known yet
		}
		_ = pr.bar.Set64(done)
	case pr.plain && time.Since(pr.said) >= time.Second:
		pr.said = time.Now()
		share := ""
		if pr.total > 0 {
			share = fmt.Sprintf(", %d%%", min(100, 100*done/pr.total))
		}
		fmt.Fprintf(pr.p.Stderr, "bufeo: %s: %d messages%s\n", pr.doing, n, share)
	}
}

// pause takes the bar away until the next step: something is said in words.
func (pr *progress) pause() {
	if pr.bar != nil {
		_ = pr.bar.Clear()
	}
}

// end takes the bar away for good.
func (pr *progress) end() {
	if pr.pause(); pr.bar != nil {
		_ = pr.bar.Exit()
	}
}

// waiting is how many messages a queue has to give, or limit if that is less; 0 if it does not tell.
func waiting(ctx context.Context, q *sqs.Queue, limit int) func() int64 {
	return func() int64 {
		v, _ := q.Attribute(ctx, sqs.AttributeMessages)
		n, _ := strconv.ParseInt(v, 10, 64)
		if limit > 0 {
			n = min(n, int64(limit))
		}
		return n
	}
}
