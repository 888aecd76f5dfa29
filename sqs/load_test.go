package sqs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestLoad_splits_text(t *testing.T) {
	for _, c := range []struct {
		format    sqs.Format
		sep, text string
		want      []string
	}{
		// What boto 2.49 did with these (run), but that it dropped what follows the last separator.
		{sqs.FormatBoto, "", "a\n\nb\n\nc", []string{"a\n", "b\n", "c"}},
		{sqs.FormatBoto, "---\n", "a\n---\nb\n---\n", []string{"a\n", "b\n"}},
		{sqs.FormatBoto, "---", "a\n---\nb\n---", []string{"a\n---\nb\n"}},
		{sqs.FormatBoto, "---", "a---b---", []string{"a---b---"}},
		{sqs.FormatBoto, "", "a\r\n\r\nb", []string{"a\r\n\r\nb"}},
		{sqs.FormatBoto, "", "a\nb\n\nc\n", []string{"a\nb\n", "c\n"}},

		{sqs.FormatSeparated, "", "a\nb\nc\n", []string{"a", "b", "c"}},
		{sqs.FormatSeparated, "", "a\nb", []string{"a", "b"}},
		{sqs.FormatSeparated, "--", "a-b--c--", []string{"a-b", "c"}},
		{sqs.FormatSeparated, "-\n-", "a\n--\n-b", []string{"a\n-", "b"}},
		{sqs.FormatSeparated, "x", strings.Repeat("0123456789", 20_000) + "x1", []string{strings.Repeat("0123456789", 20_000), "1"}},

		{sqs.FormatJSONLines, "", "\n{\"Body\":\"YQ==\"}\r\n  \n{\"body\":\"Yg==\",\"ReceiptHandle\":\"x\"}", []string{"a", "b"}},
	} {
		t.Run(fmt.Sprintf("%s %.20q", c.format, c.text), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, err := sqs.NewFromConfig(sqstest.New(t).Config())
				if err != nil {
					t.Fatal(err)
				}
				q := create(t, conn, "q")
				r, err := q.Load(t.Context(), strings.NewReader(c.text), sqs.WithLoadFormat(c.format, c.sep))
				if got := readAll(t, q); err != nil || r.Messages != len(c.want) || r.Offset != int64(len(c.text)) || !slices.Equal(got, c.want) {
					t.Errorf("got %q, %+v, %v", got, r, err)
				}
			})
		})
	}
}

// An input with a mistake is refused by its line. From a file nothing is sent then, from a stream what stands before it.
func TestLoad_names_the_line(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		for text, want := range map[string]string{
			`{"Body":"YQ=="}` + "\n\nno JSON\n":       "sqs: line 3: ",
			`{"Body":"YQ=="}` + "\n{\"MessageId\":1}": "sqs: line 2: ",
			`{"Body":"YQ=="}` + "\n{}\n":              "sqs: line 2: it has no Body",
		} {
			_, err := q.Load(t.Context(), strings.NewReader(text))
			e, ok := errors.AsType[*sqs.LoadError](err)
			if !ok || !strings.HasPrefix(err.Error(), want) || e.Line == 0 {
				t.Errorf("got %v, want %s", err, want)
			}
			if got := readAll(t, q); len(got) != 1 {
				t.Errorf("%s: from a stream %q was sent", text, got)
			}
			name := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := q.LoadFile(t.Context(), name); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			wantEmpty(t, q)
		}
	})
}

// What was sent behind a message that was refused is not sent again once the reason is gone.
func TestLoadFile_is_taken_up_after_a_refusal(t *testing.T) {
	inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q", sqs.WithQueueAttribute("MaximumMessageSize", "1024"))
		var text strings.Builder
		for i := range 25 {
			body := fmt.Sprint("m", i)
			if i == 13 {
				body = strings.Repeat("x", 1025)
			}
			fmt.Fprintf(&text, "{\"Body\":%q}\n", body)
		}
		name := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		raw := sqs.As(q, sqs.RawMessage{})
		for range 2 {
			r, err := raw.LoadFile(t.Context(), name)
			e, ok := errors.AsType[*sqs.LoadError](err)
			if !ok || e.Line != 14 || !errors.Is(err, sqs.ErrInvalidParameterValue) || r.Uncertain != 0 {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		if err := q.SetAttribute(t.Context(), "MaximumMessageSize", "2048"); err != nil {
			t.Fatal(err)
		}
		if r, err := raw.LoadFile(t.Context(), name); r.Messages != 3 || r.Uncertain != 0 || err != nil {
			t.Errorf("got %+v, %v", r, err)
		}
		if got := readAll(t, raw); len(got) != 25 || len(slices.Compact(sorted(got))) != 25 {
			t.Errorf("got %q", got)
		}
		if _, err := os.Stat(name + sqs.LoadingSuffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the note is left over: %v", err)
		}
	})
}

// A request whose answer was lost may have been carried out: a standard queue then has its messages twice and the result
// says how many they can be, a FIFO queue has them once.
func TestLoadFile_is_taken_up_after_a_lost_answer(t *testing.T) {
	for queue, doubled := range map[string]int{"q": 10, "q.fifo": 0} {
		t.Run(queue, func(t *testing.T) {
			inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
				var as []func(*sqs.CreateOptions)
				if queue == "q.fifo" {
					as = append(as, sqs.WithQueueAttribute("FifoQueue", "true"))
				}
				q := create(t, conn, queue, as...)
				var text strings.Builder
				for i := range 35 {
					fmt.Fprintf(&text, "m%d\n", i)
				}
				name := filepath.Join(t.TempDir(), "f")
				if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				load := func(progress func(sqs.LoadResult)) (sqs.LoadResult, error) {
					return q.LoadFile(t.Context(), name, sqs.WithLoadFormat(sqs.FormatSeparated, ""), sqs.WithGroupID("g"),
						func(o *sqs.LoadOptions) { o.Progress = progress })
				}
				first, err := load(func(r sqs.LoadResult) {
					if r.Messages == 10 { // 3 attempts: all of them are carried out
						srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Drop: sqstest.DropAnswer, Times: 1})
						srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Drop: sqstest.DropRequest, Times: 2})
					}
				})
				if first.Messages != 10 || err == nil {
					t.Fatalf("got %+v, %v", first, err)
				}
				second, err := load(nil)
				if second.Messages != 25 || second.Uncertain != 10 || err != nil {
					t.Errorf("got %+v, %v", second, err)
				}
				if got := readAll(t, q); len(got) != 35+doubled || len(slices.Compact(sorted(got))) != 35 {
					t.Errorf("got %d: %q", len(got), got)
				}
			})
		})
	}
}

// A refusal does not say what became of an attempt before it whose answer was lost.
func TestLoadFile_is_taken_up_after_a_lost_answer_and_a_refusal(t *testing.T) {
	inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		for lost, uncertain := range map[sqstest.Drop]int{sqstest.DropAnswer: 10, sqstest.NoDrop: 0} {
			q := create(t, conn, fmt.Sprint("q", uncertain))
			name := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(name, []byte(strings.Repeat("m\n", 15)), 0o600); err != nil {
				t.Fatal(err)
			}
			if lost != sqstest.NoDrop {
				srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Drop: lost, Times: 1})
			}
			srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Error: sqs.ErrAccessDenied, Times: 1})
			r, err := q.LoadFile(t.Context(), name, sqs.WithLoadFormat(sqs.FormatSeparated, ""))
			if !errors.Is(err, sqs.ErrAccessDenied) || errors.Is(err, sqs.ErrMayHaveBeenSent) != (uncertain > 0) {
				t.Fatalf("got %+v, %v", r, err)
			}
			r, err = q.LoadFile(t.Context(), name, sqs.WithLoadFormat(sqs.FormatSeparated, ""))
			if r.Messages != 15 || r.Uncertain != uncertain || err != nil {
				t.Errorf("got %+v, %v, want %d uncertain", r, err, uncertain)
			}
			if got := readAll(t, q); len(got) != 15+uncertain {
				t.Errorf("got %d messages", len(got))
			}
		}
	})
}

func TestLoadFile_refuses_a_changed_file(t *testing.T) {
	inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		name := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(name, []byte("a\nb\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Error: sqs.ErrAccessDenied, Times: 1})
		if _, err := q.LoadFile(t.Context(), name, sqs.WithLoadFormat(sqs.FormatSeparated, "")); !errors.Is(err, sqs.ErrAccessDenied) {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("a\nb\nc\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := q.LoadFile(t.Context(), name, sqs.WithLoadFormat(sqs.FormatSeparated, "")); err == nil || !strings.Contains(err.Error(), "has changed") {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		wantEmpty(t, q)
	})
}

func TestLoad_and_Save_refuse_formats_that_make_no_sense(t *testing.T) {
	conn := connect(t, "http://127.0.0.1:1")
	q := conn.QueueFromURL("http://127.0.0.1:1/000000000000/q")
	if _, err := q.Load(t.Context(), strings.NewReader("a"), sqs.WithLoadFormat(7, "")); err == nil || !strings.Contains(err.Error(), "Format(7)") {
		t.Errorf("got %v", err)
	}
	if _, err := q.Save(t.Context(), &strings.Builder{}, sqs.WithFormat(-1, "")); err == nil {
		t.Error("got no error")
	}
}
