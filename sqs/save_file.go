package sqs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// PartialSuffix is what the name of a file ends in while it is being saved.
const PartialSuffix = ".partial"

// SaveFile moves all messages of the queue to a file: boto's save and save_to_filename. It writes to name.partial, which
// becomes name when the queue is empty, so name is always whole. A page of messages is deleted from the queue when it is on
// disk.
//
// In FormatJSONLines a call that was interrupted, by its context or by the end of the program, is taken up by the next
// call with the same name: a line that was not finished is cut off, its message comes again, and messages that were written
// but not deleted any more are recognised by their ids. name.partial.page knows what the interrupted call had in its hands:
// that is deleted or given back first, so that the queue is not taken for empty. The result counts what this call has added.
// In the other formats a partial file cannot be taken up, and the call fails with fs.ErrExist: what is in it is not in the
// queue any more.
//
// It fails with fs.ErrExist if the file exists, unless WithOverwrite is given, and otherwise as Save does. Two calls must
// not save to one name at the same time.
func (q *QueueOf[T]) SaveFile(ctx context.Context, name string, optFns ...func(*SaveOptions)) (DrainResult, error) {
	o, err := saveOptions(optFns)
	if err != nil {
		return DrainResult{}, err
	}
	if err := checkTarget(name, &o); err != nil {
		return DrainResult{}, err
	}
	f, known, err := openPartial(name+PartialSuffix, o.Format)
	if err != nil {
		return DrainResult{}, err
	}
	defer f.Close() //nolint:errcheck // finish has closed it, or there is an error already
	o.Drain.Leave, o.Drain.Known = false, known.has
	var page *savedPage // nil: what is in flight when the call ends is not told from other messages later
	if o.Format == FormatJSONLines {
		if page, err = openSavedPage(name + PageSuffix); err != nil {
			return DrainResult{}, err
		}
		defer page.f.Close() //nolint:errcheck // it is not synced either
		if err := q.settlePage(ctx, page, known.has); err != nil {
			return DrainResult{}, err
		}
		o.Drain.received = page.note
	}
	r, err := q.drainTo(ctx, f, &o)
	if err != nil {
		return r, err
	}
	if err := page.remove(); err != nil {
		return r, err
	}
	return r, finish(f, name)
}

// DumpFile writes all messages of the queue to a file and leaves them in the queue: boto's dump. The file is whole or is not
// there. It fails as Dump does, and as SaveFile does for a file that exists.
func (q *QueueOf[T]) DumpFile(ctx context.Context, name string, optFns ...func(*SaveOptions)) (DrainResult, error) {
	o, err := saveOptions(optFns)
	if err != nil {
		return DrainResult{}, err
	}
	if err := checkTarget(name, &o); err != nil {
		return DrainResult{}, err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return DrainResult{}, err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone once it has its name
	defer f.Close()           //nolint:errcheck // finish has closed it, or there is an error already
	o.Drain.Leave, o.Drain.Known = true, nil
	w := bufio.NewWriter(f)
	r, err := q.drainTo(ctx, w, &o)
	if err := errors.Join(err, w.Flush()); err != nil {
		return r, err
	}
	return r, finish(f, name)
}

func checkTarget(name string, o *SaveOptions) error {
	_, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !o.Overwrite:
		return fmt.Errorf("sqs: %s: %w: choose another name, or allow to overwrite it", name, fs.ErrExist)
	}
	return nil
}

// openPartial opens the file that is written to, and returns the ids of the messages that are in it already. Its end is
// behind the last whole line.
func openPartial(name string, format Format) (f *os.File, known *recent, err error) {
	flags := os.O_RDWR | os.O_CREATE
	if format != FormatJSONLines {
		flags |= os.O_EXCL
	}
	f, err = os.OpenFile(name, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil, fmt.Errorf("sqs: %s: %w: it has what an interrupted save took out of the queue, and cannot be "+
			"continued in this format: put it into a safe place first", name, fs.ErrExist)
	}
	if err != nil {
		return nil, nil, err
	}
	known = &recent{known: map[string]bool{}}
	end, err := readPartial(f, known)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("sqs: %s: %w", name, err), f.Close())
	}
	return f, known, nil
}

// readPartial notes the ids of the whole lines, and returns where they end. What is left of a page that was not finished
// was not synced, so its messages were not deleted. Something that is no message with messages behind it is another thing.
func readPartial(r io.Reader, known *recent) (end int64, err error) {
	p := newPieces(form{Format: FormatJSONLines}, r)
	var damage error
	for {
		line, err := p.readLine()
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return 0, err
		}
		rec, err := ParseRecord([]byte(line))
		switch {
		case err != nil && damage == nil:
			damage = fmt.Errorf("line %d is no message of an interrupted save: %w: put the file into a safe place first", p.line, err)
		case err == nil && damage != nil:
			return 0, damage
		case err == nil && line[len(line)-1] == '\n':
			known.add(rec.MessageID)
			end = p.read
		}
	}
}

// finish makes the file durable under its name.
func finish(f *os.File, name string) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()                                               //nolint:errcheck // nothing was written to it
	if err := dir.Sync(); err != nil && filepath.Separator == '/' { // other systems cannot sync folders
		return err
	}
	return nil
}
