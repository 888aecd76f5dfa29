package sqs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Format is how messages stand in a file or stream.
type Format int

const (
	// FormatJSONLines is one Record a line: everything that SQS tells of a message. It is the default.
	FormatJSONLines Format = iota
	// FormatBoto is boto's: decoded bodies and nothing else, each followed by the separator. Loading goes line by line, as
	// boto's load did: a line that is equal to the separator ends a message, other lines belong to one, with their ends. That
	// reads back what was saved only if each body ends with a line end, begins with none and has no line like the separator.
	// boto dropped what follows the last separator; here it is a message, too.
	FormatBoto
	// FormatSeparated is saved like FormatBoto and loaded by splitting at the separator, wherever it is: what was saved
	// comes back if no body contains it.
	FormatSeparated
)

// String returns json, boto or separated.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formatNames) {
		return fmt.Sprintf("Format(%d)", int(f))
	}
	return formatNames[f]
}

var formatNames = [...]string{"json", "boto", "separated"}

// DefaultSeparator stands after each message of the formats of bare bodies, as in boto.
const DefaultSeparator = "\n"

// maxLine bounds a line of JSON: a message of 1 MiB can take six times that when all of it is escaped.
const maxLine = 8 << 20

// form is a format with its separator.
type form struct {
	Format
	separator string
}

func (f form) check() error {
	switch {
	case f.Format < FormatJSONLines || f.Format > FormatSeparated:
		return fmt.Errorf("sqs: there is no %v", f.Format)
	case f.Format != FormatJSONLines && f.separator == "":
		return errors.New("sqs: the separator is empty, want at least one character")
	}
	return nil
}

// appendMessage appends what stands for m. It is a function and no method of form because methods have no type parameters.
func appendMessage[T any](dst []byte, f form, m *MessageOf[T]) ([]byte, error) {
	if f.Format == FormatJSONLines {
		r := RecordOf(m)
		return r.AppendJSON(dst)
	}
	if m.DecodeError != nil {
		return dst, fmt.Errorf("sqs: message %s: %w", m.ID, m.DecodeError)
	}
	switch body := any(m.Body).(type) {
	case string:
		dst = append(dst, body...)
	case []byte:
		dst = append(dst, body...)
	default:
		return dst, fmt.Errorf("sqs: bodies of type %T cannot be saved as bare text: use FormatJSONLines", m.Body)
	}
	return append(dst, f.separator...), nil
}

// piece is what stands for one message.
type piece struct {
	text string
	line int   // its first, from 1 on
	end  int64 // the offset behind it, separator included
}

// pieces splits a stream. It returns io.EOF behind the last.
type pieces struct {
	form
	r    *bufio.Reader
	line int
	read int64
}

func newPieces(f form, r io.Reader) *pieces {
	return &pieces{form: f, r: bufio.NewReaderSize(r, 64<<10)}
}

func (p *pieces) next() (piece, error) {
	switch p.Format {
	case FormatBoto:
		return p.paragraph()
	case FormatSeparated:
		return p.separated()
	}
	for {
		line, err := p.readLine()
		if err != nil {
			return piece{}, err
		}
		if strings.TrimSpace(line) != "" {
			return piece{text: line, line: p.line, end: p.read}, nil
		}
	}
}

// readLine reads a line with its end; the last may have none.
func (p *pieces) readLine() (string, error) {
	var b strings.Builder
	for {
		part, err := p.r.ReadSlice('\n')
		b.Write(part)
		p.read += int64(len(part))
		switch {
		case b.Len() > maxLine:
			return "", fmt.Errorf("line %d is longer than %d MiB", p.line+1, maxLine>>20)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || b.Len() == 0):
			return "", err
		}
		p.line++
		return b.String(), nil
	}
}

func (p *pieces) paragraph() (piece, error) {
	var b strings.Builder
	first := p.line + 1
	for {
		line, err := p.readLine()
		ended := errors.Is(err, io.EOF) && b.Len() > 0
		if err != nil && !ended {
			return piece{}, err
		}
		if ended || line == p.separator {
			return piece{text: b.String(), line: first, end: p.read}, nil
		}
		if b.WriteString(line); b.Len() > maxLine {
			return piece{}, fmt.Errorf("the message that begins in line %d is longer than %d MiB", first, maxLine>>20)
		}
	}
}

func (p *pieces) separated() (piece, error) {
	var b strings.Builder
	first, last := p.line+1, p.separator[len(p.separator)-1]
	for {
		part, err := p.r.ReadSlice(last)
		b.Write(part)
		p.read += int64(len(part))
		switch {
		case b.Len() > maxLine:
			return piece{}, fmt.Errorf("the message that begins in line %d is longer than %d MiB", first, maxLine>>20)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || b.Len() == 0):
			return piece{}, err
		}
		text, ended := strings.CutSuffix(b.String(), p.separator)
		if !ended && err == nil {
			continue
		}
		p.line += strings.Count(b.String(), "\n")
		return piece{text: text, line: first, end: p.read}, nil
	}
}
