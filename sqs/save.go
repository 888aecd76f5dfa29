package sqs

import (
	"context"
	"io"
	"os"
)

// SaveOptions say what Save and Dump write. The zero value is ready to use.
type SaveOptions struct {
	// Format is how messages are written. Default: FormatJSONLines.
	Format Format
	// Separator follows each message in FormatBoto and FormatSeparated. Default: DefaultSeparator.
	Separator string
	// Overwrite lets SaveFile and DumpFile replace a file that exists.
	Overwrite bool
	// Drain says how messages are received. Its Known and Leave are set by the call.
	Drain DrainOptions
}

// WithFormat sets SaveOptions.Format and SaveOptions.Separator; "" is the default separator.
func WithFormat(f Format, separator string) func(*SaveOptions) {
	return func(o *SaveOptions) { o.Format, o.Separator = f, separator }
}

// WithOverwrite sets SaveOptions.Overwrite.
func WithOverwrite() func(*SaveOptions) { return func(o *SaveOptions) { o.Overwrite = true } }

// WithDrain changes SaveOptions.Drain.
func WithDrain(optFns ...func(*DrainOptions)) func(*SaveOptions) {
	return func(o *SaveOptions) {
		for _, fn := range optFns {
			fn(&o.Drain)
		}
	}
}

func (o *SaveOptions) form() form { return form{o.Format, separatorOr(o.Separator)} }

func separatorOr(s string) string {
	if s == "" {
		return DefaultSeparator
	}
	return s
}

func saveOptions(optFns []func(*SaveOptions)) (SaveOptions, error) {
	var o SaveOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return o, o.form().check()
}

// Save moves all messages of the queue to w: boto's save_to_file. A page of messages is deleted from the queue when w has
// taken it, and, if w has a method Sync as files have, when that has returned. Unlike boto's, a message with an empty body
// does not end it. It fails as Drain does, and with the errors of w; what was deleted by then has been written.
func (q *QueueOf[T]) Save(ctx context.Context, w io.Writer, optFns ...func(*SaveOptions)) (DrainResult, error) {
	o, err := saveOptions(optFns)
	if err != nil {
		return DrainResult{}, err
	}
	o.Drain.Leave, o.Drain.Known = false, nil
	return q.drainTo(ctx, w, &o)
}

// Dump writes all messages of the queue to w and leaves them in the queue: boto's dump. They are hidden from other readers
// for Drain.Visibility, and count as received once more. A queue that takes longer to read than that ends the dump with an
// error once messages come a second time.
func (q *QueueOf[T]) Dump(ctx context.Context, w io.Writer, optFns ...func(*SaveOptions)) (DrainResult, error) {
	o, err := saveOptions(optFns)
	if err != nil {
		return DrainResult{}, err
	}
	o.Drain.Leave, o.Drain.Known = true, nil
	return q.drainTo(ctx, w, &o)
}

// drainTo writes messages to w. A page is one Write, so that an error of w concerns that page only.
func (q *QueueOf[T]) drainTo(ctx context.Context, w io.Writer, o *SaveOptions) (DrainResult, error) {
	f := o.form()
	var page []byte
	keep := func(_ context.Context, messages []*MessageOf[T]) (err error) {
		page = page[:0]
		for _, m := range messages {
			if page, err = appendMessage(page, f, m); err != nil {
				return err
			}
		}
		if _, err := w.Write(page); err != nil {
			return err
		}
		if s := syncer(w); s != nil && !o.Drain.Leave {
			return s.Sync()
		}
		return nil
	}
	return q.Drain(ctx, keep, func(d *DrainOptions) { *d = o.Drain })
}

// syncer returns w if it can be synced: pipes and terminals have the method, too, but it fails.
func syncer(w io.Writer) interface{ Sync() error } {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil
		}
	}
	s, _ := w.(interface{ Sync() error })
	return s
}
