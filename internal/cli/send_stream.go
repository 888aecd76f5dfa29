package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/bufeomq/bufeo/sqs"
)

// maxLine is the longest line that is read: a message of 1 MiB in which JSON has escaped each byte, and more.
const maxLine = 8 << 20

// lineParser makes a message of a line.
type lineParser func(line []byte) (*sqs.Message, error)

// parser reads lines as the flags say; like is what they say for all messages.
func (f *sendFlags) parser(like sqs.Message, fifo bool) lineParser {
	if *f.lines {
		return func(line []byte) (*sqs.Message, error) {
			m := like
			m.Body = string(line)
			return &m, nil
		}
	}
	return func(line []byte) (*sqs.Message, error) {
		r, err := sqs.ParseRecord(line)
		if err != nil {
			return nil, err
		}
		m := r.Message()
		if !fifo {
			m.DeduplicationID = "" // standard queues do not take one, and the line may be from a FIFO queue
		}
		m.Delay = like.Delay
		m.GroupID = firstOf(m.GroupID, like.GroupID)
		for name, a := range like.MessageAttributes {
			if m.MessageAttributes == nil {
				m.MessageAttributes = map[string]sqs.MessageAttribute{}
			}
			if _, ok := m.MessageAttributes[name]; !ok {
				m.MessageAttributes[name] = a
			}
		}
		return m, nil
	}
}

// numbered is a line, or why there are no more.
type numbered struct {
	n    int
	text []byte
	err  error
}

// linesOf reads lines in the background: a read of a terminal or a pipe cannot be interrupted, and Ctrl-C has to work.
func linesOf(in io.Reader, stop <-chan struct{}) <-chan numbered {
	lines := make(chan numbered)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(in)
		s.Buffer(nil, maxLine)
		give := func(l numbered) bool {
			select {
			case lines <- l:
				return true
			case <-stop:
				return false
			}
		}
		n := 0
		for s.Scan() {
			n++
			if text := s.Bytes(); len(text) > 0 && !give(numbered{n, bytes.Clone(text), nil}) {
				return
			}
		}
		if s.Err() != nil {
			give(numbered{n + 1, nil, s.Err()})
		}
	}()
	return lines
}

// stream sends a message for each line until the input, or ctx, ends or a line fails. Whatever was read by then is sent.
// It returns the last line that it took.
func stream(ctx context.Context, q *sqs.Queue, in io.Reader, parse lineParser, failed func(line int, err error)) (result sentMany, last int, err error) {
	type pending struct {
		line   int
		ticket *sqs.Ticket[string]
	}
	finish := context.WithoutCancel(ctx) // what was read is sent even after Ctrl-C; a second one ends the process
	sender := sqs.NewSender(q)
	stop := make(chan struct{})
	halt := sync.OnceFunc(func() { close(stop) })
	tickets := make(chan pending, 1000)
	var mu sync.Mutex // for result and failed
	fail := func(line int, err error) {
		mu.Lock()
		defer mu.Unlock()
		result.Failed++
		failed(line, err)
		halt()
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for p := range tickets {
			if err := p.ticket.Wait(finish); err != nil {
				fail(p.line, err)
				continue
			}
			mu.Lock()
			result.Sent++
			mu.Unlock()
		}
	})
	take := func(l numbered) {
		m, err := parse(l.text)
		if err == nil {
			var ticket *sqs.Ticket[string]
			if ticket, err = sender.Enqueue(finish, m); err == nil {
				tickets <- pending{l.n, ticket}
			}
		}
		if last = l.n; err != nil {
			fail(l.n, err)
		}
	}
	err = each(ctx, linesOf(in, stop), stop, take)
	halt()
	close(tickets)
	waiting.Wait()
	return result, last, errors.Join(err, sender.Close(finish))
}

// each calls take with lines until there are no more, or something else ends.
func each(ctx context.Context, lines <-chan numbered, stop <-chan struct{}, take func(numbered)) error {
	for {
		select {
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case l, ok := <-lines:
			if !ok {
				return nil
			}
			if l.err != nil {
				return fmt.Errorf("line %d: %w", l.n, l.err)
			}
			take(l)
		}
	}
}

// open opens the file, or stdin for "" and "-".
func (p *Process) open(file string) (io.ReadCloser, error) {
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &usageError{err.Error(), "name a file that can be read with --file"}
		}
		return f, nil
	}
	if p.Terminal(p.Stdin) {
		fmt.Fprintln(p.Stderr, "bufeo: reading from the terminal; Ctrl-D at the start of a line ends it")
	}
	return io.NopCloser(p.Stdin), nil
}

// readAll is io.ReadAll that Ctrl-C interrupts.
func readAll(ctx context.Context, in io.Reader) (text []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		text, err = io.ReadAll(in)
	}()
	select {
	case <-done:
		return text, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
