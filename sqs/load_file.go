package sqs

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// LoadingSuffix is what the name of the file ends in that notes how far a file has been loaded.
const LoadingSuffix = ".loading"

// LoadFile sends what a file has to the queue: boto's load and load_from_filename. The file stays as it is. It is read to its
// end first, so that a file with a line that is no message sends nothing.
//
// A call that was interrupted, by its context or by the end of the program, is taken up by the next call with the same
// name and options: name.loading, which exists meanwhile, notes each request that was answered. Of the one request that may
// have been under way then, of up to ten messages, nobody knows whether it was carried out. Its messages are sent again, and
// LoadResult.Uncertain says how many there are; on a FIFO queue the server knows them, for five minutes. It fails if the
// file has changed since, and otherwise as Load does.
func (q *QueueOf[T]) LoadFile(ctx context.Context, name string, optFns ...func(*LoadOptions)) (LoadResult, error) {
	o, err := loadOptions(optFns)
	if err != nil {
		return LoadResult{}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return LoadResult{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	total, err := newLoading(q, o, "").check(f)
	if err != nil {
		return LoadResult{}, err
	}
	j, err := openJournal(name, f)
	if err != nil {
		return LoadResult{}, err
	}
	defer j.f.Close() //nolint:errcheck // each line of it was synced
	l := newLoading(q, o, j.head.ID)
	l.after, l.done = j.note, j.done
	l.result.Offset, l.result.Line = j.last.Offset, j.last.Line
	if j.resumed && !j.last.Stopped {
		l.result.Uncertain = min(10, total-j.last.Messages) - len(j.done)
	}
	if j.resumed && o.Progress != nil {
		o.Progress(l.result)
	}
	if _, err := f.Seek(j.last.Offset, io.SeekStart); err != nil {
		return LoadResult{}, err
	}
	if err := l.run(ctx, f); err != nil {
		if l.known {
			err = errors.Join(err, j.stop())
		}
		return l.result, err
	}
	return l.result, errors.Join(j.f.Close(), os.Remove(j.f.Name()))
}

// check reads everything and counts it.
func (l *loading[T]) check(f *os.File) (n int, err error) {
	p := newPieces(l.o.form(), f)
	for {
		batch, err := l.gather(p)
		n += len(batch)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// journal is the file that notes how far loading has come: a line for the file that is loaded, and one for each request.
type journal struct {
	f       *os.File
	head    journalHead
	last    journalLine
	resumed bool
	done    map[int]bool // lines behind the last offset that were sent
}

// journalHead says which file is loaded.
type journalHead struct {
	ID       string // of the load
	Size     int64
	Modified int64 // ns since 1970
}

// journalLine says that everything up to an offset is sent, and which lines behind it.
type journalLine struct {
	Offset   int64
	Line     int
	Messages int
	Done     []int `json:",omitempty"`
	Stopped  bool  `json:",omitempty"` // no request was under way when loading stopped
}

func openJournal(name string, loaded *os.File) (*journal, error) {
	info, err := loaded.Stat()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name+LoadingSuffix, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{f: f, done: map[int]bool{}}
	if err := j.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("sqs: %s: %w", f.Name(), err), f.Close())
	}
	want := journalHead{j.head.ID, info.Size(), info.ModTime().UnixNano()}
	switch {
	case j.head.ID == "":
		j.head = journalHead{rand.Text(), want.Size, want.Modified}
		err = j.write(j.head)
	case j.head != want:
		err = fmt.Errorf("sqs: %s has changed since loading it was interrupted: remove %s to load it from its beginning", name, f.Name())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// read takes in the whole lines and cuts off what is left of one that was not finished.
func (j *journal) read() error {
	r := bufio.NewReader(j.f)
	end := int64(0)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var into any = &j.head
		if j.head.ID != "" {
			j.last = journalLine{}
			into = &j.last
		}
		if err := json.Unmarshal(line, into); err != nil {
			return fmt.Errorf("is no note of an interrupted load: %w", err)
		}
		end += int64(len(line))
	}
	j.resumed = j.head.ID != ""
	for _, line := range j.last.Done {
		j.done[line] = true
	}
	if err := j.f.Truncate(end); err != nil {
		return err
	}
	_, err := j.f.Seek(end, io.SeekStart)
	return err
}

func (j *journal) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := j.f.Write(append(line, '\n')); err != nil {
		return err
	}
	return j.f.Sync()
}

// note notes a request: everything before the first message that failed is done, and what was sent behind it.
func (j *journal) note(batch []piece, errs map[int]error) error {
	failed := false
	line := journalLine{Offset: j.last.Offset, Line: j.last.Line, Messages: j.last.Messages}
	for i, p := range batch {
		switch {
		case errs[i] != nil:
			failed = true
		case failed:
			line.Done = append(line.Done, p.line)
		default:
			line.Offset, line.Line, line.Messages = p.end, p.line, line.Messages+1
		}
	}
	j.last = line
	return j.write(line)
}

// stop notes that the fate of everything that was sent is known.
func (j *journal) stop() error {
	j.last.Stopped = true
	return j.write(j.last)
}
