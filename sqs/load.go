package sqs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// LoadOptions say what Load reads and how it writes. The zero value is ready to use.
type LoadOptions struct {
	// Format is how the messages stand there. Default: FormatJSONLines.
	Format Format
	// Separator is that of FormatBoto, where it has to be a whole line with its end, and of FormatSeparated. Default:
	// DefaultSeparator.
	Separator string
	// GroupID is the group, on FIFO queues, of messages that have none. Default: such messages fail.
	GroupID string
	// KeepDeduplicationIDs sends to FIFO queues with the deduplication ids of the records. Messages that had one id at
	// different times are then one message, if they arrive within five minutes. Default: the id of each message is its
	// deduplication id, so that all arrive, and each once however often loading is taken up within five minutes.
	KeepDeduplicationIDs bool
	// Progress is called after each request, from the goroutine of the call, and before the first one if LoadFile takes up an
	// interrupted call.
	Progress func(LoadResult)
}

// LoadResult says how far a call has come.
type LoadResult struct {
	Messages int   // that were sent by this call
	Line     int   // the last line that is done
	Offset   int64 // how far the input was read, in bytes
	// Uncertain is how many messages, ten at most, an interrupted call may have sent before this one sent them: its last
	// request may have been carried out without anybody learning it. On FIFO queues such messages are dropped by the
	// server, for five minutes.
	Uncertain int
}

// WithLoadFormat sets LoadOptions.Format and LoadOptions.Separator; "" is the default separator.
func WithLoadFormat(f Format, separator string) func(*LoadOptions) {
	return func(o *LoadOptions) { o.Format, o.Separator = f, separator }
}

// WithGroupID sets LoadOptions.GroupID.
func WithGroupID(id string) func(*LoadOptions) { return func(o *LoadOptions) { o.GroupID = id } }

// LoadError is an input that cannot be loaded. What stands before it was sent.
type LoadError struct {
	Line int // from 1 on
	Err  error
}

// Error returns the line and what is wrong with it.
func (e *LoadError) Error() string { return fmt.Sprintf("sqs: line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *LoadError) Unwrap() error { return e.Err }

// Load sends what Save wrote to the queue, in its order, ten messages a request: boto's load_from_file. Records bring their
// stored text, whatever the queue's codec, and their attributes; SentTimestamp and the like are new. Bare bodies are encoded by the
// queue's codec, where boto always used its class Message.
//
// It fails with a *LoadError for a line that is no message and for a message that the server refuses, and with the error of
// a request otherwise. What the result counts has been sent.
func (q *QueueOf[T]) Load(ctx context.Context, r io.Reader, optFns ...func(*LoadOptions)) (LoadResult, error) {
	o, err := loadOptions(optFns)
	if err != nil {
		return LoadResult{}, err
	}
	l := newLoading(q, o, rand.Text())
	err = l.run(ctx, r)
	return l.result, err
}

func loadOptions(optFns []func(*LoadOptions)) (LoadOptions, error) {
	var o LoadOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return o, o.form().check()
}

func (o *LoadOptions) form() form { return form{o.Format, separatorOr(o.Separator)} }

// loading is a call of Load or LoadFile: it sends pieces.
type loading[T any] struct {
	q      *QueueOf[T]
	raw    *Queue
	o      LoadOptions
	fifo   bool
	id     string       // of the load: what has no id of its own gets one from it and its line
	done   map[int]bool // lines that an interrupted load sent, although ones before them failed
	after  func(batch []piece, errs map[int]error) error
	known  bool // the fate of all that was sent
	result LoadResult
}

func newLoading[T any](q *QueueOf[T], o LoadOptions, id string) *loading[T] {
	return &loading[T]{q: q, raw: As(q, RawMessage{}), o: o, fifo: strings.HasSuffix(q.Name(), ".fifo"), id: id, known: true}
}

// run sends everything that r has.
func (l *loading[T]) run(ctx context.Context, r io.Reader) error {
	p := newPieces(l.o.form(), r)
	p.line, p.read = l.result.Line, l.result.Offset
	for {
		batch, err := l.gather(p)
		if len(batch) > 0 {
			if err := l.send(ctx, batch); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// gather reads up to ten pieces. They are there beside an error.
func (l *loading[T]) gather(p *pieces) (batch []piece, err error) {
	for len(batch) < 10 {
		next, err := p.next()
		if errors.Is(err, io.EOF) {
			return batch, err
		}
		if err == nil {
			_, err = l.message(next)
		}
		if err != nil {
			return batch, &LoadError{Line: max(next.line, p.line), Err: err}
		}
		batch = append(batch, next)
	}
	return batch, nil
}

// message is what a piece stands for, with its stored text as body.
func (l *loading[T]) message(p piece) (*Message, error) {
	m, id := &Message{Body: p.text}, ""
	if l.o.Format == FormatJSONLines {
		r, err := ParseRecord([]byte(p.text))
		if err != nil {
			return nil, err
		}
		m, id = r.Message(), r.MessageID
	} else if err := l.encode(m); err != nil {
		return nil, err
	}
	if !l.fifo {
		m.DeduplicationID = "" // there is no such thing on a standard queue
		return m, nil
	}
	if m.GroupID == "" {
		m.GroupID = l.o.GroupID
	}
	if m.DeduplicationID == "" || !l.o.KeepDeduplicationIDs {
		if m.DeduplicationID = id; id == "" {
			m.DeduplicationID = l.id + "-" + strconv.Itoa(p.line)
		}
	}
	return m, nil
}

// encode makes a bare body the stored text.
func (l *loading[T]) encode(m *Message) (err error) {
	switch q := any(l.q).(type) {
	case *QueueOf[string]:
		m.Body, err = q.codec.Encode(m.Body)
	case *QueueOf[[]byte]:
		m.Body, err = q.codec.Encode([]byte(m.Body))
	default:
		err = errors.New("sqs: bodies of this type cannot be loaded from bare text: use FormatJSONLines")
	}
	return err
}

// send writes a batch, but for what was sent before. A request that has begun is not given up at once when ctx ends, since
// nobody would know then what became of it.
func (l *loading[T]) send(ctx context.Context, batch []piece) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	var messages []*Message
	var index []int // of messages in batch
	for i, p := range batch {
		if l.done[p.line] {
			continue
		}
		m, err := l.message(p)
		if err != nil {
			return &LoadError{Line: p.line, Err: err}
		}
		messages, index = append(messages, m), append(index, i)
	}
	results, err := l.raw.WriteBatch(ctx, messages)
	errs := map[int]error{}
	l.known = true
	for _, r := range results.Errors {
		errs[index[r.Index]] = r.Err
		l.known = l.known && !errors.Is(r.Err, ErrMayHaveBeenSent)
	}
	l.result.Messages += len(results.Results)
	if l.after != nil {
		if err := l.after(batch, errs); err != nil {
			return err
		}
	}
	if err != nil {
		return l.failed(batch, errs)
	}
	last := batch[len(batch)-1]
	l.result.Offset, l.result.Line = last.end, last.line
	if l.o.Progress != nil {
		l.o.Progress(l.result)
	}
	return nil
}

// failed is the error of the first message that was not sent.
func (l *loading[T]) failed(batch []piece, errs map[int]error) error {
	for i, p := range batch {
		err := errs[i]
		if err == nil {
			continue
		}
		if _, refused := errors.AsType[*Error](err); refused {
			return &LoadError{Line: p.line, Err: err}
		}
		return err
	}
	return nil
}
