package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// formFlags say how messages stand in a file. save, dump and load have them.
type formFlags struct {
	format    *oneOf
	separator string
	class     *oneOf
}

var formats = map[string]sqs.Format{"json": sqs.FormatJSONLines, "boto": sqs.FormatBoto, "separated": sqs.FormatSeparated}

func (f *formFlags) add(flags *pflag.FlagSet) {
	f.format = &oneOf{value: "json", words: []string{"json", "boto", "separated"}, kind: "FORM"}
	flags.Var(f.format, "format", "json: a line of JSON for each message, with all that it has; boto or separated: bodies only")
	flags.StringVar(&f.separator, "separator", "", "`TEXT` after each message in boto and separated; \\n, \\t and \\\\ are understood (default \\n)")
	f.class = addClass(flags)
}

func (f *formFlags) validate() error {
	if f.format.value != "json" {
		return nil
	}
	if f.separator != "" {
		return &usageError{"--separator is for --format boto and separated", "a line of JSON is a message"}
	}
	if f.class.value != "raw" {
		return &usageError{"--class is for --format boto and separated", "lines of JSON have bodies as the queue has them"}
	}
	return nil
}

var controls = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\\`, `\`)

// form is what the library takes.
func (f *formFlags) form() (sqs.Format, string) {
	return formats[f.format.value], controls.Replace(f.separator)
}

// takeFlags say how a queue is read to its end. save and dump have them.
type takeFlags struct {
	formFlags
	limit      int
	wait       *span
	visibility *span
	overwrite  *toggle
	progress   *oneOf
}

func (f *takeFlags) add(flags *pflag.FlagSet) {
	f.formFlags.add(flags)
	flags.IntVar(&f.limit, "limit", 0, "end after `N` messages")
	f.wait = addSpan(flags, "wait", "how long the queue has to be empty before it counts as empty, up to 20s (default 1s)")
	f.visibility = addSpan(flags, "visibility", "how long messages are invisible to others meanwhile, up to 12h (default 2m)")
	f.overwrite = addToggle(flags, "overwrite", "", "replace the file if it exists")
	f.progress = addProgress(flags)
}

func (f *takeFlags) validate() error {
	if err := checkTake(f.limit, f.wait); err != nil {
		return err
	}
	if f.visibility.d != nil && *f.visibility.d < time.Second {
		return &usageError{"--visibility is less than 1s", "messages have to stay invisible until they are written"}
	}
	return f.formFlags.validate()
}

func checkTake(limit int, wait *span) error {
	if limit < 0 {
		return &usageError{"--limit is less than 0", "as in --limit 1000"}
	}
	if wait.d != nil && *wait.d > 20*time.Second {
		return &usageError{"--wait is more than SQS takes", "give 20s at most"}
	}
	return nil
}

// free refuses a file that is there already.
func (f *takeFlags) free(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &usageError{err.Error(), "name a file that can be written"}
	case info.IsDir():
		return &usageError{file + " is a folder", "name a file in it"}
	case !bool(*f.overwrite):
		return &usageError{file + " exists", "choose another name, or replace it with --overwrite"}
	}
	return nil
}

// options are those of the library. shown is told how far it is.
func (f *takeFlags) options(shown func(sqs.DrainResult)) func(*sqs.SaveOptions) {
	return func(o *sqs.SaveOptions) {
		o.Format, o.Separator = f.form()
		o.Overwrite = bool(*f.overwrite)
		o.Drain.Limit, o.Drain.Wait, o.Drain.Progress = f.limit, f.wait.d, shown
		if f.visibility.d != nil {
			o.Drain.Visibility = *f.visibility.d
		}
	}
}

// taken is what is printed when a queue has been read.
type taken struct {
	File     string
	Messages int
	Bytes    int64
	Repeated int
}

func takenView(title, file string, r sqs.DrainResult) view {
	return view{
		object:  taken{file, r.Messages, r.Bytes, r.Repeated},
		title:   title,
		columns: []string{"File", "Messages", "Bytes", "Repeated"},
		rows:    [][]string{{file, number(r.Messages), number(int(r.Bytes)), number(r.Repeated)}},
	}
}

// say writes a remark to stderr.
func (p *Process) say(format string, args ...any) {
	fmt.Fprintf(p.Stderr, "bufeo: "+format+"\n", args...)
}

// sayInFlight tells of messages that others have, or a call that was killed had, at a queue that seems empty.
func (p *Process) sayInFlight(ctx context.Context, q *sqs.Queue) {
	if n, err := q.Attribute(ctx, sqs.AttributeMessagesNotVisible); err == nil && n != "0" {
		p.say("%s messages in %s are in flight: if nobody deletes them, they become visible again", n, q.Name())
	}
}

// completeFile has shells offer queues for one argument and files for the other.
func (t *target) completeFile(cmd *cobra.Command, file int) {
	names := t.queueNames(true)
	t.complete(cmd, func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) > 1:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case len(args) == file:
			return nil, cobra.ShellCompDirectiveDefault
		}
		return names(cmd, args, typed)
	})
}
