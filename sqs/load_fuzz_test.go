package sqs

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzLoad: whatever a file of messages holds, in each format, reading it comes to its end, message by message and line by
// line, or says in which line it cannot go on.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		`{"MessageId":"1","Body":"a","Attributes":{"MessageGroupId":"g"},"MessageAttributes":{"n":{"DataType":"Binary","BinaryValue":"AQID"}}}` + "\n{\"Body\":null}\n",
		"aGVsbG8=\n\n---\nMessage-Id: 1\n\nbody\n---\n", "a---b---", "\r\n\x00\xff", "{\"Body\":\"", "",
	} {
		f.Add([]byte(text), "---", byte(0))
		f.Add([]byte(text), "\n", byte(1))
		f.Add([]byte(text), "", byte(2))
	}
	conn, err := New(WithEndpoint("http://127.0.0.1:1"), WithCredentials("any", "any", ""))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte, separator string, which byte) {
		for _, name := range []string{"q", "q.fifo"} {
			o, err := loadOptions([]func(*LoadOptions){WithLoadFormat([]Format{FormatJSONLines, FormatBoto, FormatSeparated}[which%3], separator)})
			if err != nil {
				return
			}
			l := newLoading(conn.QueueFromURL("http://127.0.0.1:1/000000000000/"+name), o, "id")
			p := newPieces(o.form(), bytes.NewReader(text))
			line, offset := 0, int64(0)
			for {
				batch, err := l.gather(p)
				for _, piece := range batch {
					if piece.line < line || piece.end < offset || piece.end > int64(len(text)) {
						t.Errorf("line %d up to byte %d of %d follows line %d up to %d", piece.line, piece.end, len(text), line, offset)
					}
					line, offset = piece.line, piece.end
				}
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					if e, ok := errors.AsType[*LoadError](err); !ok || e.Line < 1 || e.Line > bytes.Count(text, []byte("\n"))+1 {
						t.Errorf("got %v", err)
					}
					break
				}
			}
		}
	})
}

// FuzzParseRecord: a record that can be read is the same after it was written and read again.
func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(`{"MessageId":"1","Body":"a\u0000\ud800","Attributes":{"MessageGroupId":"g"},"MessageAttributes":{"n":{"DataType":"Binary","BinaryValue":"AQID"}}}`))
	f.Add([]byte(`{"body":"a","Body":"b","x":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseRecord(text)
		if err != nil {
			return
		}
		first.Message()
		line, err := first.AppendJSON(nil)
		if err != nil {
			t.Fatalf("%+v: %v", first, err)
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Errorf("%q is more than a line", line)
		}
		second, err := ParseRecord(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		again, err := second.AppendJSON(nil)
		if err != nil || !bytes.Equal(line, again) {
			t.Errorf("%v\nfirst  %s\nsecond %s", err, line, again)
		}
	})
}

// FuzzJournal: the note of an interrupted load is taken up, or refused, and taken up again as it was.
func FuzzJournal(f *testing.F) {
	f.Add("{\"ID\":\"a\",\"Size\":1,\"Modified\":2}\n{\"Offset\":1,\"Line\":2,\"Done\":[3]}\n{\"Off")
	f.Add("{}\n")
	f.Add("null\nnull\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		name := filepath.Join(dir, "file")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		read := func() (*journal, error) {
			file, err := os.OpenFile(name, os.O_RDWR, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			j := &journal{f: file, done: map[int]bool{}}
			err = j.read()
			j.f = nil
			return j, err
		}
		first, err := read()
		if err != nil {
			return
		}
		if second, err := read(); err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("first  %+v\nsecond %+v, %v", first, second, err)
		}
		if left, err := os.ReadFile(name); err != nil || !strings.HasPrefix(text, string(left)) || len(left) > 0 && left[len(left)-1] != '\n' {
			t.Errorf("%q is left, %v", left, err)
		}
	})
}
